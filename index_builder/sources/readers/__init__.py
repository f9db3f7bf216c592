"""One reader per format whose files are documents: text, Markdown, HTML, PDF, Word."""
