"""Sources to versioned indexes."""
