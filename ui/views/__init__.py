"""HTML of results and reports: pure functions; everything that comes from outside is escaped."""
