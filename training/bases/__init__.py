"""Multilingual models to start from, where no model hub can be reached, and their vocabularies cut to what is needed."""
