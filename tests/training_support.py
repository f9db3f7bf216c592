from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer

WORDS = {
    "en": [
        "house",
        "river",
        "bread",
        "horse",
        "moon",
        "garden",
        "window",
        "winter",
        "teacher",
        "bridge",
        "stone",
        "forest",
        "paper",
        "doctor",
        "island",
        "mountain",
    ],
    "de": [
        "Haus",
        "Fluss",
        "Brot",
        "Pferd",
        "Mond",
        "Garten",
        "Fenster",
        "Winter",
        "Lehrer",
        "Brücke",
        "Stein",
        "Wald",
        "Papier",
        "Arzt",
        "Insel",
        "Berg",
    ],
    "es": [
        "casa",
        "río",
        "pan",
        "caballo",
        "luna",
        "jardín",
        "ventana",
        "invierno",
        "maestro",
        "puente",
        "piedra",
        "bosque",
        "papel",
        "médico",
        "isla",
        "montaña",
    ],
}


def static_model(tokenizer: Tokenizer, dimension: int = 16, seed: int = 0):
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    torch.manual_seed(seed)
    vectors = torch.randn(tokenizer.get_vocab_size(), dimension)
    return SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=vectors)], device="cpu")


def write(folder: Path, translations: Path, extra: str = "", **changes: str) -> Path:
    """Create a small configuration: parts of the tiny translations, a static encoder."""
    values = {
        "steps": "24", "every": "8", "size": "16", "rate": "0.05", "strategy": "hybrid", "share": "0.15", "loss": "",
        "format": "parts", "model": "vocabulary = 300\ndimension = 16", "guard": "", "optimizer": "",
    } | changes  # fmt: skip
    path = folder / "train.toml"
    path.write_text(
        f"""
[data]
{values["guard"]}
[[data.sources]]
path = "{translations}"
format = "{values["format"]}"
cross_lingual = true
licence = "CC0"
[model]
{values["model"]}
[batch]
size = {values["size"]}
strategy = "{values["strategy"]}"
[loss]
{values["loss"]}
[optimizer]
rate = {values["rate"]}
steps = {values["steps"]}
device = "cpu"
{values["optimizer"]}
[validation]
share = {values["share"]}
queries = 60
every = {values["every"]}
{extra}
"""
    )
    return path
