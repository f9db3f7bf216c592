"""Pass the catalogue of texts to Gradio, whose components choose the browser's language themselves."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ui.wording import SPOKEN, Wording, preferred, wording

CHROME = "ui."
"""Prefix of the keys of texts on the page itself rather than in its results."""


def _key(key: str) -> str:
    """Escape a key, because Gradio reads a dot as a nested table."""
    return key.replace(".", "_")


def _catalogue() -> Any:
    texts = {
        code: {_key(key): text for key, text in wording(code).texts.items() if key.startswith(CHROME)}
        for code in SPOKEN
    }
    return gr.I18n(**texts, **{"zh-CN": texts["zh"], "zh-TW": texts["zh"]})


CATALOGUE = _catalogue()


def label(key: str) -> Any:
    """Return a text of the page for a component, in every language.

    Args:
        key: Its key in the catalogue, without `ui.`.
    """
    return CATALOGUE(_key(f"{CHROME}{key}"))


def spoken(request: gr.Request | None) -> Wording:
    """Choose the page's texts for a request by its browser's languages.

    Args:
        request: The request; None in tests and scripts.
    """
    headers = {} if request is None else request.headers
    return wording(preferred(str(headers.get("accept-language", ""))))


def chrome(say: Wording) -> dict[str, str]:
    """Return the texts that the page's script inserts, with the language and its direction.

    Args:
        say: Texts in the language of the page.
    """
    own = {key.removeprefix(CHROME): text for key, text in say.texts.items() if key.startswith(CHROME)}
    return {**own, "language": say.language, "direction": say.direction}
