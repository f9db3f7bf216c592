"""Test programs that embed the client, with a real index in a temporary folder and an encoder that needs no model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from searchapp.client import SearchClient
from searchapp.datatypes import Document
from searchapp.encoders.base import Encoder
from searchapp.encoders.fake import HashingEncoder
from searchapp.stores.base import Point, StoreSpec
from searchapp.stores.edge_catalog import EdgeCatalog
from searchapp.stores.manifest import Manifest
from searchapp.stores.payload import Payload
from searchapp.text.bm25 import LexicalEncoder
from searchapp.text.detection import FastDetector
from searchapp.text.passages import PassageCutter

__all__ = ["HashingEncoder", "temporary_client"]


@contextmanager
def temporary_client(documents: Iterable[Document | str], *, encoder: Encoder | None = None) -> Iterator[SearchClient]:
    """Index documents in a temporary folder and lend a client that searches them; the folder is deleted afterwards.

    Args:
        documents: Documents, or bare texts whose ids are their positions: "0", "1", ….
        encoder: Encoder; default: a HashingEncoder, which matches shared words but not meaning.

    Example:
        >>> with temporary_client(["Tea grows in Assam.", "Kaffee wächst in Äthiopien."]) as client:
        ...     client.search("tea").hits[0].document_id
        '0'
    """
    used = encoder or HashingEncoder()
    lexical = LexicalEncoder()
    found = [
        item if isinstance(item, Document) else Document(id=str(place), text=item)
        for place, item in enumerate(documents)
    ]
    passages = [passage for cut in PassageCutter(FastDetector()).cut_batch(found) for passage in cut]
    texts = [passage.text for passage in passages]
    dense = used.encode_passages(texts, contexts=[passage.context for passage in passages])
    titles = [passage.title for passage in passages]
    sparse = lexical.encode_passages(texts, [passage.language for passage in passages], titles)
    languages: dict[str, int] = {}
    for passage in passages:
        languages[passage.language] = languages.get(passage.language, 0) + 1
    with TemporaryDirectory(prefix="searchapp-") as folder:
        catalog = EdgeCatalog(Path(folder))
        with catalog.create("test", "v1", StoreSpec(dimension=used.dimension)) as store:
            store.upsert(
                [
                    Point(id=passage.id, dense=vector, sparse=terms, payload=Payload.of(passage).stored())
                    for passage, vector, terms in zip(passages, dense, sparse, strict=True)
                ]
            )
            store.optimize()
            store.flush()
        manifest = Manifest(
            collection="test",
            version="v1",
            encoder=used.name,
            fingerprint=used.fingerprint,
            dimension=used.dimension,
            points=len(passages),
            languages=languages,
            lexical=lexical.configuration,
        )
        catalog.complete("test", "v1", manifest)
        catalog.activate("test", "v1")
        with SearchClient("test", catalog=catalog, encoder=used) as client:
            yield client
