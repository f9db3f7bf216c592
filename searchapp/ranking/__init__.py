"""What happens to candidates after retrieval."""
