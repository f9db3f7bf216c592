from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from searchapp import Ranking
from searchapp.datatypes import Hit, Passage, SearchResult
from searchapp.encoders.fake import HashingEncoder
from searchapp.errors import ConfigurationError, InputError
from searchapp.evaluation.evaluate import encode_task, evaluate_encoder
from searchapp.evaluation.figures import run_of
from searchapp.evaluation.results import MEAN
from searchapp.evaluation.served import Configured, collection_stages, evaluate_run, evaluate_searcher
from searchapp.evaluation.tasks.base import RetrievalTask, TaskPassage, TaskQuery
from searchapp.evaluation.tasks.lareqa import load_lareqa
from searchapp.evaluation.trec import read_run, write_qrels, write_run
from searchapp.search.language_report import language_report


class ExactSearcher:
    """Serves a task by exact search; `key` sets how its hits can be identified."""

    def __init__(self, task: RetrievalTask, *, key: str = "point") -> None:
        self._encoder = HashingEncoder()
        self._task, self._key = task, key
        self._order = sorted(range(len(task.passages)), key=lambda place: task.passages[place].id)
        self._vectors = encode_task(task, self._encoder)[1][self._order]
        self.modes: list[str] = []
        self.rankings: list[Ranking] = []

    def search(
        self,
        query: str,
        *,
        limit: int,
        mode: str = "hybrid",
        ranking: Ranking = Ranking(),  # noqa: B008
    ) -> SearchResult:
        self.modes.append(mode)
        self.rankings.append(ranking)
        scores = self._encoder.encode_queries([query])[0] @ self._vectors.T
        best = np.argsort(-scores, kind="stable")[:limit]
        hits = tuple(
            self._hit(self._task.passages[self._order[place]], float(scores[place]), rank)
            for rank, place in enumerate(best, 1)
        )
        return SearchResult(
            query=query, hits=hits, spans=(), report=language_report([], {}), timings={}, collection="toy", version="v7",
            mode="hybrid",
        )  # fmt: skip

    def _hit(self, passage: TaskPassage, score: float, rank: int) -> Hit:
        point = Passage(document_id=passage.document_id, index=passage.index, text="", start=0, end=0).id
        return Hit(
            id=point if self._key == "point" else f"point {rank}",
            document_id=passage.id if self._key == "document" else "unknown",
            rank=rank, score=score, text=passage.text if self._key == "text" else "other", title="",
            language=passage.language, start=0, end=0,
        )  # fmt: skip


@pytest.fixture
def task(lareqa_folder: Path) -> RetrievalTask:
    return load_lareqa(lareqa_folder, name="toy", languages=("de", "en", "th"))


@pytest.mark.parametrize("key", ["point", "document", "text"])
def test_a_searcher_that_returns_everything_equals_its_encoder(task: RetrievalTask, key: str) -> None:
    exact = evaluate_encoder(task, HashingEncoder())
    served = evaluate_searcher(task, ExactSearcher(task, key=key), name="toy", limit=12, k=12)
    for setting, languages in exact.results.figures.items():
        for language, figures in languages.items():
            for measure, value in figures.items():
                found = served.results.figure(setting, measure, language)
                assert found == pytest.approx(value, abs=1e-6), (setting, language, measure)
    for name in ("rank distance", "LPR"):
        assert served.results.bias[name] == pytest.approx(exact.results.bias[name])
    np.testing.assert_array_equal(served.ranking.gold_ranks, exact.ranking.gold_ranks)
    assert served.results.system.fingerprint == "v7"
    assert served.results.notes[0] == "Figures are of the first 12 hits."


def test_what_is_beyond_the_limit_was_not_found(task: RetrievalTask) -> None:
    served = evaluate_searcher(task, ExactSearcher(task), name="toy", limit=1)
    assert served.results.figure("Mul", "R@20") <= 1 / 3
    # One gold at rank 1 at most, the others count as rank 2.
    assert served.results.bias["rank distance"][MEAN] <= 1
    assert any("lower bound" in note for note in served.results.notes)


def test_hits_outside_the_task_keep_their_rank_and_are_told(task: RetrievalTask) -> None:
    smaller = RetrievalTask(
        name="smaller",
        queries=task.queries[:2],
        passages=tuple(p for p in task.passages if p.language != "th"),
        qrels={
            query.id: {pid: 1 for pid in task.qrels[query.id] if not pid.endswith(".th")} for query in task.queries[:2]
        },
    )
    served = evaluate_searcher(smaller, ExactSearcher(task), name="toy", limit=12)
    assert any("8 of 24 hits are not passages of the task" in note for note in served.results.notes)
    whole = evaluate_searcher(task, ExactSearcher(task), name="toy", limit=12)
    assert served.ranking.gold_ranks[:2].tolist() == whole.ranking.gold_ranks[:2].tolist()


def test_several_hits_of_one_document_count_once(task: RetrievalTask) -> None:
    class Chatty(ExactSearcher):
        def search(self, query: str, *, limit: int, mode: str = "hybrid") -> SearchResult:
            from dataclasses import replace

            result = super().search(query, limit=limit)
            return replace(result, hits=tuple(hit for hit in result.hits for _ in range(2)))

    once = evaluate_searcher(task, ExactSearcher(task, key="document"), name="toy", limit=12)
    twice = evaluate_searcher(task, Chatty(task, key="document"), name="toy", limit=12)
    np.testing.assert_array_equal(once.ranking.gold_ranks, twice.ranking.gold_ranks)


def test_judgements_without_a_corpus_take_the_pool_from_the_hits(task: RetrievalTask) -> None:
    bare = RetrievalTask(
        name="bare",
        queries=task.queries,
        passages=tuple(
            TaskPassage(id=pid, text="") for pid in sorted({pid for golds in task.qrels.values() for pid in golds})
        ),
        qrels=task.qrels,
    )
    found = evaluate_searcher(bare, ExactSearcher(task, key="document"), name="toy", limit=12, k=12)
    whole = evaluate_searcher(task, ExactSearcher(task, key="document"), name="toy", limit=12, k=12)
    assert found.results.task.passage_languages == ("de", "en", "th")
    assert found.results.bias["LPR"] == whole.results.bias["LPR"]
    with pytest.raises(InputError, match="has no corpus"):
        evaluate_encoder(bare, HashingEncoder())


def test_modes_and_stages(task: RetrievalTask) -> None:
    searcher = ExactSearcher(task)
    stages = collection_stages(task, searcher, HashingEncoder(), limit=12)
    assert list(stages) == ["encoder, exact", "dense leg", "lexical leg", "fusion"]
    assert stages["dense leg"] == pytest.approx(stages["encoder, exact"])
    assert set(searcher.modes) == {"dense", "lexical", "hybrid"}
    assert set(searcher.rankings) == {Ranking()}
    chosen = Ranking(fusion="rrf", balance=0.5)
    stages = collection_stages(task, searcher, HashingEncoder(), ranking=chosen, limit=12)
    assert list(stages) == ["encoder, exact", "dense leg", "lexical leg", "fusion", "ranking"]
    assert searcher.rankings[-1] == chosen
    assert set(searcher.rankings) == {Ranking(), Ranking(fusion="rrf"), chosen}
    searcher = ExactSearcher(task)
    stages = collection_stages(task, searcher, HashingEncoder(), ranking=Ranking(debias=True), limit=12)
    assert list(stages) == ["encoder, exact", "dense leg", "debias", "lexical leg", "fusion"]
    assert set(searcher.rankings) == {Ranking(debias=False), Ranking(debias=True)}
    collection_stages(task, searcher, HashingEncoder(), ranking=Ranking(debias=False), limit=12)
    assert searcher.rankings[-1] == Ranking(debias=False), "a collection that debiases by default does not here"
    with pytest.raises(ConfigurationError, match="unknown mode 'sparse'"):
        Configured(searcher, "sparse")


def test_a_run_survives_the_file_and_gives_the_same_figures(task: RetrievalTask, tmp_path: Path) -> None:
    exact = evaluate_encoder(task, HashingEncoder())
    lines = write_run(tmp_path / "x.run", exact)
    write_qrels(tmp_path / "x.qrels", task)
    assert lines == 12 * 12
    run = read_run(tmp_path / "x.run")
    assert list(run["p0s0.de"]) == list(run_of(exact.index, exact.ranking)["p0s0.de"])
    found = evaluate_run(task, run, name="x")
    assert found.results.figure("Mul", "mAP") == pytest.approx(exact.results.figure("Mul", "mAP"), abs=1e-6)
    assert (tmp_path / "x.qrels").read_text().splitlines()[0] == "p0s0.de 0 0.0.0.de 1"


def test_a_run_read_by_ir_measures_gives_the_same_figures(task: RetrievalTask, tmp_path: Path) -> None:
    import ir_measures

    exact = evaluate_encoder(task, HashingEncoder())
    write_run(tmp_path / "x.run", exact)
    write_qrels(tmp_path / "x.qrels", task)
    wanted = [ir_measures.nDCG @ 10, ir_measures.AP, ir_measures.R @ 20]
    found = ir_measures.calc_aggregate(
        wanted,
        ir_measures.read_trec_qrels(str(tmp_path / "x.qrels")),
        ir_measures.read_trec_run(str(tmp_path / "x.run")),
    )
    for measure, name in zip(wanted, ("nDCG@10", "mAP", "R@20"), strict=True):
        assert found[measure] == pytest.approx(exact.results.figure("Mul", name), abs=1e-5)


def test_damaged_runs(task: RetrievalTask, tmp_path: Path) -> None:
    path = tmp_path / "x.run"
    path.write_text("q1 Q0 d1 1\n")
    with pytest.raises(InputError, match=r"x.run:1: 4 cells, expected qid Q0 pid rank score tag"):
        read_run(path)
    path.write_text("q1 Q0 d1 1 high tag\n")
    with pytest.raises(InputError, match="score 'high' is not a number"):
        read_run(path)
    path.write_text("q1 Q0 d1 1 0.5 tag\n")
    with pytest.raises(InputError, match="answers none of the queries"):
        evaluate_run(task, read_run(path), name="x")
    spaced = RetrievalTask(
        name="spaced",
        queries=(TaskQuery(id="q 1", text="a"),),
        passages=(TaskPassage(id="p", text="a"),),
        qrels={"q 1": {"p": 1}},
    )
    with pytest.raises(InputError, match="contains a space"):
        write_qrels(path, spaced)
