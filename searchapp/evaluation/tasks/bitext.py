"""Retrieve each sentence's translation in both directions, as with Tatoeba."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from searchapp.errors import InputError
from searchapp.evaluation.tasks.base import RetrievalTask, TaskPassage, TaskQuery
from searchapp.files.text_lines import read_lines
from searchapp.text.languages import canonical
from searchapp.text.normalise import normalize

MEASURES = ("P@1", "RR@10", "R@10")


def load_bitext(folder: Path, *, pair: str) -> RetrievalTask:
    """Read two line-aligned files `….<pair>.<language>`, such as `tatoeba.deu-eng.deu` and `tatoeba.deu-eng.eng`.

    Every sentence is a query and its translation the gold. The setting Cr ranks only the sentences of the other language,
    which gives Tatoeba's accuracy (P@1). In Mul the sentence itself is ignored.

    Args:
        folder: Folder of the two files.
        pair: Two codes (BCP 47 or ISO 639-3) joined by `-`, as in the files' names.

    Raises:
        InputError: A file is missing, or the two are not aligned.
    """
    codes = pair.split("-")
    if len(codes) != 2 or not all(codes) or codes[0] == codes[1]:
        raise InputError(f"{pair!r} is not a language pair; expected two codes such as deu-eng")
    texts = {code: _sentences(_file(folder, pair=pair, code=code)) for code in codes}
    counts = {code: len(found) for code, found in texts.items()}
    if len(set(counts.values())) != 1 or not counts[codes[0]]:
        raise InputError(f"the files of {pair} are not aligned: {_describe(counts)}", path=folder)
    queries: list[TaskQuery] = []
    passages: list[TaskPassage] = []
    qrels: dict[str, dict[str, int]] = {}
    excluded: dict[str, frozenset[str]] = {}
    for code, other in (codes, codes[::-1]):
        language = canonical(code)
        for place, text in enumerate(texts[code]):
            own = f"{place}.{code}"
            queries.append(TaskQuery(id=own, text=text, languages=(language,), group=str(place)))
            passages.append(TaskPassage(id=own, text=text, language=language))
            qrels[own] = {f"{place}.{other}": 1}
            excluded[own] = frozenset((own,))
    return RetrievalTask(
        name=f"bitext-{pair}",
        queries=tuple(queries),
        passages=tuple(passages),
        qrels=qrels,
        measures=MEASURES,
        excluded=excluded,
        source=str(folder),
    )


def _file(folder: Path, *, pair: str, code: str) -> Path:
    found = [path for path in sorted(folder.glob(f"*{pair}.{code}")) if path.is_file()]
    if len(found) != 1:
        raise InputError(
            f"{len(found)} files match *{pair}.{code}, expected 1, such as tatoeba.deu-eng.deu", path=folder
        )
    return found[0]


def _sentences(path: Path) -> list[str]:
    found = [(number, normalize(text).strip()) for number, text in read_lines(path)]
    if found and found[-1][0] != len(found):
        raise InputError("blank lines, which break the alignment with the other file", path=path)
    return [text for _, text in found]


def _describe(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} lines of {code}" for code, count in counts.items())
