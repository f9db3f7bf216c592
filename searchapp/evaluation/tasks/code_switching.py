"""Code-switched queries (arXiv 2305.05295): words replaced by their translations from a lexicon."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import regex

from searchapp.errors import InputError, MissingExtraError
from searchapp.evaluation.tasks.base import RetrievalTask, TaskQuery
from searchapp.evaluation.tasks.mixed import parallel_groups

COLUMNS = ("synset", "lang", "lemma")
_WORD = regex.compile(r"[\p{L}\p{M}\p{Nd}]+(?:['’-][\p{L}\p{M}]+)*")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Lemmas by meaning.

    Attributes:
        meanings: (language, lower-cased lemma) -> synsets.
        lemmas: (synset, language) -> lemmas.
    """

    meanings: Mapping[tuple[str, str], tuple[str, ...]]
    lemmas: Mapping[tuple[str, str], tuple[str, ...]]

    @classmethod
    def read(cls, path: Path, *, languages: Collection[str]) -> Lexicon:
        """Read a Parquet or tab-separated file with columns `synset`, `lang`, `lemma`, keeping `languages`.

        Raises:
            InputError: The file is missing, damaged, or lacks a column.
            MissingExtraError: Parquet needs pyarrow.
        """
        rows = _parquet(path) if path.suffix == ".parquet" else _tsv(path)
        meanings: dict[tuple[str, str], list[str]] = {}
        lemmas: dict[tuple[str, str], list[str]] = {}
        for synset, language, lemma in rows:
            if language in languages:
                meanings.setdefault((language, lemma.lower()), []).append(synset)
                lemmas.setdefault((synset, language), []).append(lemma)
        if not meanings:
            raise InputError(f"no lemma in any of {', '.join(sorted(languages))}", path=path)
        return cls(
            meanings={key: tuple(value) for key, value in meanings.items()},
            lemmas={key: tuple(value) for key, value in lemmas.items()},
        )

    def translate(self, word: str, *, source: str, target: str, random: Random) -> str | None:
        """A translation of a word, drawn from all its meanings; None when the lexicon has none."""
        synsets = self.meanings.get((source, word.lower()), ())
        choices = [lemma for synset in synsets for lemma in self.lemmas.get((synset, target), ())]
        return random.choice(choices) if choices else None


def code_switched_queries(
    task: RetrievalTask, lexicon: Lexicon, *, probability: float = 0.5, seed: int = 0
) -> tuple[TaskQuery, ...]:
    """Make one query of each group of translations: a query whose words are replaced by those of one other language.

    Both languages are drawn at random. Each word is replaced with the given probability, if the lexicon has it
    (looked up in lower case, as it is written); groups in which nothing could be replaced are left out.

    Args:
        task: With parallel queries (equal `group`).
        probability: In (0, 1].
        seed: Of the draws.

    Raises:
        InputError: Not one word could be replaced.
    """
    random = Random(seed)  # noqa: S311
    queries = []
    for group, members in sorted(parallel_groups(task).items()):
        base, other = random.sample(members, 2)
        text = _switch(base, other.language, lexicon, probability=probability, random=random)
        if text != base.text:
            languages = (base.language, other.language)
            identifier = f"{group}.switched.{'+'.join(languages)}"
            queries.append(TaskQuery(id=identifier, text=text, languages=languages, group=group))
    if not queries:
        raise InputError(f"the lexicon has no word of the queries of {task.name}: nothing can be code-switched")
    return tuple(queries)


def _switch(query: TaskQuery, target: str, lexicon: Lexicon, *, probability: float, random: Random) -> str:
    def replace(match: Any) -> str:
        if random.random() >= probability:
            return str(match[0])
        found = lexicon.translate(match[0], source=query.language, target=target, random=random)
        return str(match[0]) if found is None else found

    return str(_WORD.sub(replace, query.text))


def _parquet(path: Path) -> Iterable[tuple[str, str, str]]:
    try:
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise MissingExtraError(feature=f"reading {path.name}", extra="files") from error
    try:
        columns = parquet.read_table(path, columns=list(COLUMNS)).to_pydict()
    except Exception as error:  # pyarrow has a tree of its own
        raise InputError(f"not a Parquet file with {', '.join(COLUMNS)} ({error})", path=path) from error
    return zip(*(map(str, columns[name]) for name in COLUMNS), strict=True)


def _tsv(path: Path) -> list[tuple[str, str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            if missing := set(COLUMNS) - set(reader.fieldnames or ()):
                raise InputError(f"no column {', '.join(sorted(missing))}; expected {', '.join(COLUMNS)}", path=path)
            return [(row["synset"], row["lang"], row["lemma"]) for row in reader]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read ({error})", path=path) from error
