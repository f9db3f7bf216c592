"""Train the static encoder that ships: multilingual token vectors, learned on two cores from open data.

Readers, tokenizer training and recipe reading are those of the other trainings. Batches, model and optimiser are its own:
they hold token ids instead of texts, so that a step of 2,048 pairs tokenises nothing and moves only its tokens.
"""
