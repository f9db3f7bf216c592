from __future__ import annotations

import numpy as np
import pytest

from searchapp.encoders.fake import HashingEncoder
from searchapp.errors import MissingExtraError
from searchapp.evaluation.evaluate import evaluate_encoder
from searchapp.evaluation.mteb_adapter import MtebEncoder
from searchapp.evaluation.mteb_results import mteb_result


def test_without_mteb_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "mteb.models.model_meta", None)
    with pytest.raises(MissingExtraError, match=r"searchapp\[mteb\]"):
        MtebEncoder(HashingEncoder())


def test_an_encoder_runs_under_mteb_on_a_local_task() -> None:
    mteb = pytest.importorskip("mteb")
    from mteb.mocks import MockRetrievalTask, MockSTSTask

    tasks = [MockRetrievalTask(), MockSTSTask()]
    encoder = MtebEncoder(HashingEncoder())
    results = mteb.evaluate(encoder, tasks, cache=None, co2_tracker=False, show_progress_bar=False)
    assert [result.task_name for result in results.task_results] == [task.metadata.name for task in tasks]
    for result in results.task_results:
        assert np.isfinite(result.get_score())
    assert encoder.mteb_model_meta.revision == HashingEncoder().fingerprint


def test_documents_and_queries_take_their_own_side() -> None:
    pytest.importorskip("mteb")
    from mteb.types import PromptType

    class Sides(HashingEncoder):
        def encode_passages(self, texts, *, contexts=None):
            return -super().encode_passages(texts)

    batches = [{"text": ["tea", "planes"]}, {"text": ["soup"]}]
    encode = MtebEncoder(Sides()).encode
    options = {"task_metadata": None, "hf_split": "test", "hf_subset": "default"}
    queries = encode(batches, prompt_type=PromptType.query, **options)
    assert queries.shape == (3, 256)
    np.testing.assert_allclose(encode(batches, prompt_type=PromptType.document, **options), -queries)
    np.testing.assert_allclose(encode(batches, **options), queries)
    assert encode([], **options).shape == (0, 256)


def test_similarities() -> None:
    pytest.importorskip("mteb")
    adapter = MtebEncoder(HashingEncoder())
    first, second = np.eye(2, 3), np.array([[1.0, 0, 0], [0, 0, 1]])
    np.testing.assert_allclose(adapter.similarity(first, second), [[1, 0], [0, 0]])
    np.testing.assert_allclose(adapter.similarity_pairwise(first, second), [1, 0])


def test_the_result_file_is_one_that_mteb_reads(parallel_task, perfect) -> None:
    mteb_results = pytest.importorskip("mteb.results")
    results = evaluate_encoder(parallel_task(3, languages=("de", "en"), fillers=2), perfect).results
    raw = mteb_result(results)
    read = mteb_results.TaskResult.model_validate(raw)
    assert read.task_name == "toy"
    german = next(scores for scores in raw["scores"]["test"] if scores["hf_subset"] == "de")
    assert german["main_score"] == german["map"] == pytest.approx(1.0)
    assert german["languages"] == ["deu-Latn"]
    assert german["recall_at_20"] == 1.0
    assert german["rank_distance"] == 1.0
