from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from index_builder import build_index
from searchapp.datatypes import Document, FloatArray
from searchapp.encoders.fake import HashingEncoder


class Recording(HashingEncoder):
    """Reads only the text, like a transformer without contexts, and records what it encoded."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def reads(self, text: str, context: str) -> str:
        return text

    def encode_passages(self, texts: Sequence[str], *, contexts: Sequence[str] | None = None) -> FloatArray:
        self.texts += texts
        return super().encode_passages(texts)


def build(home: Path, encoder: HashingEncoder, *documents: Document) -> int:
    return build_index(documents, "docs", encoder=encoder, home=home).reused


def test_a_changed_title_or_metadata_costs_no_encoding(tmp_path: Path) -> None:
    encoder = Recording()
    build(tmp_path, encoder, Document("a", "Assam grows tea.", title="Tea"), Document("b", "Bees dance."))
    encoder.texts.clear()
    changed = Document("a", "Assam grows tea.", title="Assam", metadata={"year": 1990})
    assert build(tmp_path, encoder, changed, Document("b", "Bees waggle.")) == 1
    assert encoder.texts == ["Bees waggle."]


def test_an_encoder_that_reads_contexts_reads_a_new_title(tmp_path: Path) -> None:
    encoder = HashingEncoder()
    build(tmp_path, encoder, Document("a", "Assam grows tea.", title="Tea"))
    assert build(tmp_path, encoder, Document("a", "Assam grows tea.", title="Assam")) == 0
    assert build(tmp_path, encoder, Document("a", "Assam grows tea.", title="Assam", metadata={"n": 1})) == 1


def test_equal_passages_are_encoded_once(tmp_path: Path) -> None:
    encoder = Recording()
    build(tmp_path, encoder, *(Document(str(n), "The same sentence.") for n in range(5)))
    assert encoder.texts == ["The same sentence."]
