"""Turn a text into the terms, as numbers, that the lexical leg matches.

Passages, queries and highlights share one pipeline: a text is cut into pieces, a piece into words, and a word gives terms of
several kinds. Certain kinds have weight 1, uncertain ones less, in passages and in queries.

| kind | term of `Häuser` in German, or other example | where |
|---|---|---|
| word | `hauser` | everywhere: folded (see `searchapp.text.folding`) |
| stem | `haus` | where the language has a stemmer (see `searchapp.text.stems`) |
| joined | `email` of `e-mail` | words with a joiner, digits or a capital inside |
| part | `garten` of `Kindergarten` | compounds, at a lower weight |
| sound | `+kitb` of `किताब` | words in other scripts, matched by Latin letters, at a lower weight |
| number | `#1000` of `1,000` | by value, in any digits |

A term's number is a hash of its letters alone, not of its language: matching names, loanwords and numbers across languages is
worth the rare homograph. Stop words stay in passages. A query drops its stop words unless it has nothing else.

In scripts without spaces the engine's analyser is used for Thai only. It leaves Korean words with their particles and whole
Khmer, Lao and Burmese sentences, and it segments kanji without kana as Chinese: with kanji words from Japanese passages as
queries, 44 % matched no term of their own passage. Chinese, Japanese and Korean are therefore indexed as overlapping
character pairs and single characters (except kana), the other scripts as character triples. Mean reciprocal rank of the
passage that answers a question, 1,500 questions each: Korean .381 with the engine and .640 with pairs, Japanese .891 and
.905, Chinese .963 and .971, but Thai .931 and .850.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from functools import lru_cache
from typing import NamedTuple

import qdrant_edge as edge

from searchapp.text.compounds import parts
from searchapp.text.folding import INVISIBLE, JOINERS, fold, other_forms
from searchapp.text.han import fold_run, numerals
from searchapp.text.numbers import DIGIT, numbers
from searchapp.text.patterns import pattern, unicode_pattern
from searchapp.text.romanised import han_pair_key, passage_key, query_keys
from searchapp.text.scripts import characters_of
from searchapp.text.stems import stemmer

STOP_WORDS = {
    "ar": "Arabic", "az": "Azerbaijani", "bn": "Bengali", "ca": "Catalan", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "es": "Spanish", "eu": "Basque", "fi": "Finnish", "fr": "French", "he": "Hebrew",
    "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "kk": "Kazakh", "ne": "Nepali", "nl": "Dutch",
    "no": "Norwegian", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sl": "Slovene", "sv": "Swedish",
    "tg": "Tajik", "tr": "Turkish",
}  # fmt: skip
"""Language -> the engine's name of its stop word list."""

PIECES = 1 << 16
"""Maximum number of cached pieces per language. The cache is cleared when it is full, which costs little."""

LONGEST_PIECE = 256
"""Maximum length of an analysed piece in characters; anything longer is not a word."""

LONGEST_STOP = 14
"""Maximum length in letters of a word that is looked up among the stop words."""

WORD_CHARACTERS = 2
"""Characters that count as one word in the length of Chinese, Japanese or Korean text."""

_THAI = characters_of("Thai")
_PAIRED = characters_of("Hani", "Hira", "Kana", "Bopo", "Hang") + "\u30fb\uff65\u2015\u303b"
_TRIPLED = characters_of("Laoo", "Mymr", "Khmr")
_ANY_UNSPACED = pattern(f"[{_THAI}{_PAIRED}{_TRIPLED}]")
_INSIDE = "\u200b\u200c\u200d\u2060\ufe00-\ufe0f\U000e0100-\U000e01ef"
_UNSPACED = pattern(
    f"(?P<thai>[{_THAI}][{_THAI}{_INSIDE}]*)|(?P<pairs>[{_PAIRED}][{_PAIRED}{_INSIDE}]*)|(?P<triples>[{_TRIPLED}][{_TRIPLED}{_INSIDE}]*)"
)
_DROPPED = pattern(f"[{_INSIDE}]")
_NOT_KANA = pattern("[^\u3041-\u30ff\uff66-\uff9f]")
_HAN = pattern(f"[{characters_of('Hani')}]")
_WORD = unicode_pattern(r"[\p{L}\p{M}]+|\p{N}+")
_LETTERS = unicode_pattern(r"[\p{L}\p{M}]+")
_GRAPHEME = unicode_pattern(r"\X")
_SYMBOL = unicode_pattern(r"(?!\ufffd)[\p{So}\p{Sc}°]")
_BEFORE = "([{\"'«„“‘‹¿¡\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069"
_AFTER = _BEFORE + ".,;:!?)]}»”’›…।॥،؛؟。、።፣፡-–—\u200c"
_SPECIAL = unicode_pattern(r"(?<![\w.])\.[\p{L}][\w]+|(?<![\w])[\p{L}]\w{0,8}(?:\+\+|#)(?![\p{L}_])|°\p{L}")
_PARTED = unicode_pattern(rf"[^\s\p{{L}}\p{{M}}\p{{N}}{re.escape(JOINERS)}]+")
_HUMP = unicode_pattern(r"(?<=\p{Ll})(?=\p{Lu})")
_THAI_REPEAT = "\u0e46"
_SARA_AM = pattern("\u0e4d([\u0e48-\u0e4b]?)\u0e32")
_THAI_TONES = pattern("[\u0e47-\u0e4e]")
_THAI_FRAGMENT = pattern("(?=([\u0e01-\u0e2e\u0e40-\u0e44]..))")
_THAI_SOUNDS = str.maketrans("ศษซฎฏฐฑฒณฃฅฆญฬ", "สสสดตถททนขคคยล")


class Piece(NamedTuple):
    """The analysis of a piece of text between spaces.

    Attributes:
        words: Terms of its words.
        stems: Terms of the stems, or of the words if the language has no stemmer.
        sure: All terms with full weight in a passage, without repetition.
        unsure: Terms of compound parts and sounds.
        length: Number of words without the language's stop words.
    """

    words: tuple[int, ...] = ()
    stems: tuple[int, ...] = ()
    sure: tuple[int, ...] = ()
    unsure: tuple[int, ...] = ()
    length: int = 0

    @property
    def is_stop(self) -> bool:
        """Return whether all words are stop words."""
        return not self.length


class Vocabulary(dict[str, Piece]):
    """Analyses the pieces of one language, each only once.

    A text then takes a few dozen look-ups. Thread-safe: if two threads analyse the same piece, the results are equal.
    """

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language
        self.has_stems = stemmer(language) is not None
        self._stem = stemmer(language)
        self._engine = _engine(language)
        self._has_stop_words = language in STOP_WORDS
        self.pairs = Pairs()

    def __missing__(self, piece: str) -> Piece:
        found = self._analyse(piece[:LONGEST_PIECE])
        if len(piece) > LONGEST_PIECE:
            return found  # seldom met twice; 65,536 of them would fill the memory
        if len(self) >= PIECES:
            self.clear()
        self[piece] = found
        return found

    def segment(self, run: str) -> list[int]:
        """Segment a run of Thai and return its terms. They are not cached, because the same run seldom occurs twice.

        Args:
            run: Text without spaces.
        """
        return list(self._engine.embed_query(run).indices)

    def _analyse(self, piece: str) -> Piece:
        bare = piece.lstrip(_BEFORE).rstrip(_AFTER)
        if bare.isalpha() or _LETTERS.fullmatch(bare):
            if bare != piece:
                return self[bare]
            small = piece.lower()
            if small != piece and (piece[1:] == small[1:] or piece.isupper()) and self.language not in ("tr", "az"):
                return self[small]
            if small == piece or not _HUMP.search(piece):
                return self._simple(piece)
        return self._compound(piece)

    def _simple(self, word: str) -> Piece:
        """Analyse a piece that is a single word."""
        folded = fold(word)
        if not folded:
            return Piece()
        words = (_hash(folded), *map(_hash, other_forms(folded, self.language)))
        stem = self._stem(word) if self._stem is not None else folded
        stems = (_hash(stem),) if self._stem is not None else words
        sure = words if stems[0] in words else (*words, *stems)
        unsure = self._unsure(folded, stem)
        return Piece(words, stems, sure, tuple(unsure), 0 if self._is_stop(word) else len(words))

    def _compound(self, piece: str) -> Piece:
        """Analyse a piece that has several words or contains digits, joiners or symbols."""
        words = [fold(symbol) for symbol in _GRAPHEME.findall(piece) if _SYMBOL.search(symbol)]
        stems = list(words)
        unsure: list[int] = []
        stop = True
        piece = unicodedata.normalize("NFKC", piece.translate(INVISIBLE))
        joined = list(map(fold, _SPECIAL.findall(piece)))
        for part in _PARTED.split(piece):
            inner = _WORD.findall(part)
            for word in inner:
                if word.isdecimal():
                    continue  # `numbers` handles them
                for hump in _HUMP.split(word) if _HUMP.search(word) else (word,):
                    folded = fold(hump)
                    if not folded or (len(folded) == 1 and len(inner) > 1 and DIGIT.search(part)):
                        continue
                    words += [folded, *other_forms(folded, self.language)]
                    stems.append(self._stem(hump) if self._stem is not None else folded)
                    unsure += self._unsure(folded, stems[-1])
                    stop = stop and self._is_stop(hump)
            if len(inner) > 1 or (inner and _HUMP.search(inner[0])):
                whole = fold("".join(inner))
                if not whole.isdecimal():
                    joined += [whole, *other_forms(whole, self.language)]
                    if self._stem is not None:
                        joined.append(self._stem("".join(inner)))
        joined = [word for word in dict.fromkeys(joined) if word]
        return _piece(
            list(map(_hash, words + joined)),
            list(map(_hash, stems + joined)),
            unsure,
            len(words) if words and not (stop and not joined) else len(joined[:1]),
        )

    def _unsure(self, folded: str, stem: str) -> list[int]:
        if not folded.isascii():
            key = passage_key(folded)
            return [_hash(key)] if key else []
        found = parts(folded, self.language) or parts(stem, self.language)
        if not found:
            return []
        own = self._stem or fold
        return [_hash(part) for part in dict.fromkeys((*found, *map(own, found)))]

    def _is_stop(self, word: str) -> bool:
        return self._has_stop_words and len(word) <= LONGEST_STOP and not self._engine.embed_query(word.lower()).indices


def _piece(words: list[int], stems: list[int], unsure: list[int], length: int) -> Piece:
    sure = dict.fromkeys(words)
    sure.update(dict.fromkeys(stems))
    return Piece(
        tuple(dict.fromkeys(words)),
        tuple(dict.fromkeys(stems)),
        tuple(sure),
        tuple(term for term in dict.fromkeys(unsure) if term not in sure),
        length,
    )


class Pairs(dict[str, tuple[int, int]]):
    """Maps pairs of characters to the terms of the pair and of its reading (0 if it has none), computed on first use."""

    def __missing__(self, pair: str) -> tuple[int, int]:
        reading = _hash(han_pair_key(pair)) if len(pair) == 2 and _HAN.match(pair[0]) and _HAN.match(pair[1]) else 0
        found = (_hash(pair), reading)
        if len(self) >= PIECES:
            self.clear()
        self[pair] = found
        return found


@lru_cache(maxsize=512)
def vocabulary(language: str) -> Vocabulary:
    """Return the vocabulary of a language. The process shares one, so that highlights reuse what a search has analysed.

    Args:
        language: BCP 47 primary subtag or `und`.
    """
    return Vocabulary(language)


class Unspaced(NamedTuple):
    """Terms, with repetition, of the parts of a text written without spaces, and the rest of the text.

    Attributes:
        sure: Terms with full weight.
        unsure: Terms of readings and of Thai fragments.
        length: Length in words.
        rest: The text without these parts.
    """

    sure: list[int]
    unsure: list[int]
    length: float
    rest: str


def split_unspaced(text: str, known: Vocabulary) -> Unspaced:
    """Separate the parts written without spaces from a text.

    Args:
        text: A normalised text.
        known: The vocabulary of the text's language.
    """
    sure: list[int] = []
    unsure: list[int] = []
    length = 0.0
    for match in _UNSPACED.finditer(text):
        run = match.group()
        kind = match.lastgroup
        if kind == "thai":
            found, fragments = _thai(run, known)
            sure += found
            unsure += fragments
            length += len(found)
        elif kind == "pairs":
            for folded in fold_pairs(run).split():
                _add_pairs(folded, known.pairs, sure, unsure)
                length += len(folded) / WORD_CHARACTERS
        else:
            run = fold_triples(run)
            sure += [_hash(run[start : start + 3]) for start in range(max(1, len(run) - 2))]
            length += len(run) / WORD_CHARACTERS
    return Unspaced(sure, unsure, length, _UNSPACED.sub(" ", text))


def _add_pairs(run: str, pairs: Pairs, sure: list[int], unsure: list[int]) -> None:
    """Add the terms of a folded run of Chinese, Japanese or Korean."""
    if len(run) == 1:
        sure.append(pairs[run][0])
        return
    for pair in map(str.__add__, run, run[1:]):
        term, reading = pairs[pair]
        sure.append(term)
        if reading:
            unsure.append(reading)
    sure += [pairs[character][0] for character in _NOT_KANA.findall(run)]
    sure += [_hash(f"#{value}") for value in numerals(run)]


def fold_pairs(run: str) -> str:
    """Fold a run of Chinese, Japanese or Korean; drop what NFKC turns into other characters.

    Args:
        run: Characters that are indexed as pairs.
    """
    folded = fold(_DROPPED.sub("", run)) if not _PLAIN_HAN.fullmatch(run) else run
    return fold_run(folded)


_PLAIN_HAN = pattern("[\u3041-\u3096\u30a1-\u30fa\u30fc\u4e00-\u9fff\uac00-\ud7a3々]+")


def fold_triples(run: str) -> str:
    """Fold a run of Lao, Khmer or Burmese.

    Args:
        run: Letters of these scripts.
    """
    return fold(_DROPPED.sub("", run))


def _thai(run: str, known: Vocabulary) -> tuple[list[int], list[int]]:
    run = _SARA_AM.sub("\\1\u0e33", fold(_DROPPED.sub("", run)).replace(_THAI_REPEAT, ""))
    plain = _THAI_TONES.sub("", run).translate(_THAI_SOUNDS)
    return known.segment(run), [_hash(f"ๆ{match[1]}") for match in _THAI_FRAGMENT.finditer(plain)]


def has_unspaced(text: str) -> bool:
    """Return whether any part of a text is written without spaces.

    Args:
        text: Text of any length, in any script.
    """
    return not text.isascii() and _ANY_UNSPACED.search(text) is not None


def number_terms(text: str) -> list[int]:
    """Return the terms of the numbers in a text.

    Args:
        text: Text of any length, in any script.
    """
    return list(map(_hash, numbers(text)))


def sound_terms(word: str) -> list[int]:
    """Return the terms that match a query's Latin word in passages in other scripts.

    Args:
        word: One word.
    """
    return list(map(_hash, query_keys(fold(word))))


def _hash(term: str) -> int:
    return zlib.crc32(term.encode("utf-8", "surrogatepass"))


def _engine(language: str) -> edge.Bm25:
    """Create the engine's analyser of a language, which has the stop words and segments Thai."""
    known = {getattr(edge.Language, STOP_WORDS[language])} if language in STOP_WORDS else set()
    return edge.Bm25(
        edge.Bm25Config(
            tokenizer=edge.TokenizerType.Multilingual,
            lowercase=True,
            ascii_folding=True,
            stopwords=edge.StopwordsSet(languages=known, custom=set()),
            stemmer=edge.DisabledStemmer(),
        )
    )
