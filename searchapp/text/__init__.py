"""Process text: normalisation, languages and scripts, passages, terms, and excerpts for display."""
