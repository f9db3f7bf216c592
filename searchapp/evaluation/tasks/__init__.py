"""Retrieval tasks: where queries, passages and qrels come from."""
