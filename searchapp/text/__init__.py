"""Text: normalisation, languages and scripts, passages, terms and what a reader sees of them."""
