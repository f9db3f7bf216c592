from __future__ import annotations

import pytest

from searchapp.encoders.remote import RemoteEncoder
from searchapp.errors import ConfigurationError, EncoderError
from searchapp.expansion.openai_compatible import OpenAICompatibleWriter
from searchapp.files.addresses import is_address
from searchapp.stores.server_connection import addresses

WRONG = [
    "http://ada:hun/ter2@127.0.0.1:9/v1",
    "http://[::1/v1",
    "http://xn--/v1",
    f"http://{'a' * 300}/v1",
    "http://a..b/v1",
    "http://",
    "//host",
    "ftp://host",
    "http://host:port",
    "http://h\x00ost",
]


@pytest.mark.parametrize("url", WRONG)
def test_an_address_that_cannot_be_used_is_refused_by_everything_that_takes_one(url: str) -> None:
    assert not is_address(url)
    with pytest.raises(EncoderError, match="expected one such as"):
        RemoteEncoder.load(f"openai:{url}#m")
    with pytest.raises(ConfigurationError, match="the writer's address"):
        OpenAICompatibleWriter(url, model="m")
    with pytest.raises(ConfigurationError, match="is not an address"):
        addresses(url)


@pytest.mark.parametrize(
    "url",
    ["http://localhost:8000/v1", "https://ada:p%2F%40w@h.example:1", "http://[::1]:6333", "http://bücher.example"],
)
def test_usual_addresses_are_taken(url: str) -> None:
    assert is_address(url)
