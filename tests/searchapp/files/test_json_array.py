"""Test that JSON arrays are split into the same elements wherever their bytes are cut into chunks."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from searchapp.files.json_array import _Splitter
from searchapp.files.json_lines import BadRow

TEXT = st.text(alphabet='ab"\\[]{},:\n é', max_size=12)
VALUE = st.recursive(
    st.none() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(values=st.lists(VALUE, max_size=5), size=st.integers(1, 40), after=st.sampled_from(["", " ", "}, 3"]))
def test_elements_do_not_depend_on_where_chunks_end(values: list[Any], size: int, after: str) -> None:
    inside = (json.dumps(values, ensure_ascii=False)[1:] + after).encode()
    splitter = _Splitter()
    found: list[bytes | BadRow] = []
    rest = b""
    for start in range(0, len(inside), size):
        chunk = inside[start : start + size]
        if splitter.ended:
            rest += chunk
        else:
            found += splitter.feed(chunk)
    assert [json.loads(raw) for raw in found if isinstance(raw, bytes)] == values
    assert splitter.ended and splitter.rest + rest == after.encode()
