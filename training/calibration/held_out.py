"""Build held-out tasks for choosing settings, from real text that the shipped encoders were not trained on; never XQuAD-R.

`translations`: XNLI's hypotheses search for their premise in eleven languages (a parallel pool, like XQuAD-R's).
`questions`: Turkish questions (TQuAD) search for their passage in a pool with other languages' passages. The answer exists
only in the query's language, and other languages must not push it down.
`english`: English questions (MedQuAD) search for their passage in English (one language, like most BEIR sets).
"""

from __future__ import annotations

from pathlib import Path
from random import Random

from searchapp.datatypes import Document
from searchapp.evaluation.tasks.base import RetrievalTask, TaskPassage, TaskQuery
from searchapp.files.parquet import read_table
from searchapp.text.normalise import normalize

LANGUAGES = ("ar", "de", "el", "en", "es", "hi", "ru", "th", "tr", "vi", "zh")
POOL = 500
ASKED = 40
LEAST_WORDS = 10
QUESTION_COLUMNS = ("source", "lang", "question", "passage", "answer")


def translations_task(
    data: Path, *, seed: int = 0, pool: int = POOL, asked: int = ASKED
) -> tuple[RetrievalTask, list[Document]]:
    """Create a task in which hypotheses search for their premises.

    Hypotheses are the even groups; the premise of each, of at least `LEAST_WORDS` words, is the next group.

    Args:
        data: Folder with `translations.parquet`.
        seed: Seed that draws the premises and their hypotheses.
        pool: Maximum number of premises; each is a passage in every language.
        asked: Maximum number of premises that have queries, one per language.
    """
    table = read_table(data / "translations.parquet", ("group", "lang", "text"), sources=["xnli"], languages=LANGUAGES)
    texts: dict[str, dict[int, str]] = {code: {} for code in LANGUAGES}
    for row in table.to_pylist():
        texts[row["lang"]][row["group"]] = normalize(row["text"])
    first = min(texts["en"])
    hypotheses: dict[str, list[int]] = {}
    for group in range(first, max(texts["en"]), 2):
        hypotheses.setdefault(texts["en"][group + 1], []).append(group)
    random = Random(seed)  # noqa: S311
    premises = sorted(text for text in hypotheses if len(text.split()) >= LEAST_WORDS)
    random.shuffle(premises)
    passages, queries, qrels = [], [], {}
    for place, premise in enumerate(premises[:pool]):
        group = hypotheses[premise][0] + 1
        golds = {f"p{place}.{code}": 1 for code in LANGUAGES}
        passages += [
            TaskPassage(id=f"p{place}.{code}", text=texts[code][group], language=code, document_id=f"p{place}.{code}")
            for code in LANGUAGES
        ]
        if place < asked:
            chosen = random.choice(hypotheses[premise])
            for code in LANGUAGES:
                query = f"q{place}.{code}"
                queries.append(TaskQuery(id=query, text=texts[code][chosen], languages=(code,), group=f"q{place}"))
                qrels[query] = golds
    task = RetrievalTask(
        name="held-out translations", queries=tuple(queries), passages=tuple(passages), qrels=qrels, measures=("mAP",)
    )
    documents = [_document(passage.id, passage.text, passage.language) for passage in passages]
    return task, documents


def questions_task(
    data: Path, *, seed: int = 0, per_language: int = POOL // 2, asked: int = 5 * ASKED, characters: int = 1500
) -> tuple[RetrievalTask, list[Document]]:
    """Use Turkish questions in a pool with the same number of passages of seven other languages each.

    Args:
        data: Folder with `qa.parquet`.
        seed: Seed that draws the rows.
        per_language: Maximum number of passages per language.
        asked: Maximum number of questions.
        characters: Characters of a passage that are kept.
    """
    rows = read_table(data / "qa.parquet", QUESTION_COLUMNS).to_pylist()
    random = Random(seed)  # noqa: S311
    random.shuffle(rows)
    documents: dict[tuple[str, str], Document] = {}
    counts: dict[str, int] = {}
    questions: list[tuple[str, str]] = []
    for row in rows:
        code, text = row["lang"], normalize(row["passage"])[:characters]
        known = (code, text) in documents
        if not known and counts.get(code, 0) >= per_language:
            continue
        if not known:
            counts[code] = counts.get(code, 0) + 1
            documents[code, text] = _document(f"{code}{counts[code]}", text, code)
        if code == "tr" and row["source"] == "tquad" and normalize(str(row["answer"])) in text:
            questions.append((normalize(row["question"]), documents[code, text].id))
    passages = [
        TaskPassage(id=found.id, text=found.text, language=code, document_id=found.id)
        for (code, _), found in documents.items()
    ]
    chosen = questions[:asked]
    queries = tuple(
        TaskQuery(id=f"q{place}", text=text, languages=("tr",), group=f"q{place}")
        for place, (text, _) in enumerate(chosen)
    )
    task = RetrievalTask(
        name="held-out questions",
        queries=queries,
        passages=tuple(passages),
        qrels={f"q{place}": {gold: 1} for place, (_, gold) in enumerate(chosen)},
        measures=("mAP",),
    )
    return task, list(documents.values())


def english_task(data: Path, *, seed: int = 0, pool: int = POOL, characters: int = 1500) -> RetrievalTask:
    """Use English questions in a pool of English passages; passages with one title answer questions on one subject.

    Args:
        data: Folder with `qa.parquet`.
        seed: Seed that draws the rows.
        pool: Maximum number of passages, each with one question.
        characters: Characters of a passage that are kept.
    """
    rows = read_table(data / "qa.parquet", QUESTION_COLUMNS, sources=["medquad"]).to_pylist()
    Random(seed).shuffle(rows)  # noqa: S311
    found: dict[str, str] = {}
    questions: dict[str, str] = {}
    for row in rows:
        text, question = normalize(row["passage"])[:characters], normalize(row["question"])
        if len(found) < pool and text not in found and question not in questions:
            found[text] = f"p{len(found)}"
            questions[question] = found[text]
    return RetrievalTask(
        name="held-out English questions",
        queries=tuple(TaskQuery(id=f"q{n}", text=text, languages=("en",)) for n, text in enumerate(questions)),
        passages=tuple(
            TaskPassage(id=name, text=text, language="en", document_id=name) for text, name in found.items()
        ),
        qrels={f"q{n}": {gold: 1} for n, gold in enumerate(questions.values())},
        measures=("mAP",),
    )


def _document(name: str, text: str, language: str) -> Document:
    """Create a document that is a single passage of any length."""
    return Document(id=name, text=text, language=language, boundaries=((0, len(text)),))
