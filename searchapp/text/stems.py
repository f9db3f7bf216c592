"""Reduce the forms of a word to a stem: with Snowball where it covers the language, else by removing the longest ending.

Snowball's stemmers (PyStemmer) cover 33 languages. For the others `ENDINGS` lists common endings of nouns and, where they
are rarely ambiguous, of verbs. Light stemmers remove the longest of them (Savoy 2006). A stem is only looked up, never
shown, so it need not be a word, as long as the forms of a word share it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from searchapp.text.endings import ENDINGS, ENGLISH_FORMS, PREFIXES, SYLLABIC
from searchapp.text.folding import fold, for_stemming

SNOWBALL = {
    "ar": "arabic", "bs": "serbian", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian",
    "fi": "finnish", "fr": "french", "ga": "irish", "gl": "portuguese", "hi": "hindi", "hr": "serbian",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "ms": "indonesian",
    "ne": "nepali", "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
"""Language -> Snowball's name of its stemmer. Galician, Malay, Bosnian and Croatian use a close relative's stemmer."""

SHORTEST = 3
"""Minimum length of a stem in letters; two in scripts whose letters are syllables."""

Change = tuple[re.Pattern[str], str]


def _changes(*pairs: tuple[str, str]) -> tuple[Change, ...]:
    return tuple((re.compile(pattern), replacement) for pattern, replacement in pairs)


_PALATAL = _changes(["z$", "h"], ["[cč]$", "k"], ["(?:š|ch)$", "s"], ["ř$", "r"])  # type: ignore[arg-type]
_AFTER: dict[str, tuple[Change, ...]] = {
    "cs": _PALATAL,
    "sk": _PALATAL,
    "en": _changes(
        (r"(?<=[a-z]{2})our(?=$|[a-z]{1,3}$)", "or"), (r"(?<=[a-z]{2})re$", "er"), (r"(?<=[a-z]{2})is(?=$|er$|at$)", "iz"),
        (r"ys$", "yz"), (r"ogu$", "og"), (r"grey", "gray"), (r"(?<=[a-z])ae(?=[a-z]{2})", "e"), (r"ll$", "l"), (r"^oe", "e"),
        (r"enc$", "ens"), (r"^alumini?um$", "aluminum"), (r"^tyre?$", "tire"),
    ),
    "eu": _changes((r"(?<=...)(?:aren|etan|ean|etik|aren|ren|rekin|an|en|ko|ra|tik|ak|ek|a|e)$", "")),
    "fi": _changes((r"ng$", "nk"), (r"([kpt])\1$", r"\1"), (r"d$", "t")),
    "hu": _changes((r"(?<=....)t$", "")),
    "nl": _changes((r"([a-z])\1$", r"\1"), (r"([aeou])\1(?=[a-z]$)", r"\1"), (r"v$", "f"), (r"z$", "s")),
    "ta": _changes(("ங்$", "ம்"),),
    "tr": _changes((r"b$", "p"), (r"c$", "ç"), (r"d$", "t"), (r"ğ$", "k")),
    "uk": _changes((r"[іїоеє](?=[^аеєиіїоуюя]*$)", "о"),),
}  # fmt: skip
"""Language -> changes to its stems: sounds that alternate before endings, and spellings that differ between countries."""

_local = threading.local()


@lru_cache(maxsize=256)
def stemmer(language: str) -> Callable[[str], str] | None:
    """Return the function that turns a word into its folded stem; None if nothing is known about the language's endings.

    Args:
        language: BCP 47 primary subtag.
    """
    if language in SNOWBALL:
        return lambda word: _snowball_stem(word, language)
    if language in ENDINGS or language in PREFIXES:
        return lambda word: _change(light_stem(fold(word), language), language)
    return None


def _snowball_stem(word: str, language: str) -> str:
    prepared = for_stemming(word, language)
    if language == "en":
        prepared = ENGLISH_FORMS.get(prepared, prepared)
    elif language == "ar":
        prepared = _without_prefix(prepared, language)
    return fold(_change(_snowball(language).stemWord(prepared), language))


def _snowball(language: str) -> Any:
    """Return this thread's stemmer of a language; Snowball's stemmers are not thread-safe."""
    own: dict[str, Any] = _local.__dict__
    if language not in own:
        import Stemmer

        own[language] = Stemmer.Stemmer(SNOWBALL[language], 0)
    return own[language]


def _change(stem: str, language: str) -> str:
    for pattern, replacement in _AFTER.get(language, ()):
        stem = pattern.sub(replacement, stem)
    return stem


def light_stem(word: str, language: str) -> str:
    """Remove a folded word's prefix and longest ending, repeatedly in agglutinative languages.

    Args:
        word: A word folded by `fold`.
        language: A language of `ENDINGS` or `PREFIXES`.
    """
    word = _without_prefix(word, language)
    endings, rounds = _endings(language)
    least = 2 if language in SYLLABIC else SHORTEST
    longest = max(map(len, endings), default=0)
    for _ in range(rounds):
        for size in range(min(longest, len(word) - least), 0, -1):
            if word[-size:] in endings:
                word = word[:-size]
                break
        else:
            break
    return word


@lru_cache(maxsize=256)
def _endings(language: str) -> tuple[frozenset[str], int]:
    given, rounds = ENDINGS.get(language, ("", 0))
    return frozenset(map(fold, given.split())), rounds


def _without_prefix(word: str, language: str) -> str:
    for prefix in PREFIXES.get(language, ()):
        if word.startswith(prefix) and len(word) - len(prefix) >= SHORTEST:
            return word[len(prefix) :]
    return word
