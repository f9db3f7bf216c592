"""BCP 47 primary subtags, what people call them, and which way they are written."""

from __future__ import annotations

from typing import Literal

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

MACROLANGUAGES = {
    "arz": "ar",
    "azb": "az",
    "cmn": "zh",
    "iw": "he",
    "nb": "no",
    "nn": "no",
    "wuu": "zh",
    "yue": "zh",
    "zh-hans": "zh",
    "zh-hant": "zh",
}
"""Narrower codes that detectors and sources give -> the subtag that is stored."""


def canonical(code: str) -> str:
    """Reduce a code such as `zh-Hant`, `pt_BR` or `arz` to the primary subtag that is stored; empty to `und`."""
    lowered = code.strip().lower().replace("_", "-")
    if lowered in MACROLANGUAGES:
        return MACROLANGUAGES[lowered]
    primary = lowered.partition("-")[0]
    return MACROLANGUAGES.get(primary, primary) or "und"


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

_NARROWER = {"cmn": "zh", "lvs": "lv", "nob": "no", "pes": "fa", "swh": "sw", "zsm": "ms"}
_PRIMARY = {tagged[:3]: code for code, tagged in TAGGED.items()} | _NARROWER


def to_tagged(code: str) -> str:
    """`deu-Latn` for `de`; `und-Zyyy` for a language that is not in the table."""
    return TAGGED.get(code, "und-Zyyy")


def from_iso639(code: str) -> str:
    """`de` for `deu` or `deu-Latn`; other codes are canonicalised as anywhere else."""
    return _PRIMARY.get(code.strip().lower()[:3] if len(code.partition("-")[0]) == 3 else code, canonical(code))
