from __future__ import annotations

from tokenizers import Tokenizer


def static_model(tokenizer: Tokenizer, dimension: int = 16, seed: int = 0):
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    torch.manual_seed(seed)
    vectors = torch.randn(tokenizer.get_vocab_size(), dimension)
    return SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=vectors)], device="cpu")
