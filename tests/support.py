from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from index_builder import BuildOptions, BuildReport, Reject, build_index
from searchapp.datatypes import Document
from searchapp.encoders.base import Encoder
from searchapp.encoders.fake import HashingEncoder
from searchapp.stores.base import Catalog
from searchapp.stores.edge_catalog import EdgeCatalog
from searchapp.stores.server_catalog import connect

ENGINES = ("edge", "server")
EVERY_ENGINE = [*ENGINES, pytest.param("remote", marks=pytest.mark.server)]
"""Those in this process, and the server of QDRANT_TEST_URL."""

SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "data"

TEXTS = {
    "en": "Green leaves turn sunlight into sugar. The tea plant grows in the hills of Assam.",
    "de": "Grüne Blätter machen aus Sonnenlicht Zucker. Die Teepflanze wächst in den Hügeln von Assam.",
    "es": "Las hojas verdes convierten la luz del sol en azúcar. La planta del té crece en las colinas de Assam.",
    "ar": "تحول الأوراق الخضراء ضوء الشمس إلى سكر. ينمو نبات الشاي في تلال آسام.",
    "zh": "绿叶把阳光变成糖。茶树生长在阿萨姆的山丘上。",
    "th": "ใบไม้สีเขียวเปลี่ยนแสงแดดเป็นน้ำตาล ต้นชาเติบโตบนเนินเขาอัสสัม",
}


class ListSource:
    """Documents in memory with a given digest, so that a test can control when the content changes."""

    def __init__(self, items: Iterable[Document | Reject], digest: str = "one") -> None:
        self.path = "memory"
        self.items = list(items)
        self._digest = digest

    def digest(self) -> str:
        return self._digest

    def fraction(self, items: int) -> float | None:
        return items / max(1, len(self.items))

    def __iter__(self):
        return iter(self.items)


def open_catalog(engine: str, folder: Path) -> Catalog:
    if engine == "remote":
        return connect(os.environ["QDRANT_TEST_URL"], api_key=os.environ.get("QDRANT_API_KEY"))
    return EdgeCatalog(folder) if engine == "edge" else connect(":memory:")


def documents() -> list[Document]:
    return [
        Document(
            id=f"leaf-{code}", text=text, title=f"Leaf {code}", language=code, metadata={"topic": "leaf", "year": row}
        )
        for row, (code, text) in enumerate(TEXTS.items(), start=1990)
    ]


def build(
    home: Path,
    items: Iterable[Document | Reject],
    *,
    digest: str = "one",
    collection: str = "docs",
    encoder: Encoder | None = None,
    catalog: Catalog | None = None,
    **settings: object,
) -> BuildReport:
    return build_index(
        ListSource(items, digest),
        collection,
        options=BuildOptions(**settings),  # type: ignore[arg-type]
        encoder=encoder or HashingEncoder(),
        catalog=catalog or EdgeCatalog(home),
        work=home / "builds",
    )


def everything(home: Path, collection: str = "docs") -> dict[str, tuple[list[float], dict[int, float], str]]:
    store, _ = EdgeCatalog(home).open(collection)
    with store:
        points, offset = store.scroll(limit=10_000, with_vectors=True)
        assert offset is None
        return {
            point.id: (
                [] if point.dense is None else point.dense.tolist(),
                {} if point.sparse is None else dict(zip(point.sparse.indices, point.sparse.values, strict=True)),
                json.dumps(point.payload, sort_keys=True),
            )
            for point in points
        }


def peak_bytes() -> int:
    """Most memory that this process ever had; `ru_maxrss` begins with what its parent had."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) * 1024  # type: ignore[union-attr]


def corpus() -> list[Document]:
    return [
        Document(
            id=f"d{n}", text=f"Passage {n} tells of subject {n % 13} in words. It has two sentences.", language="en"
        )
        for n in range(700)
    ]
