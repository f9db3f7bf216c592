"""Tasks, measures and reports."""
