"""Provide the typed endpoints `/search`, `/languages` and `/collections` for `gradio_client`, plain HTTP and MCP."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

import gradio as gr

from searchapp.errors import InputError, SearchAppError
from ui.answers import CollectionAnswer, LanguageCount, SearchAnswer, collection_answers, language_counts, search_answer
from ui.pool import Pool
from ui.safety import public_text
from ui.schema import read_request

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")
DEBIAS: dict[str, bool | None] = {"default": None, "on": True, "off": False}


def add_api(pool: Pool) -> None:
    """Add the endpoints to the page under construction.

    Args:
        pool: Provides the clients of the collections.
    """

    def search(
        query: str,
        collection: str = "",
        languages: list[str] = [],  # noqa: B006 - the endpoint's documented default; never changed
        mode: str = "hybrid",
        limit: int = 10,
        offset: int = 0,
        balance: float = 0.0,
        per_language: int = 0,
        debias: str = "default",
    ) -> SearchAnswer:
        """Find passages for a query in any language, or in several at once, and report which languages are favoured.

        Args:
            query: Text in one or several languages, up to 10,000 characters.
            collection: Name of the collection; empty for the default one.
            languages: Languages to search (BCP 47 codes such as "de"); empty for all.
            mode: "hybrid", "dense" (meaning) or "lexical" (words).
            limit: Number of hits, 1 to 100.
            offset: Number of hits to skip.
            balance: 0 ranks by relevance alone, 1 gives each language its share of the places.
            per_language: Maximum number of hits in one language; 0 sets no limit.
            debias: "default" (the collection's setting), "on" or "off".
        """

        def found() -> SearchAnswer:
            if not isinstance(debias, str) or debias not in DEBIAS:
                raise InputError(f"debias is {debias!r:.60}, expected one of {', '.join(DEBIAS)}")
            request = read_request(
                {
                    "query": query, "collection": "" if collection is None else collection,
                    "languages": [] if languages is None else languages, "mode": mode,
                    "limit": limit, "offset": offset, "balance": balance, "per_language": per_language,
                    "debias": DEBIAS[debias],
                }
            )  # fmt: skip
            return search_answer(pool, request)

        return answered(found)

    def languages(collection: str = "") -> list[LanguageCount]:
        """List the languages of a collection with their number of passages, largest first.

        Args:
            collection: Name of the collection; empty for the default one.
        """
        return answered(lambda: language_counts(pool, collection))

    def collections() -> list[CollectionAnswer]:
        """List the collections that can be searched."""
        return answered(lambda: collection_answers(pool))

    for endpoint in (search, languages, collections):
        gr.api(endpoint, api_name=endpoint.__name__, queue=False)


def answered(work: Callable[[], Answer]) -> Answer:
    """Run the work of an endpoint and convert any failure to an error with a message for people.

    Args:
        work: Computes the answer; its SearchAppError becomes the message.
    """
    try:
        return work()
    except SearchAppError as error:
        raise gr.Error(public_text(str(error)), print_exception=False) from error
    except Exception as error:
        logger.exception("unexpected error")
        raise gr.Error("something unexpected happened; the details are in the server's log") from error
