"""Train the shipped transformer: a multilingual base, fine-tuned until a text's language no longer decides its rank.

Three kinds of batches are drawn in fixed shares: translations, whose two sides have different languages; questions with
sentences and passages of one language (hybrid batching, arXiv 2408.10536); the same with all languages in one batch.
"""
