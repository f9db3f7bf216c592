"""Define the values that the stages pass to each other. All are frozen; computed numbers are properties."""

from searchapp.datatypes.aliases import Filters, FloatArray, Fusion, Mode, Qrels, Run
from searchapp.datatypes.documents import Document, Passage, SparseVector, passage_id
from searchapp.datatypes.languages import UNKNOWN_LANGUAGE, Detection, LanguageSpan
from searchapp.datatypes.progress import Progress, Tell
from searchapp.datatypes.reports import LanguageReport, LanguageShare
from searchapp.datatypes.results import Hit, Move, RankingStep, SearchResult

__all__ = [
    "UNKNOWN_LANGUAGE",
    "Detection",
    "Document",
    "Filters",
    "FloatArray",
    "Fusion",
    "Hit",
    "LanguageReport",
    "LanguageShare",
    "LanguageSpan",
    "Mode",
    "Move",
    "Passage",
    "Progress",
    "Qrels",
    "RankingStep",
    "Run",
    "SearchResult",
    "SparseVector",
    "Tell",
    "passage_id",
]
