"""Statistics: intervals, resampling, significance tests, correlations and unit vectors, each in one place."""
