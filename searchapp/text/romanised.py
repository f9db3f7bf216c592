"""Match words of other scripts typed in Latin letters, by keys that both spellings share.

A passage's word in another script is transliterated character by character (anyascii) and reduced: sounds that
romanisations spell in several ways become one, and vowels that a script omits are dropped. A Latin word of a query is reduced
in the same way. Latin words of passages have no keys, so a query in a Latin-script language gains no matches within it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from searchapp.text.scripts import NO_SCRIPT, script_of_character

LEAST = 2
"""Minimum length of a key with vowels; too many words share a shorter one."""

LEAST_CONSONANTS = 2
"""Minimum length of a key without vowels."""

VOWELLESS = frozenset({"Arab", "Hebr", "Syrc", "Thaa"})
"""Scripts that omit vowels; their keys contain consonants only."""

SPELT = frozenset(
    {
        "Cyrl",
        "Grek",
        "Armn",
        "Geor",
        "Deva",
        "Beng",
        "Guru",
        "Gujr",
        "Orya",
        "Taml",
        "Telu",
        "Knda",
        "Mlym",
        "Sinh",
        "Ethi",
    }
)
"""Scripts whose keys contain vowels except `a`, which Indic consonants carry implicitly."""

_SAME = (
    ("shch", "s"), ("chh", "c"), ("tch", "c"), ("sh", "s"), ("zh", "z"), ("kh", "h"), ("gh", "g"), ("ch", "c"), ("th", "t"),
    ("dh", "d"), ("ph", "f"), ("bh", "b"), ("jh", "z"), ("ck", "k"), ("dz", "z"), ("x", "ks"), ("q", "k"), ("w", "v"),
    ("oo", "u"), ("ou", "u"), ("ee", "i"), ("ei", "i"), ("y", "i"), ("o", "u"), ("e", "i"), ("j", "z"), ("mb", "nb"),
    ("mp", "np"),
)  # fmt: skip
"""Spellings of a sound -> the letter that represents it."""

_ARTICLE = re.compile("^ال(?=...)")
_NASAL = "\u0902\u0982\u0a02\u0a70\u0a82\u0b02\u0c02\u0c82\u0d02"
_OWN_SPELLING = {ord(sign): "n" for sign in _NASAL} | {ord("\u0943"): "ri"}
_BEFORE_SPELLING = {
    "Deva": (("ज्ञ", "ग्य"),),
    "Grek": (
        ("ου", "ω"), ("γγ", "νγ"), ("γχ", "νχ"), ("γκ", "γ"), ("ευθ", "εφθ"), ("ευχ", "εφχ"), ("αυτ", "αφτ"), ("αυ", "αβ"),
        ("ευ", "εβ"), ("ει", "ι"), ("οι", "ι"),
    ),
}  # fmt: skip
"""Script -> groups of letters for one sound, and the Latin spelling of each."""

_ONE = dict(_SAME)
_SEVERAL = re.compile("|".join(sorted(_ONE, key=len, reverse=True)))
_DOUBLE = re.compile(r"(.)\1+")
_NOT_LETTERS = re.compile("[^a-z]+")
_NO_VOWELS = str.maketrans("", "", "aiuv")

_KANA_SYLLABLE = re.compile(
    "(kya|kyu|kyo|gya|gyu|gyo|sha|shu|sho|ja|ju|jo|cha|chu|cho|nya|nyu|nyo|hya|hyu|hyo|bya|byu|byo|pya|pyu|pyo|mya|myu|myo|"
    "rya|ryu|ryo|shi|chi|tsu|fu|ji|[kgsztdnhbpmr][aiueo]|y[auo]|w[ao]|[aiueo]|n(?![aiueoy]))"
)
_ROWS = (
    ("k", "かきくけこ"), ("g", "がぎぐげご"), ("s", "さしすせそ"),
    ("z", "ざじずぜぞ"), ("t", "たちつてと"), ("d", "だぢづでど"),
    ("n", "なにぬねの"), ("h", "はひふへほ"), ("b", "ばびぶべぼ"),
    ("p", "ぱぴぷぺぽ"), ("m", "まみむめも"), ("r", "らりるれろ"),
    ("", "あいうえお"),
)  # fmt: skip
_KANA = {lead + vowel: kana for lead, row in _ROWS for vowel, kana in zip("aiueo", row, strict=True)} | {
    "shi": "し", "chi": "ち", "tsu": "つ", "fu": "ふ", "ji": "じ", "ya": "や", "yu": "ゆ", "yo": "よ", "wa": "わ", "wo": "を",
    "n": "ん",
}  # fmt: skip
_GLIDES = zip(("ky", "gy", "sh", "j", "ch", "ny", "hy", "by", "py", "my", "ry"), "きぎしじちにひびぴみり", strict=True)
_KANA |= {lead + vowel: kana + small for lead, kana in _GLIDES for vowel, small in zip("auo", "ゃゅょ", strict=True)}
_PINYIN = re.compile(
    "(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua"
    "|ue|ui|un|uo|a|e|i|o|u|v)"
)


class _Spelt(dict[int, str]):
    """Maps code points to reduced Latin letters, computed on first use.

    Args:
        dropped: Vowels to drop.
    """

    def __init__(self, dropped: str) -> None:
        super().__init__()
        self._dropped = str.maketrans("", "", dropped)

    def __missing__(self, point: int) -> str:
        spelt = _OWN_SPELLING.get(point) or _latin(chr(point))
        self[point] = found = _reduced(spelt).translate(self._dropped)
        return found


_WITH_VOWELS, _WHOLE = _Spelt("a"), _Spelt("")


def passage_key(folded: str) -> str:
    """Return the key of a passage's word; empty for a word that is in Latin letters or too short.

    Args:
        folded: A word folded by `fold`.
    """
    script = script_of_character(folded[0]) if folded else NO_SCRIPT
    if script in VOWELLESS:
        return _consonants(_ARTICLE.sub("", folded).translate(_WHOLE).removesuffix("h"))
    if script not in SPELT:
        return ""
    for several, one in _BEFORE_SPELLING.get(script, ()):
        folded = folded.replace(several, one)
    return _sounds(folded.rstrip(_NASAL).translate(_WITH_VOWELS))


def _sounds(letters: str) -> str:
    key = _DOUBLE.sub(r"\1", letters)
    return f"+{key}" if len(key) >= LEAST else ""


def _consonants(letters: str) -> str:
    key = _DOUBLE.sub(r"\1", letters).translate(_NO_VOWELS)
    return f"~{key}" if len(key) >= LEAST_CONSONANTS else ""


def query_keys(folded: str) -> tuple[str, ...]:
    """Return the keys that match a query's Latin word in passages in other scripts.

    Args:
        folded: A word folded by `fold`. A word that is not in Latin letters has no keys.
    """
    if not folded.isascii() or not folded.isalpha():
        return ()
    kana = _in_kana(folded)
    syllables = _syllables(folded)
    reduced = _reduced(folded)
    spelt = reduced.replace("a", "")
    found = [
        *map(_sounds, (spelt, spelt.rstrip("nm"))),
        *map(_consonants, (reduced, reduced.removesuffix("h"))),
        *(kana[place : place + 2] for place in range(len(kana) - 1)),
    ]
    found += [pair_key(first + second) for first, second in pairwise(syllables)]
    return tuple(dict.fromkeys(filter(None, found)))


@lru_cache(maxsize=1 << 15)
def han_pair_key(pair: str) -> str:
    """Return the key of two Chinese characters, made of their pinyin without tones.

    Args:
        pair: Two Chinese characters.
    """
    return pair_key(_latin(pair))


def _latin(text: str) -> str:
    from anyascii import anyascii  # loads tempfile and shutil; both callers remember what it returns

    return str(anyascii(text)).lower()


def pair_key(spelt: str) -> str:
    """Return the key of two pinyin syllables.

    Args:
        spelt: Two syllables without tones, lower-case and joined.
    """
    return f"={spelt}"


def _reduced(spelt: str) -> str:
    return _SEVERAL.sub(lambda found: _ONE[found[0]], _NOT_LETTERS.sub("", spelt))


def _in_kana(word: str) -> str:
    """Write romanised Japanese in hiragana; empty if a part of it is not a syllable."""
    word = re.sub(r"([kstp])(?=\1)", "っ", word).replace("tch", "っch").replace("ou", "o").replace("uu", "u")
    pieces = _KANA_SYLLABLE.findall(word.replace("っ", ""))
    if "".join(pieces) != word.replace("っ", "") or not all(piece in _KANA for piece in pieces):
        return ""
    return "".join(_KANA[piece] for piece in pieces)


def _syllables(word: str) -> list[str]:
    found: list[str] = []
    place = 0
    while place < len(word):
        match = _PINYIN.match(word, place)
        if match is None or not match.group():
            return []
        end = match.end()
        if end < len(word) and match.group()[-1] in "ngr" and word[end] in "aeiou":
            end -= 1  # a consonant begins the next syllable where possible
        found.append(word[place:end])
        place = end
    return found
