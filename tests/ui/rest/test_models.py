"""The routes for programs that know OpenAI's, Cohere's or Jina's protocol, and the counts for Prometheus."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openai
import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from searchapp.client import SearchClient
from searchapp.testing import temporary_client
from ui.app import PageOptions
from ui.metrics import MOST_COLLECTIONS, Metrics
from ui.serving import launch, web_app

TEXTS = ["Grüne Blätter machen aus Licht Zucker.", "A robot arm welds car doors.", "أوراق خضراء"]


@pytest.fixture(scope="module")
def client() -> Iterator[SearchClient]:
    with temporary_client(TEXTS) as found:
        yield found


@pytest.fixture
def http(client: SearchClient) -> Iterator[TestClient]:
    with TestClient(web_app(client), base_url="http://localhost") as found:
        yield found


def test_openais_own_client_gets_the_embeddings_of_the_encoder(client: SearchClient) -> None:
    served = launch(client, host="127.0.0.1", port=0, block=False)
    try:
        with openai.OpenAI(base_url=f"{served.address}/v1", api_key="none", max_retries=0) as ai:
            several = ai.embeddings.create(model="test", input=TEXTS)  # this client asks for base64 by itself
            one = ai.embeddings.create(model="default", input=TEXTS[1], encoding_format="float")
            with pytest.raises(openai.NotFoundError, match="text-embedding-3-small"):
                ai.embeddings.create(model="text-embedding-3-small", input="tea")
            with pytest.raises(openai.UnprocessableEntityError, match="input"):
                ai.embeddings.create(model="test", input=[[1, 2, 3]])
    finally:
        served.close()
    expected = client.encoder.encode_passages(TEXTS)
    got = np.array([item.embedding for item in several.data], dtype=np.float32)
    np.testing.assert_array_equal(got, expected)
    assert [item.index for item in several.data] == [0, 1, 2]
    np.testing.assert_allclose(one.data[0].embedding, expected[1], atol=1e-7)
    assert several.model == "fake"
    assert several.usage.total_tokens == several.usage.prompt_tokens > one.usage.prompt_tokens > 0


def test_base64_is_little_endian_floats_and_queries_are_embedded_as_such(
    client: SearchClient, http: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"input": TEXTS[0], "encoding_format": "base64"}
    coded = http.post("/v1/embeddings", json=body).json()["data"][0]["embedding"]
    np.testing.assert_array_equal(
        np.frombuffer(base64.b64decode(coded), dtype="<f4"), client.encoder.encode_passages(TEXTS[:1])[0]
    )
    monkeypatch.setattr(
        type(client.encoder), "encode_queries", lambda self, texts: np.full((len(texts), 2), 0.5, dtype=np.float32)
    )
    asked = http.post("/v1/embeddings", json={"input": ["tea", "te"], "input_type": "query"}).json()
    assert [item["embedding"] for item in asked["data"]] == [[0.5, 0.5]] * 2


def test_rerank_orders_by_cosine_without_a_cross_encoder(client: SearchClient, http: TestClient) -> None:
    body = {"query": "robot arm", "documents": [TEXTS[0], {"text": TEXTS[1]}, TEXTS[2]], "top_n": 2}
    answer = http.post("/v1/rerank", json={**body, "return_documents": True}).json()
    assert (answer["scored_by"], answer["model"]) == ("cosine", "fake")
    assert answer["results"][0]["index"] == 1
    assert answer["results"][0]["document"] == {"text": TEXTS[1]}
    assert len(answer["results"]) == 2
    cosine = float(client.encoder.encode_passages([TEXTS[1]])[0] @ client.encoder.encode_queries(["robot arm"])[0])
    assert answer["results"][0]["relevance_score"] == pytest.approx(cosine, abs=1e-6)
    assert "document" not in http.post("/v1/rerank", json=body).json()["results"][0]


def test_rerank_asks_the_cross_encoder_where_there_is_one() -> None:
    class Longest:
        name = "longest"

        def score(self, query: str, texts: Sequence[str]) -> list[float]:
            return [float(len(text)) for text in texts]

    with temporary_client(TEXTS) as client:
        client._reranker = Longest()  # temporary_client takes none
        with TestClient(web_app(client), base_url="http://localhost") as http:
            answer = http.post("/v1/rerank", json={"query": "q", "documents": ["a", "abc", "ab"]}).json()
    assert answer["scored_by"] == "cross-encoder"
    assert answer["model"] == "longest"
    assert [(item["index"], item["relevance_score"]) for item in answer["results"]] == [(1, 3.0), (2, 2.0), (0, 1.0)]


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("embeddings", {"input": "  "}, "input"),
        ("embeddings", {"input": []}, "input"),
        ("embeddings", {"input": "tea", "dimensions": 5}, "dimensions"),
        ("embeddings", {"input": "tea", "encoding_format": "int8"}, "encoding_format is 'int8'"),
        ("rerank", {"query": "tea", "documents": []}, "documents is []"),
        ("rerank", {"query": "tea", "documents": ["a"], "top_n": 0}, "top_n is 0"),
        ("rerank", {"query": "tea", "documents": [5]}, "documents"),
    ],
)
def test_wrong_requests_are_named(http: TestClient, path: str, body: dict[str, Any], said: str) -> None:
    answer = http.post(f"/v1/{path}", json=body)
    assert answer.status_code == 422
    assert said in answer.json()["error"]["message"]


def samples(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_metrics_count_requests_and_searches(http: TestClient) -> None:
    for _ in range(3):
        http.get("/v1/search", params={"query": "tea"})
    http.get("/v1/search", params={"query": "tea", "collection": "nothing"})
    http.get("/v1/invented/by/somebody")
    answer = http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    found = samples(answer.text)
    assert found["searchapp_searches_total", "test"] == 3
    assert found["searchapp_requests_total", "GET", "/v1/search", "200"] == 3
    assert found["searchapp_requests_total", "GET", "/v1/search", "404"] == 1
    assert found["searchapp_requests_total", "GET", "page", "404"] == 1
    assert found["searchapp_request_seconds_count", "/v1/search"] == 4
    assert "invented" not in answer.text


def test_the_number_of_labels_is_bounded() -> None:
    metrics = Metrics()
    for number in range(MOST_COLLECTIONS + 20):
        metrics.searched(f"c{number}")
    counted = [key for key in samples(metrics.text().decode()) if key[0] == "searchapp_searches_total"]
    assert len(counted) == MOST_COLLECTIONS + 1
    assert samples(metrics.text().decode())["searchapp_searches_total", "other"] == 20


def test_metrics_and_changes_need_the_login(client: SearchClient, tmp_path: Path) -> None:
    app = web_app(client, options=PageOptions(users={"ada": "right"}))
    with TestClient(app, base_url="http://localhost") as http:
        for method, path in (("GET", "/metrics"), ("POST", "/v1/documents"), ("POST", "/v1/embeddings")):
            assert http.request(method, path).status_code == 401, path
        assert http.get("/metrics", auth=("ada", "right")).status_code == 200
