"""BCP 47 primary subtags, what people call them, and which way they are written."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

from searchapp.datatypes import UNKNOWN_LANGUAGE
from searchapp.errors import InputError

NAMES: dict[str, tuple[str, str]] = {
    "af": ("Afrikaans", "Afrikaans"),
    "am": ("Amharic", "አማርኛ"),
    "ar": ("Arabic", "العربية"),
    "az": ("Azerbaijani", "Azərbaycanca"),
    "be": ("Belarusian", "Беларуская"),
    "bg": ("Bulgarian", "Български"),
    "bn": ("Bengali", "বাংলা"),
    "ca": ("Catalan", "Català"),
    "cs": ("Czech", "Čeština"),
    "da": ("Danish", "Dansk"),
    "de": ("German", "Deutsch"),
    "el": ("Greek", "Ελληνικά"),
    "en": ("English", "English"),
    "es": ("Spanish", "Español"),
    "et": ("Estonian", "Eesti"),
    "eu": ("Basque", "Euskara"),
    "fa": ("Persian", "فارسی"),
    "fi": ("Finnish", "Suomi"),
    "fr": ("French", "Français"),
    "he": ("Hebrew", "עברית"),
    "hi": ("Hindi", "हिन्दी"),
    "hr": ("Croatian", "Hrvatski"),
    "hu": ("Hungarian", "Magyar"),
    "hy": ("Armenian", "Հայերեն"),
    "id": ("Indonesian", "Bahasa Indonesia"),
    "is": ("Icelandic", "Íslenska"),
    "it": ("Italian", "Italiano"),
    "ja": ("Japanese", "日本語"),
    "ka": ("Georgian", "ქართული"),
    "kk": ("Kazakh", "Қазақша"),
    "km": ("Khmer", "ខ្មែរ"),
    "ko": ("Korean", "한국어"),
    "lo": ("Lao", "ລາວ"),
    "lt": ("Lithuanian", "Lietuvių"),
    "lv": ("Latvian", "Latviešu"),
    "mr": ("Marathi", "मराठी"),
    "ms": ("Malay", "Bahasa Melayu"),
    "my": ("Burmese", "မြန်မာ"),
    "ne": ("Nepali", "नेपाली"),
    "nl": ("Dutch", "Nederlands"),
    "no": ("Norwegian", "Norsk"),
    "pl": ("Polish", "Polski"),
    "pt": ("Portuguese", "Português"),
    "ro": ("Romanian", "Română"),
    "ru": ("Russian", "Русский"),
    "sk": ("Slovak", "Slovenčina"),
    "sl": ("Slovenian", "Slovenščina"),
    "sr": ("Serbian", "Српски"),
    "sv": ("Swedish", "Svenska"),
    "sw": ("Swahili", "Kiswahili"),
    "ta": ("Tamil", "தமிழ்"),
    "te": ("Telugu", "తెలుగు"),
    "th": ("Thai", "ไทย"),
    "tr": ("Turkish", "Türkçe"),
    "uk": ("Ukrainian", "Українська"),
    "und": ("Unknown", "Unknown"),
    "ur": ("Urdu", "اردو"),
    "vi": ("Vietnamese", "Tiếng Việt"),
    "yi": ("Yiddish", "ייִדיש"),
    "zh": ("Chinese", "中文"),
}
"""Code -> English name, own name."""

RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})

NARROWER = {
    "cnr": "sr", "ekk": "et", "fil": "tl", "nb": "no", "nn": "no",
}  # fmt: skip
"""Narrower codes and second names -> the subtag that is stored, where the macrolanguage of ISO 639-3 is not wanted."""

OWN = frozenset({"bjn", "ckb", "min", "sh"})
"""Codes that are kept although ISO 639-3 or CLDR folds them into a wider or another one."""

OTHER_NAMES = {
    "bengali": "bn", "brazilian portuguese": "pt", "cantonese": "zh", "castellano": "es", "castilian": "es",
    "chinese simplified": "zh", "chinese traditional": "zh", "dari": "fa", "farsi": "fa", "flemish": "nl",
    "mandarin": "zh", "mandarin chinese": "zh", "modern greek": "el", "panjabi": "pa", "punjabi": "pa",
    "simplified chinese": "zh", "traditional chinese": "zh", "valencian": "ca",
}  # fmt: skip
"""Names that people use beside those of NAMES, in small letters."""

LONGEST_CODE = 64
"""Characters of the longest spelling of a language that is looked at; what is longer is none."""

_MISSING = frozenset({"", "mis", "mul", "n/a", "none", "null", "und", "undefined", "undetermined", "unknown", "zxx"})
_CODE = re.compile(r"(?a:[a-z]{2,3}(?:[-_][a-z0-9]{1,8})*|[a-z]-[a-z0-9-]{2,16})", re.IGNORECASE)


def canonical(code: str) -> str:
    """Reduce any spelling of a language to the primary subtag that is stored.

    Args:
        code: A BCP 47 tag, an ISO 639-1, 639-2 or 639-3 code, either with a script or a region (`fra_Latn`, `pt_BR`), or
            a language's English or own name, in any case. Retired codes are replaced (`iw`, `in`).

    Returns:
        The subtag, such as `de`; `und` for what says no language: an empty text, `null`, or no code and no name at all.
    """
    return _canonical(code.strip()) if len(code) <= LONGEST_CODE else UNKNOWN_LANGUAGE


def parse_language(code: str) -> str:
    """Reduce a language that a user names to the subtag that is stored.

    Args:
        code: As for `canonical`.

    Raises:
        InputError: It is no code and no name of a language; `und` itself is allowed.
    """
    found = canonical(code)
    if found == UNKNOWN_LANGUAGE and code.strip().casefold() != UNKNOWN_LANGUAGE:
        shown = code if len(code) <= LONGEST_CODE else f"{code[:20]}…"
        raise InputError(
            f"{shown!r} names no language; use a code such as 'de', 'deu' or 'pt-BR', or a name in English"
        )
    return found


@lru_cache(maxsize=4096)
def _canonical(code: str) -> str:
    lowered = code.lower()
    if lowered in NAMES or lowered in OWN:
        return lowered
    if lowered in NARROWER:
        return NARROWER[lowered]
    if lowered in _MISSING or code in (
        "NA",
        "NaN",
    ):  # what R and pandas write for nothing; `na` and `nan` are languages
        return UNKNOWN_LANGUAGE
    if named := _code_of_name(code):
        return named
    if not _CODE.fullmatch(code):
        return UNKNOWN_LANGUAGE
    primary = lowered.replace("_", "-").partition("-")[0]
    return _registered(lowered, primary) if len(primary) != 2 else _canonical_two_letters(primary)


def _canonical_two_letters(primary: str) -> str:
    if primary in NAMES or primary in OWN:
        return primary
    return NARROWER.get(primary) or _registered(primary, primary)


def _registered(tag: str, primary: str) -> str:
    """Ask the registries for the two-letter code of a tag, of its macrolanguage where it has none of its own."""
    from langcodes import Language
    from langcodes.data_dicts import MACROLANGUAGES
    from langcodes.tag_parser import LanguageTagError

    try:
        found = Language.get(tag).language or UNKNOWN_LANGUAGE
        if found in OWN or primary in OWN:
            return primary if primary in OWN else found
        if len(found) == 3 and found not in NARROWER:
            wider = MACROLANGUAGES.get(found, found)
            found = wider if len(wider) == 2 else found
    except LanguageTagError:
        return UNKNOWN_LANGUAGE
    return NARROWER.get(found, found)


def _code_of_name(name: str) -> str | None:
    """Find the code of a language's English or own name; a remark in brackets is left out."""
    folded = unicodedata.normalize("NFC", name).casefold()
    plain = " ".join(folded.replace("(", " ").replace(")", " ").split())
    bare = folded.partition("(")[0].strip()
    return _names().get(plain) or _names().get(bare)


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    both = {name.casefold(): code for code, names in NAMES.items() for name in names if code != UNKNOWN_LANGUAGE}
    return both | OTHER_NAMES


def english_name(code: str) -> str:
    """`German` for `de`; the code itself when it is not in the table."""
    return NAMES[code][0] if code in NAMES else code


def native_name(code: str) -> str:
    """`Deutsch` for `de`; the code itself when it is not in the table."""
    return NAMES[code][1] if code in NAMES else code


def direction(code: str) -> Literal["rtl", "ltr"]:
    """Writing direction, as HTML's `dir`."""
    return "rtl" if code in RIGHT_TO_LEFT else "ltr"


_TABLE = (
    "af:afr-Latn am:amh-Ethi ar:ara-Arab az:aze-Latn be:bel-Cyrl bg:bul-Cyrl bn:ben-Beng ca:cat-Latn cs:ces-Latn "
    "da:dan-Latn de:deu-Latn el:ell-Grek en:eng-Latn es:spa-Latn et:est-Latn eu:eus-Latn fa:fas-Arab fi:fin-Latn "
    "fr:fra-Latn he:heb-Hebr hi:hin-Deva hr:hrv-Latn hu:hun-Latn hy:hye-Armn id:ind-Latn is:isl-Latn it:ita-Latn "
    "ja:jpn-Jpan ka:kat-Geor kk:kaz-Cyrl km:khm-Khmr ko:kor-Hang lo:lao-Laoo lt:lit-Latn lv:lav-Latn mr:mar-Deva "
    "ms:msa-Latn my:mya-Mymr ne:nep-Deva nl:nld-Latn no:nor-Latn pl:pol-Latn pt:por-Latn ro:ron-Latn ru:rus-Cyrl "
    "sk:slk-Latn sl:slv-Latn sr:srp-Cyrl sv:swe-Latn sw:swa-Latn ta:tam-Taml te:tel-Telu th:tha-Thai tr:tur-Latn "
    "uk:ukr-Cyrl ur:urd-Arab vi:vie-Latn yi:yid-Hebr yo:yor-Latn zh:zho-Hans"
)
TAGGED: dict[str, str] = dict(pair.split(":") for pair in _TABLE.split())
"""BCP 47 primary subtag -> ISO 639-3 code and script."""


def to_tagged(code: str) -> str:
    """`deu-Latn` for `de`; `und-Zyyy` for a language that is not in the table."""
    return TAGGED.get(code, "und-Zyyy")
