"""Test that any argument of a caller gives a result or an error of ours."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from index_builder import BuildOptions, build_index
from searchapp import AsyncSearchClient, InputError, Ranking, SearchAppError, SearchClient
from searchapp.datatypes import Document
from searchapp.encoders.fake import HashingEncoder
from searchapp.stores import edge_values, server_values
from searchapp.testing import temporary_client

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=2**63, max_value=2**200),
    st.floats(),
    st.text(st.characters(), max_size=20),
    st.sampled_from(
        ["\ud800", "de", "dense", "a b", 'a"b', "a[", "x.", "\x00", "́" * 40, Ranking(), object(), 10**5000]
    ),
    st.binary(max_size=5),
)
ANY = st.one_of(
    ODD,
    st.lists(ODD, max_size=4),
    st.sets(st.text(max_size=3), max_size=3),
    st.dictionaries(
        st.one_of(
            st.text(max_size=8), st.integers(), st.none(), st.sampled_from(["publish date", "language", "index"])
        ),
        st.one_of(ODD, st.lists(ODD, max_size=3), st.dictionaries(st.sampled_from(["gte", "lt", 5]), ODD, max_size=2)),
        max_size=3,
    ),
)
GIVEN = {
    "query": "tea",
    "queries": ["tea"],
    "translations": {"de": "Tee"},
    "id": "00000000-0000-0000-0000-000000000000",
}
METHODS = ("search", "search_batch", "similar", "translations_of", "probe")


@pytest.fixture(scope="module")
def client() -> Iterator[SearchClient]:
    texts = {"en": "Tea grows in the hills of Assam.", "de": "Tee wächst in den Hügeln von Assam."}
    documents = [
        Document(id=code, text=text, language=code, metadata={"year": 1990, "publish date": "May"})
        for code, text in texts.items()
    ]
    with temporary_client(documents) as found:
        yield found


def parameters(method: str) -> list[str]:
    return [name for name in inspect.signature(getattr(SearchClient, method)).parameters if name != "self"]


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_argument_gives_a_result_or_an_error_of_ours(
    client: SearchClient, method: str, data: st.DataObject
) -> None:
    names = parameters(method)
    odd = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
    arguments: dict[str, Any] = {name: value for name, value in GIVEN.items() if name in names}
    arguments |= {name: data.draw(ANY, label=name) for name in odd if name != "translator"}
    try:
        getattr(client, method)(**arguments)
    except SearchAppError as error:
        assert str(error)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from([*Ranking.__dataclass_fields__]), value=ANY)
@example(name="balance", value=float("nan"))
@example(name="spans", value=1)
def test_any_choice_of_ranking_is_taken_or_refused(name: str, value: object) -> None:
    try:
        Ranking(**{name: value})  # type: ignore[arg-type]
    except SearchAppError as error:
        assert "expected" in str(error)


@pytest.mark.parametrize(
    "arguments",
    [
        {"languages": 5},
        {"filters": {5: "x"}},
        {"filters": {"year": 2**64}},
        {"filters": {"year": {"gte": 10**400}}},
        {"filters": {"year": ["\ud800"]}},
        {"filters": {"year": list(range(10_001))}},
        {"filters": {"year": [year + 0.5 for year in range(101)]}},
        {"limit": True},
        {"mode": ["dense"]},
        {"ranking": {"balance": 1}},
    ],
)
def test_what_cannot_be_searched_is_refused(client: SearchClient, arguments: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        client.search("tea", **arguments)


def test_an_async_client_refuses_alike() -> None:
    async def search() -> None:
        with temporary_client(["tea"]) as found:
            async with AsyncSearchClient("test", catalog=found._live.catalog, encoder=found._encoder) as client:
                for query in (None, 5, " "):
                    with pytest.raises(InputError):
                        await client.search(query)  # type: ignore[arg-type]
                with pytest.raises(InputError):
                    await client.search_batch(None)  # type: ignore[arg-type]

    asyncio.run(search())


def test_names_with_spaces_and_long_lists_of_integers_filter(client: SearchClient) -> None:
    assert len(client.search("tea", filters={"publish date": "May"})) == 2
    assert len(client.search("tea", filters={"publish date": "June"})) == 0
    assert len(client.search("tea", filters={"year": [*range(5_000)]})) == 2
    assert len(client.search("tea", filters={"year": [*range(1_000), "1990"]})) == 0


@pytest.mark.parametrize("convert", [edge_values.to_filter, server_values.to_filter])
def test_a_list_of_values_is_one_condition_for_each_type(convert: Callable[[dict[str, Any]], Any]) -> None:
    values = [*range(3_000), *map(str, range(3_000)), True]
    found = convert({"metadata.year": values})
    assert len(found.must[0].should) == 3


NAMES = st.one_of(
    st.text(min_size=1, max_size=12),
    st.sampled_from(
        ["publish date", "e'", 't"q', "back\\slash", " lead", "n:", ":", "dc:title", "a.b", "a[0]", "x" * 300]
    ),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(field=NAMES, shared=NAMES)
@example(field="publish date", shared="publish date")
def test_a_build_indexes_any_field_or_refuses_its_name(tmp_path_factory: Any, field: str, shared: str) -> None:
    documents = [Document("a", "Tea grows here.", language="en", metadata={field: "x", shared: "y"})]
    home = tmp_path_factory.mktemp("home")
    try:
        options = BuildOptions(index_fields={field: "keyword"}, translations_by=shared)
        build_index(documents, "c", options=options, encoder=HashingEncoder(), home=home)
    except SearchAppError:
        return
    with SearchClient("c", home=home, encoder=HashingEncoder()) as client:
        found = client.search("tea", filters={field: "x" if field != shared else "y"})
        assert [hit.document_id for hit in found] == ["a"]


@pytest.mark.parametrize("value", [5, True, b"x", object(), ["a"], 1.5])
@pytest.mark.parametrize("name", ["home", "url", "encoder", "detector", "catalog", "reranker", "writer"])
def test_a_client_refuses_arguments_of_other_types(name: str, value: object, home: Any) -> None:
    with pytest.raises(SearchAppError, match=f"{name} is .*, expected"):
        SearchClient("c", **{"home": home, name: value})


@pytest.mark.parametrize("value", [5, True, b"x", object()])
@pytest.mark.parametrize("name", ["options", "encoder", "embeddings", "progress", "home", "url", "catalog"])
def test_a_build_refuses_arguments_of_other_types(name: str, value: object, home: Any) -> None:
    with pytest.raises(SearchAppError, match=f"{name} is .*, expected"):
        build_index([Document("a", "Tea.")], "c", **{"home": home, "encoder": HashingEncoder(), name: value})
    for missing in ("options", "encoder"):
        with pytest.raises(SearchAppError, match="cannot be None"):
            build_index([Document("a", "Tea.")], "c", **{"home": home, missing: None})
