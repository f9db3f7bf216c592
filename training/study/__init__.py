"""Compare batch strategies for multilingual retrieval at several model sizes, with one resumable command."""
