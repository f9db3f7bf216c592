"""One configuration file -> one run directory with a model in it."""
