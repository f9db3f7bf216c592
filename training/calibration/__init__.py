"""Chooses what suits an encoder in a search, on text that no shipped encoder was trained on."""
