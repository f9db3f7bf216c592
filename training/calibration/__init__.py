"""Choose the search settings that suit an encoder, on text that no shipped encoder was trained on."""
