"""Define the table of languages (codes, names and scripts) and parse every other way to write a language.

A language is stored as its BCP 47 primary subtag (`de`, `zh`, `und`). Sources, filters, flags and detectors may give a tag
(`pt_BR`, `zh-Hant`), a three-letter ISO 639 code (`deu`, `ger`), a code with a script (`deu-Latn`), a withdrawn code
(`iw`), a dialect (`arz`) or a name (`German`, `Deutsch`). `canonical` turns each into the primary subtag.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from searchapp.datatypes import UNKNOWN_LANGUAGE
from searchapp.errors import InputError
from searchapp.text.scripts import RIGHT_TO_LEFT_SCRIPTS


@dataclass(frozen=True, slots=True)
class Language:
    """A row of the table.

    Attributes:
        code: BCP 47 primary subtag.
        iso639: ISO 639-3 code.
        script: ISO 15924 code of its main script.
        name: English name.
        own_name: Name in the language itself.
    """

    code: str
    iso639: str
    script: str
    name: str
    own_name: str


_ROWS = """
af|afr|Latn|Afrikaans|Afrikaans
am|amh|Ethi|Amharic|አማርኛ
ar|ara|Arab|Arabic|العربية
arc|arc|Syrc|Aramaic|ܐܪܡܝܐ
as|asm|Beng|Assamese|অসমীয়া
az|aze|Latn|Azerbaijani|Azərbaycanca
ba|bak|Cyrl|Bashkir|Башҡортса
be|bel|Cyrl|Belarusian|Беларуская
bg|bul|Cyrl|Bulgarian|Български
bn|ben|Beng|Bengali|বাংলা
bo|bod|Tibt|Tibetan|བོད་སྐད་
br|bre|Latn|Breton|Brezhoneg
bs|bos|Latn|Bosnian|Bosanski
ca|cat|Latn|Catalan|Català
ceb|ceb|Latn|Cebuano|Cebuano
chr|chr|Cher|Cherokee|ᏣᎳᎩ
ckb|ckb|Arab|Central Kurdish|کوردیی ناوەندی
cop|cop|Copt|Coptic|ϯⲙⲉⲧⲣⲉⲙⲛ̀ⲭⲏⲙⲓ
cs|ces|Latn|Czech|Čeština
cv|chv|Cyrl|Chuvash|Чӑвашла
cy|cym|Latn|Welsh|Cymraeg
da|dan|Latn|Danish|Dansk
de|deu|Latn|German|Deutsch
dv|div|Thaa|Dhivehi|ދިވެހި
dz|dzo|Tibt|Dzongkha|རྫོང་ཁ
el|ell|Grek|Greek|Ελληνικά
en|eng|Latn|English|English
eo|epo|Latn|Esperanto|Esperanto
es|spa|Latn|Spanish|Español
et|est|Latn|Estonian|Eesti
eu|eus|Latn|Basque|Euskara
fa|fas|Arab|Persian|فارسی
fi|fin|Latn|Finnish|Suomi
fo|fao|Latn|Faroese|Føroyskt
fr|fra|Latn|French|Français
fy|fry|Latn|Western Frisian|Frysk
ga|gle|Latn|Irish|Gaeilge
gd|gla|Latn|Scottish Gaelic|Gàidhlig
gl|glg|Latn|Galician|Galego
gn|grn|Latn|Guarani|Avañe'ẽ
grc|grc|Grek|Ancient Greek|Ἑλληνική
gu|guj|Gujr|Gujarati|ગુજરાતી
ha|hau|Latn|Hausa|Hausa
haw|haw|Latn|Hawaiian|ʻŌlelo Hawaiʻi
he|heb|Hebr|Hebrew|עברית
hi|hin|Deva|Hindi|हिन्दी
hr|hrv|Latn|Croatian|Hrvatski
ht|hat|Latn|Haitian Creole|Kreyòl ayisyen
hu|hun|Latn|Hungarian|Magyar
hy|hye|Armn|Armenian|Հայերեն
id|ind|Latn|Indonesian|Bahasa Indonesia
ig|ibo|Latn|Igbo|Igbo
is|isl|Latn|Icelandic|Íslenska
it|ita|Latn|Italian|Italiano
iu|iku|Cans|Inuktitut|ᐃᓄᒃᑎᑐᑦ
ja|jpn|Jpan|Japanese|日本語
jv|jav|Latn|Javanese|Basa Jawa
ka|kat|Geor|Georgian|ქართული
kk|kaz|Cyrl|Kazakh|Қазақша
km|khm|Khmr|Khmer|ខ្មែរ
kn|kan|Knda|Kannada|ಕನ್ನಡ
ko|kor|Hang|Korean|한국어
ku|kur|Latn|Kurdish|Kurdî
ky|kir|Cyrl|Kyrgyz|Кыргызча
la|lat|Latn|Latin|Latina
lb|ltz|Latn|Luxembourgish|Lëtzebuergesch
lo|lao|Laoo|Lao|ລາວ
lt|lit|Latn|Lithuanian|Lietuvių
lv|lav|Latn|Latvian|Latviešu
mg|mlg|Latn|Malagasy|Malagasy
mi|mri|Latn|Māori|Te reo Māori
mk|mkd|Cyrl|Macedonian|Македонски
ml|mal|Mlym|Malayalam|മലയാളം
mn|mon|Cyrl|Mongolian|Монгол
mr|mar|Deva|Marathi|मराठी
ms|msa|Latn|Malay|Bahasa Melayu
mt|mlt|Latn|Maltese|Malti
my|mya|Mymr|Burmese|မြန်မာ
ne|nep|Deva|Nepali|नेपाली
nl|nld|Latn|Dutch|Nederlands
no|nor|Latn|Norwegian|Norsk
nqo|nqo|Nkoo|N'Ko|ߒߞߏ
oc|oci|Latn|Occitan|Occitan
or|ori|Orya|Odia|ଓଡ଼ିଆ
pa|pan|Guru|Punjabi|ਪੰਜਾਬੀ
pl|pol|Latn|Polish|Polski
ps|pus|Arab|Pashto|پښتو
pt|por|Latn|Portuguese|Português
ro|ron|Latn|Romanian|Română
ru|rus|Cyrl|Russian|Русский
rw|kin|Latn|Kinyarwanda|Ikinyarwanda
sa|san|Deva|Sanskrit|संस्कृतम्
sd|snd|Arab|Sindhi|سنڌي
si|sin|Sinh|Sinhala|සිංහල
sk|slk|Latn|Slovak|Slovenčina
sl|slv|Latn|Slovenian|Slovenščina
sn|sna|Latn|Shona|ChiShona
so|som|Latn|Somali|Soomaali
sq|sqi|Latn|Albanian|Shqip
sr|srp|Cyrl|Serbian|Српски
su|sun|Latn|Sundanese|Basa Sunda
sv|swe|Latn|Swedish|Svenska
sw|swa|Latn|Swahili|Kiswahili
syr|syr|Syrc|Syriac|ܣܘܪܝܝܐ
ta|tam|Taml|Tamil|தமிழ்
te|tel|Telu|Telugu|తెలుగు
tg|tgk|Cyrl|Tajik|Тоҷикӣ
th|tha|Thai|Thai|ไทย
ti|tir|Ethi|Tigrinya|ትግርኛ
tk|tuk|Latn|Turkmen|Türkmençe
tl|tgl|Latn|Tagalog|Tagalog
tr|tur|Latn|Turkish|Türkçe
tt|tat|Cyrl|Tatar|Татарча
ug|uig|Arab|Uyghur|ئۇيغۇرچە
uk|ukr|Cyrl|Ukrainian|Українська
und|und|Zyyy|Unknown|Unknown
ur|urd|Arab|Urdu|اردو
uz|uzb|Latn|Uzbek|Oʻzbekcha
vi|vie|Latn|Vietnamese|Tiếng Việt
xh|xho|Latn|Xhosa|isiXhosa
yi|yid|Hebr|Yiddish|ייִדיש
yo|yor|Latn|Yoruba|Yorùbá
zgh|zgh|Tfng|Standard Moroccan Tamazight|ⵜⴰⵎⴰⵣⵉⵖⵜ
zh|zho|Hans|Chinese|中文
zu|zul|Latn|Zulu|isiZulu
"""


LANGUAGES: dict[str, Language] = {
    row.partition("|")[0]: Language(*row.split("|")) for row in _ROWS.strip().splitlines()
}
"""Primary subtag -> row."""

NAMES: dict[str, tuple[str, str]] = {code: (row.name, row.own_name) for code, row in LANGUAGES.items()}
"""Primary subtag -> English name and own name."""

NARROWER = {
    "cnr": "sr", "ekk": "et", "fil": "tl", "nb": "no", "nn": "no",
}  # fmt: skip
"""Narrower or alternative codes -> stored subtag, where the macrolanguage of ISO 639-3 is not wanted."""

OWN = frozenset({"bjn", "ckb", "min", "sh"})
"""Codes to keep although ISO 639-3 or CLDR maps them to a wider or another code."""

OTHER_NAMES = {
    "bengali": "bn", "brazilian portuguese": "pt", "cantonese": "zh", "castellano": "es", "castilian": "es",
    "chinese simplified": "zh", "chinese traditional": "zh", "dari": "fa", "farsi": "fa", "flemish": "nl",
    "mandarin": "zh", "mandarin chinese": "zh", "modern greek": "el", "panjabi": "pa", "punjabi": "pa",
    "simplified chinese": "zh", "traditional chinese": "zh", "valencian": "ca",
}  # fmt: skip
"""Common names that are not in NAMES, in lower case."""

LONGEST_CODE = 64
"""Maximum length of a language name; anything longer is rejected unread."""

_MISSING = frozenset({"", "mis", "mul", "n/a", "none", "null", "und", "undefined", "undetermined", "unknown", "zxx"})
_CODE = re.compile(r"(?a:[a-z]{2,3}(?:[-_][a-z0-9]{1,8})*|[a-z]-[a-z0-9-]{2,16})", re.IGNORECASE)


def canonical(code: str) -> str:
    """Reduce any spelling of a language to the stored primary subtag.

    Args:
        code: A BCP 47 tag; an ISO 639-1, 639-2 or 639-3 code, also with a script or region (`fra_Latn`, `pt_BR`); or a
            language's English or own name. Case is ignored. Retired codes are replaced (`iw`, `in`).

    Returns:
        The subtag, such as `de`, or `und` if the text is empty, `null`, or neither a code nor a name.
    """
    return _canonical(code.strip()) if len(code) <= LONGEST_CODE else UNKNOWN_LANGUAGE


def parse_language(code: str) -> str:
    """Reduce a language given by a user to the stored subtag.

    Args:
        code: A code or name, as for `canonical`.

    Raises:
        InputError: The text is neither a code nor a name of a language. `und` itself is allowed.
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
    ):  # R and pandas write these for missing values; `na` and `nan` are languages
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
    """Look up the two-letter code of a tag in the registries, or else that of its macrolanguage."""
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
    """Find the code of a language by its English or own name; remarks in brackets are ignored."""
    folded = unicodedata.normalize("NFC", name).casefold()
    plain = " ".join(folded.replace("(", " ").replace(")", " ").split())
    bare = folded.partition("(")[0].strip()
    return _names().get(plain) or _names().get(bare)


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    both = {name.casefold(): code for code, names in NAMES.items() for name in names if code != UNKNOWN_LANGUAGE}
    return both | OTHER_NAMES


def english_name(code: str) -> str:
    """Return the English name of a language, such as `German` for `de`; the code itself if it is not in the table.

    Args:
        code: A primary subtag.
    """
    return LANGUAGES[code].name if code in LANGUAGES else code


def native_name(code: str) -> str:
    """Return a language's own name, such as `Deutsch` for `de`; the code itself if it is not in the table.

    Args:
        code: A primary subtag.
    """
    return LANGUAGES[code].own_name if code in LANGUAGES else code


def direction(code: str) -> Literal["rtl", "ltr"]:
    """Return the writing direction of a language, as in HTML's `dir` attribute.

    Args:
        code: A primary subtag.
    """
    return "rtl" if code in LANGUAGES and LANGUAGES[code].script in RIGHT_TO_LEFT_SCRIPTS else "ltr"


def to_tagged(code: str) -> str:
    """Return a code with a script, such as `deu-Latn` for `de`; `und-Zyyy` if the language is not in the table.

    Args:
        code: A primary subtag.
    """
    row = LANGUAGES.get(code, LANGUAGES["und"])
    return f"{row.iso639}-{row.script}"
