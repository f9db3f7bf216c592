"""Check the arguments that callers pass to a client before anything is searched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from searchapp.datatypes import Mode
from searchapp.errors import InputError, shown
from searchapp.options import Ranking
from searchapp.text.languages import parse_language
from searchapp.text.normalise import normalize

MAX_QUERY_CHARACTERS = 10_000
MAX_LIMIT = 1_000


def check_queries(queries: object) -> list[str]:
    """Check a batch of queries and normalise them.

    Args:
        queries: The caller's list of queries.

    Raises:
        InputError: The argument is not a list, or one of its queries cannot be searched.
    """
    if not isinstance(queries, Sequence) or isinstance(queries, (str, bytes)):
        raise InputError(f"search_batch takes a list of queries, got {shown(queries)}; for one query there is search")
    return [check_query(query) for query in queries]


def check_query(query: object) -> str:
    """Check one query and normalise it.

    Args:
        query: The caller's query.

    Raises:
        InputError: The query is not text, empty, or too long.
    """
    if not isinstance(query, str):
        raise InputError(f"a query must be text, got {shown(query)}")
    _check_length(query, 4 * MAX_QUERY_CHARACTERS)  # normalising composes at most four characters into one
    text = normalize(query).strip()
    if not text:
        raise InputError("the query is empty; type at least one word")
    _check_length(text, MAX_QUERY_CHARACTERS)
    return text


def check_arguments(*, limit: object, offset: object, mode: object, ranking: object) -> None:
    """Check the arguments of a search other than its query.

    Args:
        limit: Number of hits.
        offset: Number of hits to skip.
        mode: Legs to search.
        ranking: Options for ranking the candidates.

    Raises:
        InputError: A value is of the wrong type or out of range.
    """
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MAX_LIMIT:
        raise InputError(f"limit is {shown(limit)}, expected a whole number from 1 to {MAX_LIMIT:,}")
    if isinstance(offset, bool) or not isinstance(offset, int) or not 0 <= offset <= MAX_LIMIT:
        raise InputError(f"offset is {shown(offset)}, expected a whole number from 0 to {MAX_LIMIT:,}")
    if not isinstance(mode, str) or mode not in get_args(Mode):
        raise InputError(f"mode is {shown(mode)}, expected one of {', '.join(get_args(Mode))}")
    if not isinstance(ranking, Ranking):
        raise InputError(f"ranking is {shown(ranking)}, expected a Ranking such as Ranking(balance=0.5)")


def check_translations(translations: object) -> dict[str, str]:
    """Check the translations of a question and convert their languages to codes.

    Args:
        translations: The caller's mapping of language to text, or None.

    Raises:
        InputError: The argument is not a mapping of languages to texts.
    """
    if translations is None:
        return {}
    if not isinstance(translations, Mapping):
        raise InputError(f"translations must map languages to texts, got {shown(translations)}")
    found = {}
    for language, text in translations.items():
        if not isinstance(text, str) or not text.strip():
            raise InputError(f"the translation into {shown(language)} is {shown(text)}; expected the question in it")
        found[_code(language)] = text
    return found


def check_targets(targets: object) -> list[str]:
    """Check the target languages of a translation and convert them to codes; an empty list for None.

    Args:
        targets: The caller's list of languages, or None.

    Raises:
        InputError: The argument is not a list of languages.
    """
    if targets is None:
        return []
    if not isinstance(targets, Sequence) or isinstance(targets, (str, bytes)):
        raise InputError(f"targets must be a list of languages such as ['de', 'fr'], got {shown(targets)}")
    return [_code(language) for language in targets]


def _code(language: object) -> str:
    if not isinstance(language, str):
        raise InputError(f"a language is {shown(language)}, expected a code such as 'de'")
    return parse_language(language)


def _check_length(text: str, most: int) -> None:
    if len(text) > most:
        raise InputError(f"the query has {len(text):,} characters, at most {MAX_QUERY_CHARACTERS:,} are allowed")
