"""The web user interface."""
