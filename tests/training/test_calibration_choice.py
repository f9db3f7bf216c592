from __future__ import annotations

import numpy as np
import pytest

from searchapp.encoders.calibration import Calibration
from searchapp.encoders.fake import HashingEncoder
from searchapp.evaluation.tasks.base import RetrievalTask, TaskPassage, TaskQuery
from searchapp.options import Ranking
from searchapp.search.hybrid import FusionSettings
from training.calibration.choosing import NOISE, choose, mean_precision
from training.calibration.recorded import RecordedTask, record

TEXTS = {
    "p0": ("en", "The tea of Assam is strong and malty."),
    "p1": ("en", "A violin has four strings and a bow."),
    "p2": ("de", "Der Assam-Tee ist kräftig und malzig."),
    "p3": ("de", "Eine Geige hat vier Saiten und einen Bogen."),
    "p4": ("en", "Glaciers move slowly down the valley."),
}
ASKED = {
    "q0": ("en", "strong tea of Assam", "p0"),
    "q1": ("de", "vier Saiten", "p3"),
    "q2": ("en", "slow glaciers", "p4"),
}


@pytest.fixture(scope="module")
def recorded() -> RecordedTask:
    task = RetrievalTask(
        name="tiny",
        queries=tuple(TaskQuery(id=qid, text=text, languages=(code,)) for qid, (code, text, _) in ASKED.items()),
        passages=tuple(
            TaskPassage(id=pid, text=text, language=code, document_id=pid) for pid, (code, text) in TEXTS.items()
        ),
        qrels={qid: {gold: 1} for qid, (_, _, gold) in ASKED.items()},
        measures=("mAP",),
    )
    return record(task, HashingEncoder())


def test_the_legs_are_those_of_a_search(recorded: RecordedTask) -> None:
    query = recorded.queries[0]
    cosines = recorded.vectors @ query.vector
    assert query.dense[0].id == recorded.ids[int(cosines.argmax())]
    np.testing.assert_allclose(query.dense[0].score, cosines.max(), atol=1e-5)
    assert query.lexical[0].id in query.golds


def test_without_words_and_feedback_a_search_is_the_dense_leg(recorded: RecordedTask) -> None:
    settings = FusionSettings.of(Ranking(), calibration=Calibration(lexical_weight=0.0, feedback=0.0))
    for query in recorded.queries:
        assert recorded.search(query, settings) == [point.id for point in query.dense]


def test_the_choice_is_below_no_leg_and_its_figures_are_its_own(recorded: RecordedTask) -> None:
    choice = choose([recorded])
    assert choice.loses == ()
    found = mean_precision(recorded, choice.calibration)
    assert found >= max(choice.dense[0], choice.lexical[0]) - NOISE
    assert found > max(outcome.mean for outcome in choice.outcomes) - NOISE
    cosines = np.stack([query.vector for query in recorded.queries]) @ recorded.vectors.T
    wrong = [
        [c for c, id_ in zip(row, recorded.ids, strict=True) if id_ not in q.golds]
        for row, q in zip(cosines, recorded.queries, strict=True)
    ]
    assert choice.calibration.relevant_above == pytest.approx(np.median([max(row) for row in wrong]), abs=1e-4)
    assert choice.calibration.relevant_with_words == pytest.approx(np.median(np.concatenate(wrong)), abs=1e-4)
