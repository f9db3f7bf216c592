from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp.datatypes import Progress
from searchapp.errors import EncoderError
from searchapp.evaluation import scorer
from searchapp.evaluation.indexing import TaskIndex
from searchapp.evaluation.scorer import Ranking, rank_pool
from searchapp.evaluation.tasks.base import RetrievalTask, TaskPassage, TaskQuery

LANGUAGES = ("de", "en", "th")


def make_task(random: np.random.Generator, *, queries: int, passages: int, exclude: bool = False) -> RetrievalTask:
    pool = tuple(
        TaskPassage(id=f"p{random.integers(10**9)}-{number}", text="", language=str(random.choice(LANGUAGES)))
        for number in range(passages)
    )
    asked = tuple(TaskQuery(id=f"q{number}", text="", languages=("de",)) for number in range(queries))
    qrels = {
        query.id: {pool[place].id: int(random.integers(1, 3)) for place in random.choice(passages, 3, replace=False)}
        for query in asked
    }
    excluded = {"q0": frozenset({next(p.id for p in pool if p.id not in qrels["q0"])})} if exclude else {}
    return RetrievalTask(name="random", queries=asked, passages=pool, qrels=qrels, excluded=excluded)


def brute_force(task: RetrievalTask, scores: np.ndarray) -> tuple[dict, dict, list]:
    """Sort everything: return ranks of golds in the pool and in their language, and the order of pids."""
    ranks, in_language, orders = {}, {}, []
    for row, query in enumerate(task.queries):
        kept = [place for place, p in enumerate(task.passages) if p.id not in task.excluded.get(query.id, ())]
        order = sorted(kept, key=lambda place: (-scores[row, place], task.passages[place].id))
        orders.append([task.passages[place].id for place in order])
        for pid in task.qrels[query.id]:
            language = next(p.language for p in task.passages if p.id == pid)
            same = [place for place in order if task.passages[place].language == language]
            ranks[query.id, pid] = orders[-1].index(pid) + 1
            in_language[query.id, pid] = [task.passages[place].id for place in same].index(pid) + 1
    return ranks, in_language, orders


def golds_of(index: TaskIndex, ranking: Ranking) -> tuple[dict, dict]:
    keys = [
        (index.task.queries[row].id, index.task.passages[index.columns[column]].id)
        for row, column in zip(index.golds.query, index.golds.column, strict=True)
    ]
    return (
        dict(zip(keys, ranking.gold_ranks.astype(int).tolist(), strict=True)),
        dict(zip(keys, ranking.gold_ranks_in_language.astype(int).tolist(), strict=True)),
    )


def top_of(index: TaskIndex, ranking: Ranking) -> list[list[str]]:
    return [[index.task.passages[index.columns[column]].id for column in row] for row in ranking.top]


@pytest.mark.parametrize("depth", [1, 7, 40, 500])
@pytest.mark.parametrize("coarse", [True, False], ids=["with ties", "without ties"])
def test_blocks_equal_brute_force(depth: int, coarse: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scorer, "BLOCK_SCORES", 150)  # several blocks, the last one not full
    random = np.random.default_rng(depth)
    task = make_task(random, queries=17, passages=40, exclude=True)
    # Whole numbers: sums are exact, and equal scores are frequent.
    queries, passages = (
        (random.integers(-1, 2, size=(count, 4)) if coarse else random.standard_normal((count, 4))).astype(np.float32)
        for count in (17, 40)
    )
    index = TaskIndex.of(task)
    ranking = rank_pool(index, queries, passages, depth=depth)
    ranks, in_language, orders = brute_force(task, queries @ passages.T)
    assert golds_of(index, ranking) == (ranks, in_language)
    expected = [order[:depth] for order in orders]
    found = top_of(index, ranking)
    found[0] = found[0][: len(expected[0])]  # the excluded passage comes last, with minus infinity
    assert found == expected
    assert ranking.depth == min(depth, 40)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), order=st.randoms(use_true_random=False))
def test_the_order_of_passages_and_queries_does_not_matter(seed: int, order: object) -> None:
    random = np.random.default_rng(seed)
    task = make_task(random, queries=5, passages=20)
    queries = random.integers(-1, 2, size=(5, 3)).astype(np.float32)
    passages = random.integers(-1, 2, size=(20, 3)).astype(np.float32)
    index = TaskIndex.of(task)
    expected = rank_pool(index, queries, passages, depth=6)

    rows, columns = list(range(5)), list(range(20))
    order.shuffle(rows)  # type: ignore[attr-defined]
    order.shuffle(columns)  # type: ignore[attr-defined]
    shuffled = RetrievalTask(
        name="shuffled",
        queries=tuple(task.queries[row] for row in rows),
        passages=tuple(task.passages[column] for column in columns),
        qrels=task.qrels,
    )
    other = TaskIndex.of(shuffled)
    found = rank_pool(other, queries[rows], passages[columns], depth=6)
    assert golds_of(other, found) == golds_of(index, expected)
    tops = dict(zip((query.id for query in shuffled.queries), top_of(other, found), strict=True))
    assert tops == dict(zip((query.id for query in task.queries), top_of(index, expected), strict=True))
    assert shuffled.digest == task.digest


def test_top_languages_follow_the_hits() -> None:
    random = np.random.default_rng(1)
    task = make_task(random, queries=3, passages=12)
    index = TaskIndex.of(task)
    ranking = rank_pool(
        index, random.standard_normal((3, 4), dtype=np.float32), random.standard_normal((12, 4), dtype=np.float32)
    )
    languages = [[index.task.passages[index.columns[column]].language for column in row] for row in ranking.top]
    assert [[index.languages[code] for code in row] for row in ranking.top_languages] == languages
    assert (np.diff(ranking.top_scores, axis=1) <= 0).all()


def test_wrong_shapes_and_not_a_number_are_refused() -> None:
    task = make_task(np.random.default_rng(0), queries=2, passages=5)
    index = TaskIndex.of(task)
    good = np.ones((2, 3), dtype=np.float32), np.ones((5, 3), dtype=np.float32)
    with pytest.raises(EncoderError, match=r"queries: embeddings of shape \(1, 3\), expected \(2, dimension\)"):
        rank_pool(index, good[0][:1], good[1])
    with pytest.raises(EncoderError, match="queries have 2 dimensions, passages 3"):
        rank_pool(index, good[0][:, :2], good[1])
    broken = good[1].copy()
    broken[3, 1] = np.nan
    with pytest.raises(EncoderError, match="passages: embedding number 3 contains NaN"):
        rank_pool(index, good[0], broken)


def test_progress_ends_at_the_number_of_queries() -> None:
    task = make_task(np.random.default_rng(0), queries=4, passages=5)
    told: list[Progress] = []
    rank_pool(
        TaskIndex.of(task),
        np.ones((4, 2), dtype=np.float32),
        np.ones((5, 2), dtype=np.float32),
        progress=told.append,
    )
    assert told[-1] == Progress("ranking", 1.0, {"queries": 4})
