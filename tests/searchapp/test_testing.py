from __future__ import annotations

import doctest

import searchapp.testing
from searchapp.datatypes import Document
from searchapp.testing import temporary_client


def test_a_temporary_client_searches_what_it_was_given() -> None:
    documents = [
        Document(id="a", text="The tea plant grows in the hills of Assam.", metadata={"kind": "leaf"}),
        "Der Kaffee wächst in Äthiopien.",
    ]
    with temporary_client(documents) as client:
        result = client.search("Kaffee in Äthiopien", limit=1)
        assert (result.hits[0].document_id, result.hits[0].language) == ("1", "de")
        assert client.search("tea", filters={"kind": "leaf"}).hits[0].document_id == "a"
        assert client.languages() == {"en": 1, "de": 1}


def test_the_example_in_the_docstring_runs() -> None:
    assert doctest.testmod(searchapp.testing).failed == 0
    assert doctest.testmod(searchapp.testing).attempted > 0
