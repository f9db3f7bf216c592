from __future__ import annotations

from collections.abc import Iterator

import pytest

from searchapp.client import SearchClient
from searchapp.datatypes import Document
from searchapp.testing import temporary_client

TEXTS = {
    "en": "The tea plant grows in the hills.",
    "de": "Die Teepflanze wächst in den Hügeln.",
    "fr": "Le thé pousse.",
}


@pytest.fixture(scope="session")
def client() -> Iterator[SearchClient]:
    documents = [
        Document(f"tea-{code}", text, title="Tea", language=code, metadata={"topic": "tea"})
        for code, text in TEXTS.items()
    ]
    with temporary_client(documents) as found:
        yield found
