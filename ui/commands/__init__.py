"""The commands that serve the page."""
