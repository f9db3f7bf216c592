"""Create the two states of the attacked collection and their expected content."""

from __future__ import annotations

from pathlib import Path

from index_builder import BuildOptions, BuildReport, build_index
from searchapp.datatypes import Document
from searchapp.encoders.fake import HashingEncoder
from searchapp.stores.edge_catalog import EdgeCatalog

COLLECTION = "docs"
LANGUAGES = ("de", "en", "fr")


def documents(state: str) -> list[Document]:
    """Create the documents of a state, `one` or `two`; some are in both, some differ, some are only in one of them."""
    first, last = (0, 240) if state == "one" else (120, 400)
    return [
        Document(
            id=f"d{n}",
            text=f"Passage {n} tells of subject {n % 13}. "
            + (f"In state {state} it has a second sentence, too." if n % 3 else "It is the same in both."),
            title=f"Title {n}",
            language=LANGUAGES[n % 3],
            metadata={"number": n, "state": state if n % 3 else "both"},
        )
        for n in range(first, last)
    ]


def build(home: Path, state: str, *, collection: str = COLLECTION, keep: int = 2) -> BuildReport:
    """Build the collection in a state."""
    return build_index(
        documents(state),
        collection,
        options=BuildOptions(batch=24, keep=keep, index_fields={"number": "integer"}),
        encoder=HashingEncoder(),
        home=home,
    )


def content(home: Path, version: str | None = None, *, collection: str = COLLECTION) -> dict[str, tuple[str, bytes]]:
    """Read every point of a version: id -> text and vector."""
    store, _ = EdgeCatalog(home).open(collection, version)
    with store:
        found, offset = store.scroll(limit=10_000, with_vectors=True)
        if offset is not None:
            raise AssertionError("there is a second page")
        return {
            point.id: (str(point.payload), b"" if point.dense is None else point.dense.tobytes()) for point in found
        }
