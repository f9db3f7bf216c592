from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ui.commands.serve import serve


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, True),
        ({"host": "localhost"}, True),
        ({"host": "0.0.0.0"}, False),
        ({"host": "0.0.0.0", "auth": True}, True),
        ({"trust_remote_code": True}, False),
        ({"host": "0.0.0.0", "auth": True, "trust_remote_code": True}, False),
        ({"read_only": True}, None),
    ],
)
def test_any_encoder_may_be_named_where_no_stranger_is(
    demo_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, Any],
    expected: bool | None,
) -> None:
    found: list[Any] = []
    monkeypatch.setattr("ui.serving.launch", lambda pool, **given: found.append(given["options"].builds))
    monkeypatch.delenv("SEARCHAPP_AUTH", raising=False)
    if options.pop("auth", False):
        people = tmp_path / "people"
        people.write_text("ada:x")
        people.chmod(0o600)
        options["auth_file"] = people
    serve(home=demo_home, **options)
    (builds,) = found
    assert (builds.any_encoder if builds else None) is expected
