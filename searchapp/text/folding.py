"""Fold words to a form that does not change when the same word is spelt, typed or encoded differently.

Folding removes differences in case, width, accents, vowel points, invisible characters and equivalent spellings of a script.
Passages and queries are folded alike, so that the same word gives the same term. If a language allows two spellings that
other languages distinguish (`ö` and `oe`), the word gets a second form: see `other_forms`.
"""

from __future__ import annotations

import unicodedata

from searchapp.text.patterns import pattern, unicode_pattern

JOINERS = "'’ʼʻ‘`´ʹ׳״\"”“&.·‧•・･‐‑-–־_/@:\u200b\u200c+"
"""Characters that may stand inside a word. Text around them is indexed both joined and in parts."""

INVISIBLE = dict.fromkeys(
    [
        *(
            0x00AD,
            0x034F,
            0x061C,
            0x0640,
            0x0E3A,
            0x115F,
            0x1160,
            0x180E,
            0x200D,
            0x200E,
            0x200F,
            0x2060,
            0x3164,
            0xFEFF,
        ),
        *(0x02B9, 0x02BB, 0x02BC, 0x02BD, 0x02BF),
        *range(0x180B, 0x180E),
        *range(0x202A, 0x202F),
        *range(0x2061, 0x206A),
        *range(0xFE00, 0xFE10),
    ]
)
"""Characters that are ignored: joiners, directional marks, soft hyphens, apostrophe letters."""

_LATIN = {
    "ł": "l", "đ": "d", "ð": "d", "ø": "o", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "ı": "i", "ŋ": "ng", "ß": "ss",
    "ɛ": "e", "ɔ": "o", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ŧ": "t", "ə": "a", "ơ": "o", "ư": "u", "ĸ": "k", "ƴ": "y",
}  # fmt: skip
_ARABIC = {
    "ٱ": "ا", "أ": "ا", "إ": "ا", "آ": "ا", "ٲ": "ا", "ٳ": "ا", "ؤ": "ء", "ئ": "ء", "ة": "ه", "ى": "ي", "ی": "ي", "ې": "ي",
    "ۍ": "ي", "ے": "ي", "ۓ": "ي", "ک": "ك", "ڪ": "ك", "ہ": "ه", "ھ": "ه", "ە": "ه", "ۀ": "ه", "ۂ": "ه", "ۃ": "ه", "ٸ": "ي",
}  # fmt: skip
_HEBREW = {"ך": "כ", "ם": "מ", "ן": "נ", "ף": "פ", "ץ": "צ", "װ": "וו", "ױ": "וי", "ײ": "יי"}
_CYRILLIC = {"ґ": "г", "ё": "е", "ѣ": "е", "ѳ": "ф", "ѵ": "и", "ҝ": "к"}
_INDIC = {
    "ँ": "ं", "ঁ": "ং", "ઁ": "ં", "ଁ": "ଂ", "ఁ": "ం", "ಁ": "ಂ", "ഁ": "ം", "ਁ": "ੰ", "ਂ": "ੰ", "ੱ": "",
    "ৎ": "ত্", "ൺ": "ണ്", "ൻ": "ന്", "ർ": "ര്", "ൽ": "ല്", "ൾ": "ള്", "ൿ": "ക്",
}  # fmt: skip
_ETHIOPIC = {
    chr(old + order): chr(new + order)
    for old, new in ((0x1210, 0x1200), (0x1280, 0x1200), (0x1220, 0x1230), (0x12D0, 0x12A0), (0x1340, 0x1338))
    for order in range(7)
} | {"ሃ": "ሀ", "ሓ": "ሀ", "ኃ": "ሀ", "ኣ": "አ", "ዓ": "አ"}
_LETTERS = str.maketrans(_LATIN | _ARABIC | _HEBREW | _CYRILLIC | _INDIC | _ETHIOPIC)

_INDIC_BLOCKS = (0x0900, 0x0980, 0x0A00, 0x0A80, 0x0B00, 0x0C00, 0x0C80, 0x0D00)
_NASALS = pattern(
    "|".join(
        f"(?P<b{base:x}>[{chr(base + 0x19)}{chr(base + 0x1E)}{chr(base + 0x23)}{chr(base + 0x28)}{chr(base + 0x2E)}]"
        f"{chr(base + 0x4D)}(?=[{chr(base + 0x15)}-{chr(base + 0x39)}]))"
        for base in _INDIC_BLOCKS
    )
)
"""A nasal consonant before another consonant, which may also be written as an anusvara."""

_TONE_BEFORE_NASAL = pattern("([\u0e48-\u0e4b])\u0e4d|([\u0ec8-\u0ecb])\u0ecd")
_JAMO = pattern("[\u1100-\u1112][\u1161-\u1175][\u1100-\u1112](?![\u1161-\u1175])")
_FINAL_JAMO = {chr(0x1100 + lead): chr(0x11A7 + tail) for lead, tail in zip(
    range(19), (1, 2, 4, 7, 0, 8, 16, 17, 0, 19, 20, 21, 22, 0, 23, 24, 25, 26, 27), strict=True) if tail}  # fmt: skip
_CONTEXT = pattern(
    "[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0c4d\u0ccd\u0d4d\u0e33\u0e40\u0e4d\u0eb3\u0ec0\u0ecd\u1100-\u11ff\u3099\u309a\u3131-\u318f\uff65-\uffdc]"
)
"""Character sequences that are folded together."""

_KEPT_CLASSES = frozenset({0, 8, 9, 84, 91, 103, 107, 118, 122, 129, 130, 132})
"""Canonical combining classes that belong to the spelling (vowel signs, viramas, tones); all others are accents."""

ANUSVARA = 0x02


class _Folded(dict[int, str]):
    """Maps code points to their folded characters, computed on first use."""

    def __missing__(self, point: int) -> str:
        text = unicodedata.normalize("NFKC", "" if point in INVISIBLE else chr(point)).casefold().translate(_LETTERS)
        kept = (
            letter for letter in unicodedata.normalize("NFD", text) if unicodedata.combining(letter) in _KEPT_CLASSES
        )
        self[point] = found = unicodedata.normalize("NFC", "".join(kept).translate(_LETTERS))
        return found


class _Small(dict[int, str]):
    """Maps code points to lower case as stemmers expect it; drops invisible characters and separate accents."""

    def __missing__(self, point: int) -> str:
        text = unicodedata.normalize("NFKC", "" if point in INVISIBLE else chr(point)).lower()
        self[point] = found = text if len(text) != 1 or unicodedata.combining(text) in _KEPT_CLASSES else ""
        return found


_FOLDED, _SMALL = _Folded(), _Small()


def fold(word: str) -> str:
    """Fold a word or a run of characters to the form that all its spellings share.

    Args:
        word: A word without white space. Joiners inside it are kept.
    """
    if word.isascii():
        return word.lower()
    if not _CONTEXT.search(word):
        return word.translate(_FOLDED)
    word = unicodedata.normalize("NFKC", word).translate(_FOLDED)
    return unicodedata.normalize("NFC", _fold_abugida(unicodedata.normalize("NFD", word)))


def for_stemming(word: str, language: str) -> str:
    """Prepare a word for a stemmer: lower-case it, drop invisible characters and separate accents, keep its letters.

    Args:
        word: A word without joiners.
        language: BCP 47 primary subtag; decides how `I` is lower-cased.
    """
    if language in ("tr", "az"):
        word = word.replace("I", "ı").replace("İ", "i")
    return word.lower() if word.isascii() else word.translate(_SMALL)


def _fold_abugida(word: str) -> str:
    if _JAMO.search(word):
        word = _JAMO.sub(lambda found: found[0][:2] + _FINAL_JAMO.get(found[0][2], found[0][2]), word)
    word = _TONE_BEFORE_NASAL.sub(lambda found: ("\u0e4d" if found[1] else "\u0ecd") + (found[1] or found[2]), word)
    word = word.replace("เเ", "แ").replace("ເເ", "ແ")
    return _NASALS.sub(lambda found: chr(ord(found[0][0]) // 0x80 * 0x80 + ANUSVARA), word)


_DIGRAPHS: dict[str, tuple[tuple[str, str], ...]] = {
    **dict.fromkeys(("de", "lb"), (("ae", "a"), ("oe", "o"), ("ue", "u"))),
    **dict.fromkeys(("da", "no", "sv", "fo"), (("ae", "a"), ("oe", "o"), ("aa", "a"), ("ue", "u"))),
    **dict.fromkeys(("hr", "sr", "bs", "sl"), (("dj", "d"),)),
    "is": (("ae", "a"), ("oe", "o"), ("dh", "d")),
    "und": (("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a"), ("dj", "d")),
    "nl": (("ij", "y"),),
}
_LATIN_LETTER = pattern("[a-z]")
_LOOK_ALIKE = {
    "а": "a", "с": "c", "е": "e", "о": "o", "р": "p", "х": "x", "у": "y", "і": "i", "ј": "j", "ѕ": "s", "ԁ": "d", "һ": "h",
    "ԛ": "q", "ԝ": "w", "в": "b", "к": "k", "м": "m", "н": "h", "т": "t", "α": "a", "β": "b", "ε": "e", "ζ": "z",
    "η": "h", "ι": "i", "κ": "k", "μ": "m", "ν": "n", "ο": "o", "ρ": "p", "τ": "t", "υ": "y", "χ": "x",
}  # fmt: skip
"""Lower-case Cyrillic and Greek letters that look like a Latin letter in either case."""

_ONLY_ALIKE = pattern(f"[{''.join(_LOOK_ALIKE)}a-z0-9]+")


def _table(pairs: str) -> dict[int, str]:
    return {ord(pair[0]): pair[1:] for pair in pairs.split()}


_SERBIAN = _table("аa бb вv гg дd ђd еe жz зz иi јj кk лl љlj мm нn њnj оo пp рr сs тt ћc уu фf хh цc чc џdz шs")
_TURKIC = _table(
    "аa бb вv гg дd еe жj зz иi йi кk лl мm нn оo пp рr сs тt уu фf хh цc чc шs щs ъ ыi ь эe юiu яia "
    "қq ғg ңn әa іi өo үu ұu һh ўo"
)
_IN_LATIN = {
    **dict.fromkeys(("sr", "bs", "hr", "mk"), _SERBIAN),
    **dict.fromkeys(("kk", "uz", "tt", "az", "tk", "ky"), _TURKIC),
}
"""Language with two alphabets -> its Cyrillic letters in folded Latin letters."""

_CYRILLIC_LETTER = unicode_pattern(r"\p{Cyrillic}")


def other_forms(folded: str, language: str) -> tuple[str, ...]:
    """Return the other folded forms of a word, from a second spelling in its language or a look-alike alphabet.

    Args:
        folded: A word folded by `fold`.
        language: BCP 47 primary subtag or `und`.
    """
    found = []
    if (pairs := _DIGRAPHS.get(language)) and folded.isascii():
        collapsed = folded
        for two, one in pairs:
            collapsed = collapsed.replace(two, one)
        found.append(collapsed)
    elif language in _IN_LATIN and _CYRILLIC_LETTER.match(folded):
        found.append(folded.translate(_IN_LATIN[language]))
    if not folded.isascii() and (len(folded) < 5 or _LATIN_LETTER.search(folded)) and _ONLY_ALIKE.fullmatch(folded):
        found.append("".join(_LOOK_ALIKE.get(letter, letter) for letter in folded))
    return tuple(form for form in found if form != folded)
