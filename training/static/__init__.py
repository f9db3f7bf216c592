"""Train the shipped static encoder: multilingual token vectors, learned on two cores from open data.

Reading data, training the tokenizer and reading recipes are shared with the other trainings. Batches, model and optimiser are
its own: they contain token ids instead of texts, so that a step of 2,048 pairs tokenises nothing and updates only its tokens.
"""
