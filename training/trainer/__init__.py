"""Train a model from one configuration file into one run directory."""
