"""Statistics: intervals, correlations and unit vectors, each in one place."""
