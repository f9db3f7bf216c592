"""Read and create retrieval tasks: queries, passages and qrels."""
