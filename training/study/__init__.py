"""Which batch strategy serves multilingual retrieval best at which size: one command, resumable."""
