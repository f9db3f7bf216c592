"""Multilingual semantic search whose language bias is visible, measured and correctable."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from searchapp.client import SearchClient
from searchapp.datatypes import (
    Document,
    Hit,
    LanguageReport,
    LanguageShare,
    LanguageSpan,
    Move,
    Passage,
    RankingStep,
    SearchResult,
)
from searchapp.encoders.base import Encoder
from searchapp.errors import (
    BuildError,
    BuildInProgressError,
    CollectionNotFoundError,
    ConfigurationError,
    EncoderError,
    EncoderMismatchError,
    InputError,
    MissingExtraError,
    SearchAppError,
    StorageFullError,
    StoreError,
    StoreLockedError,
    WriterError,
)
from searchapp.expansion.base import QueryWriter
from searchapp.options import Ranking
from searchapp.ranking.rerank import Reranker
from searchapp.search.probe import ProbeResult, ProbeVariant

if TYPE_CHECKING:
    from searchapp.async_client import AsyncSearchClient
    from searchapp.expansion.openai_compatible import OpenAICompatibleWriter
    from searchapp.text.snippets import Snippet, snippet

_LATE = {
    "AsyncSearchClient": "searchapp.async_client",
    "OpenAICompatibleWriter": "searchapp.expansion.openai_compatible",
    "Snippet": "searchapp.text.snippets",
    "snippet": "searchapp.text.snippets",
}
"""Names whose modules are imported on first access: asyncio alone takes a fifth of the import time."""

__all__ = [
    "AsyncSearchClient",
    "BuildError",
    "BuildInProgressError",
    "CollectionNotFoundError",
    "ConfigurationError",
    "Document",
    "Encoder",
    "EncoderError",
    "EncoderMismatchError",
    "Hit",
    "InputError",
    "LanguageReport",
    "LanguageShare",
    "LanguageSpan",
    "MissingExtraError",
    "Move",
    "OpenAICompatibleWriter",
    "Passage",
    "ProbeResult",
    "ProbeVariant",
    "QueryWriter",
    "Ranking",
    "RankingStep",
    "Reranker",
    "SearchAppError",
    "SearchClient",
    "SearchResult",
    "Snippet",
    "StorageFullError",
    "StoreError",
    "StoreLockedError",
    "WriterError",
    "snippet",
]


def __getattr__(name: str) -> Any:
    """Import a name that few programs need."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(_LATE[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Name everything that can be imported from here."""
    return sorted({*globals(), *_LATE})
