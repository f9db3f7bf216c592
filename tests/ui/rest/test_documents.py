"""Documents are added, replaced and removed by REST, where the server allows it."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings

from searchapp.testing import temporary_client
from ui.rest.documents import READ_ONLY
from ui.serving import web_app

ROBOT = {"id": "robot", "text": "A robot arm welds car doors.", "language": "en", "metadata": {"year": 2024}}


def found(http: TestClient, query: str) -> list[str]:
    return [hit["document_id"] for hit in http.get("/v1/search", params={"query": query}).json()["hits"]]


def test_a_document_is_added_replaced_and_removed(writing: TestClient) -> None:
    before = writing.get("/v1/collections").json()[0]
    answer = writing.post("/v1/documents", json={"documents": [ROBOT, {"id": "x", "text": "Mais pousse au Mexique."}]})
    assert answer.status_code == 200, answer.text
    added = answer.json()
    assert (added["documents"], added["passages"], added["rejected"]) == (2, 2, 0)
    assert added["languages"] == {"en": 1, "fr": 1}
    assert added["version"] != before["version"]
    assert found(writing, "robot arm welds")[0] == "robot"
    hit = writing.get("/v1/search", params={"query": "robot arm welds"}).json()["hits"][0]
    assert hit["payload"]["year"] == 2024

    writing.post("/v1/documents", json={"documents": [{**ROBOT, "text": "Whales sing."}], "collection": "docs"})
    assert writing.get("/v1/search", params={"query": "whales"}).json()["hits"][0]["text"] == "Whales sing."
    texts = [hit["text"] for hit in writing.get("/v1/search", params={"query": "robot arm welds"}).json()["hits"]]
    assert ROBOT["text"] not in texts

    removed = writing.delete("/v1/documents", params={"id": ["robot", "nothing"]}).json()
    assert (removed["documents"], removed["missing"]) == (1, ["nothing"])
    assert "robot" not in found(writing, "whales")
    assert writing.get("/v1/collections").json()[0]["passages"] == before["passages"] + 1


def test_a_document_that_cannot_be_indexed_is_rejected_and_the_others_are_added(writing: TestClient) -> None:
    invisible = {"id": "y", "text": "\u200b"}
    answer = writing.post("/v1/documents", json={"documents": [ROBOT, ROBOT, invisible]}).json()
    assert (answer["documents"], answer["rejected"]) == (1, 2)
    assert answer["reasons"] == {"duplicate id": 1, "empty text": 1}


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"documents": []}, 422, "documents is []"),
        ({"documents": [{"id": "a"}]}, 422, "text: field required"),
        ({"documents": [{"id": "", "text": "tea"}]}, 422, "id is ''"),
        ({"documents": [ROBOT], "collection": "nothing"}, 404, "nothing"),
        ({"documents": [ROBOT], "colection": "docs"}, 422, "colection"),
    ],
)
def test_wrong_requests_are_rejected_with_the_reason(
    writing: TestClient, body: dict[str, Any], status: int, said: str
) -> None:
    version = writing.get("/v1/collections").json()[0]["version"]
    answer = writing.post("/v1/documents", json=body)
    assert (answer.status_code, said in answer.json()["error"]["message"]) == (status, True), answer.text
    assert writing.get("/v1/collections").json()[0]["version"] == version


def test_removing_nothing_or_everything_changes_nothing(writing: TestClient) -> None:
    missing = writing.delete("/v1/documents", params={"id": "nothing"})
    assert (missing.status_code, missing.json()["error"]["type"]) == (404, "DocumentNotFoundError")
    everything = [f"leaf-{code}" for code in ("en", "de", "es", "ar", "zh", "th")]
    assert writing.delete("/v1/documents", params={"id": everything}).status_code == 409
    assert writing.delete("/v1/documents").status_code == 422


def test_a_read_only_server_changes_nothing() -> None:
    with (
        temporary_client(["Tea grows in Assam."]) as client,
        TestClient(web_app(client), base_url="http://localhost") as http,
    ):
        for answer in (
            http.post("/v1/documents", json={"documents": [ROBOT]}),
            http.delete("/v1/documents", params={"id": "x"}),
        ):
            assert (answer.status_code, answer.json()["error"]["message"]) == (403, READ_ONLY)


def test_other_sites_cannot_change_a_collection(writing: TestClient) -> None:
    evil = {"Origin": "https://evil.example"}
    assert writing.post("/v1/documents", json={"documents": [ROBOT]}, headers=evil).status_code == 403
    assert writing.delete("/v1/documents", params={"id": "leaf-en"}, headers=evil).status_code == 403


def test_the_routes_that_change_do_as_their_description_says(writable: Any) -> None:
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", writable)
    operations = [operation.ok() for operation in schema.get_all_operations()]
    changing = [operation for operation in operations if operation.path == "/documents"]
    assert {operation.method for operation in changing} == {"post", "delete"}
    for operation in changing:

        @given(case=operation.as_strategy())
        @settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        def routes(case: schemathesis.Case) -> None:
            answer = case.call_and_validate()
            assert answer.status_code < 500

        routes()
