"""The commands that build and change collections."""
