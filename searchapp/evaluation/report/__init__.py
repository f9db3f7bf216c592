"""Reports of evaluations: one set of tables, shown in the terminal, as Markdown and as a web page."""
