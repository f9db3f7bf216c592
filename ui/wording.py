"""Read the page's texts in its languages from the catalogue of JSON files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from babel import Locale

from searchapp.text.languages import direction, english_name

CATALOGUE = Path(__file__).with_name("catalogue")
SPOKEN = ("en", "de", "es", "ar", "zh")
"""Languages of the page; the first is the fallback."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The page's texts in one language.

    Attributes:
        language: Its BCP 47 code.
        texts: Key -> text, with `{name}` as placeholders.
    """

    language: str
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with a capital first letter.

        Args:
            key: Its key in the catalogue.
            values: Values of the placeholders.
        """
        said = self.texts[key].format(**values)
        return f"{said[:1].upper()}{said[1:]}" if self.texts[key].startswith("{") else said

    def name(self, code: str) -> str:
        """Return the name of a language in this one, from CLDR, or else its English name.

        Args:
            code: BCP 47 code.
        """
        return _names(self.language).get(code) or english_name(code)

    def listed(self, items: list[str], *, most: int = 3) -> str:
        """Join names as `A, B and C`, or `A, B, C and 5 more`.

        Args:
            items: Names to join; may be empty.
            most: Maximum number of names to list.
        """
        shown, rest = items[:most], len(items) - most
        if rest > 0:
            return self("list.more", items=self("list.comma").join(shown), count=rest)
        if len(shown) < 2:
            return "".join(shown)
        return self("list.and", items=self("list.comma").join(shown[:-1]), last=shown[-1])

    @property
    def direction(self) -> Literal["rtl", "ltr"]:
        """Return the writing direction of the language."""
        return direction(self.language)


@lru_cache(maxsize=len(SPOKEN))
def wording(language: str = "en") -> Wording:
    """Read the texts of a language.

    Args:
        language: One of `SPOKEN`.
    """
    return Wording(language, json.loads((CATALOGUE / f"{language}.json").read_text(encoding="utf-8")))


@lru_cache(maxsize=len(SPOKEN))
def _names(language: str) -> Mapping[str, str]:
    return {str(code): str(name) for code, name in Locale.parse(language).languages.items()}


def preferred(accepted: str) -> str:
    """Choose the page's language for a browser.

    Args:
        accepted: The browser's languages, as `Accept-Language` lists them or a single tag.
    """
    weighed = []
    for place, part in enumerate(accepted.split(",")):
        tag, _, weight = part.partition(";q=")
        try:
            value = float(weight) if weight else 1.0
        except ValueError:
            value = 0.0
        weighed.append((-value, place, tag.strip().lower().partition("-")[0]))
    return next((code for value, _, code in sorted(weighed) if code in SPOKEN and value < 0), SPOKEN[0])
