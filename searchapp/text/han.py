"""Fold Chinese and Japanese text: one character for all traditional, simplified and Japanese variants, one kana set.

The variants come from OpenCC's tables. Only single characters are folded, to the simplified form. Traditional characters
that share one simplified form therefore match each other, which harms a search less than missing a match.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from searchapp.text.patterns import pattern

_KANA_MARKS = "ー―‐–—−ｰ〜~"
LENGTHENING = frozenset("ー―−ｰ〜~")
"""Long-vowel marks, and the characters that people type for them."""

REPEATING = frozenset("々〻ゝヽ")
"""Marks that repeat the preceding character."""

_LONG_MARK = pattern(f"(?<=[\u3041-\u30ff])[{_KANA_MARKS}]+")
_MIDDLE_DOT = pattern("(?<=[\u3041-\u30ff\u4e00-\u9fff])[・･·‧=＝](?=[\u3041-\u30ff\u4e00-\u9fff])")
_REPEATED = pattern("([\u3041-\u30ff\u3400-\u9fff])[々〻ゝヽ]")
_REPEATED_VOICED = pattern("([\u3041-\u30ff])[ゞヾ]")
_V = (("ゔぁ", "ば"), ("ゔぃ", "び"), ("ゔぇ", "べ"), ("ゔぉ", "ぼ"), ("ゔ", "ぶ"))
_HIRAGANA = {point: point - 0x60 for point in range(0x30A1, 0x30F7)} | {0x30F5: ord("け"), 0x30F6: ord("け")}
_SMALL = str.maketrans("ゕゖゎ", "けけわ")
_VOICED = str.maketrans("かきくけこさしすせそたちつてとはひふへほ", "がぎぐげござじずぜぞだぢづでどばびぶべぼ")

_DIGITS = "〇一二三四五六七八九"
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)} | {"零": 0, "两": 2, "○": 0}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}
_NUMERAL = pattern(f"[{''.join(_VALUES)}十百千万亿]{{2,}}")


def fold_run(run: str) -> str:
    """Fold a run of Chinese or Japanese characters.

    Args:
        run: A run in NFKC, so that half-width kana and squared words are expanded.
    """
    if not _MAY_CHANGE.search(run):
        return run.translate(_variants())
    run = run.translate(_HIRAGANA).translate(_SMALL)
    run = _REPEATED.sub(r"\1\1", run)
    run = _REPEATED_VOICED.sub(lambda found: found[1] + found[1].translate(_VOICED), run)
    run = _MIDDLE_DOT.sub("", _LONG_MARK.sub("", run))
    if "ゔ" in run:
        for two, one in _V:
            run = run.replace(two, one)
    return run.translate(_variants())


_MAY_CHANGE = pattern("[\u3005-\u3007\u303b\u3041-\u30ff・]")


@lru_cache(maxsize=1)
def _variants() -> dict[int, int]:
    """Read OpenCC's single-character tables: traditional to simplified, and Japanese by way of traditional."""
    simplified = dict(_pairs("TSCharacters.txt"))
    found = {ord(old): ord(new) for old, new in simplified.items()}
    for table in ("JPVariants.txt", "TWVariants.txt", "HKVariants.txt"):
        for traditional, regional in _pairs(table):
            if regional not in simplified:
                found.setdefault(ord(regional), ord(simplified.get(traditional, traditional)))
    found = {old: new for old, new in found.items() if old != new}
    return {old: found.get(new, new) for old, new in found.items()}


def _pairs(table: str) -> Iterator[tuple[str, str]]:
    from importlib import resources

    text = (resources.files("opencc") / "dictionary" / table).read_text(encoding="utf-8")
    for line in text.splitlines():
        old, _, new = line.partition("\t")
        first = new.split(" ")[0].strip()
        if len(old) == len(first) == 1:
            yield old, first


def numerals(run: str) -> Iterator[int]:
    """Yield the numbers of two or more characters that a folded run writes in Chinese numerals.

    Args:
        run: A run folded by `fold_run`.
    """
    for match in _NUMERAL.finditer(run):
        text = match.group()
        if not any(character in _UNITS or character in _LARGE for character in text):
            yield int("".join(str(_VALUES[character]) for character in text))
        elif text[0] in _VALUES or text[0] == "十":
            yield _value(text)


def _value(text: str) -> int:
    total = section = digit = 0
    for character in text:
        if character in _VALUES:
            digit = _VALUES[character]
        elif character in _UNITS:
            section += (digit or 1) * _UNITS[character]
            digit = 0
        else:
            total += (section + digit or 1) * _LARGE[character]
            section = digit = 0
    return total + section + digit
