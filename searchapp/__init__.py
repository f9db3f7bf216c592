"""Multilingual semantic search whose language bias is visible, measured and correctable."""

from searchapp.async_client import AsyncSearchClient
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
from searchapp.expansion.openai_compatible import OpenAICompatibleWriter
from searchapp.options import Ranking
from searchapp.ranking.rerank import Reranker
from searchapp.search.probe import ProbeResult, ProbeVariant
from searchapp.text.snippets import Snippet, snippet

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
