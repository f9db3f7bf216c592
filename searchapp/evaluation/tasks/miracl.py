"""Read MIRACL (18 languages) and Mr.TyDi (11): native questions over Wikipedia, in their published layouts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from searchapp.datatypes import Qrels
from searchapp.errors import InputError, MissingExtraError
from searchapp.evaluation.tasks.base import RetrievalTask, TaskPassage, TaskQuery
from searchapp.evaluation.tasks.reading import existing, read_qrels, text_of
from searchapp.files.json_lines import read_json_lines
from searchapp.files.text_lines import read_cells
from searchapp.text.normalise import normalize

MEASURES = ("nDCG@10", "R@100", "RR@10", "mAP")

MIRACL_LANGUAGES = (
    "ar",
    "bn",
    "de",
    "en",
    "es",
    "fa",
    "fi",
    "fr",
    "hi",
    "id",
    "ja",
    "ko",
    "ru",
    "sw",
    "te",
    "th",
    "yo",
    "zh",
)
MRTYDI_NAMES = {
    "ar": "arabic",
    "bn": "bengali",
    "en": "english",
    "fi": "finnish",
    "id": "indonesian",
    "ja": "japanese",
    "ko": "korean",
    "ru": "russian",
    "sw": "swahili",
    "te": "telugu",
    "th": "thai",
}
HUB = {
    "miracl": ("miracl/miracl", "miracl/miracl-corpus"),
    "mr-tydi": ("castorini/mr-tydi", "castorini/mr-tydi-corpus"),
}


def load_miracl(roots: Sequence[Path], *, languages: Sequence[str], split: str = "dev") -> RetrievalTask:
    """Read MIRACL: topics and qrels of a split, and the whole corpus, per language.

    With several languages the ids get the prefix `<language>-`, and the pool contains all corpora.

    Args:
        roots: Folders that contain `miracl-v1.0-<language>` and `miracl-corpus-v1.0-<language>`, up to 3 levels down.
        languages: BCP 47 primary subtags.
        split: Split such as `dev` or `train`.

    Raises:
        InputError: A language is not in MIRACL, or a file is missing or damaged.
    """
    _check_languages("MIRACL", languages, MIRACL_LANGUAGES)
    queries: list[TaskQuery] = []
    passages: list[TaskPassage] = []
    qrels: Qrels = {}
    for language in languages:
        prefix = f"{language}-" if len(languages) > 1 else ""
        name = f"miracl-v1.0-{language}"
        folder = _folder(roots, name)
        topics = existing(folder / "topics" / f"topics.{name}-{split}.tsv", what="MIRACL's topics (qid, query)")
        judged = existing(folder / "qrels" / f"qrels.{name}-{split}.tsv", what="MIRACL's qrels in TREC format")
        for _, (qid, text) in read_cells(topics, columns=2):
            queries.append(TaskQuery(id=prefix + qid, text=normalize(text), languages=(language,)))
        _add_qrels(qrels, read_qrels(judged), prefix=prefix)
        corpus = _folder(roots, f"miracl-corpus-v1.0-{language}")
        passages += _corpus(sorted(corpus.glob("docs-*.jsonl*")), where=corpus, language=language, prefix=prefix)
    return _task("miracl", queries, passages, qrels, roots=roots)


def load_mr_tydi(roots: Sequence[Path], *, languages: Sequence[str], split: str = "test") -> RetrievalTask:
    """Read Mr.TyDi: its archives (`topic.<split>.tsv`, `qrels.<split>.txt`, `collection/`) or its files on the Hub.

    Args:
        roots: Folders that contain `mrtydi-v1.1-<name>`, such as `mrtydi-v1.1-arabic`, up to 3 levels down.
        languages: BCP 47 primary subtags.
        split: `test`, `dev`, `train`.

    Raises:
        InputError: A language is not in Mr.TyDi, or a file is missing or damaged.
    """
    _check_languages("Mr.TyDi", languages, tuple(MRTYDI_NAMES))
    queries: list[TaskQuery] = []
    passages: list[TaskPassage] = []
    qrels: Qrels = {}
    for language in languages:
        prefix = f"{language}-" if len(languages) > 1 else ""
        folders = _folders(roots, f"mrtydi-v1.1-{MRTYDI_NAMES[language]}")
        _mr_tydi_queries(folders, split=split, language=language, prefix=prefix, queries=queries, qrels=qrels)
        patterns = ("collection/docs.jsonl*", "corpus.jsonl*")
        files = sorted(path for folder in folders for pattern in patterns for path in folder.glob(pattern))
        passages += _corpus(files, where=folders[0], language=language, prefix=prefix)
    return _task("mr-tydi", queries, passages, qrels, roots=roots)


def fetch(name: str, *, languages: Sequence[str], split: str) -> list[Path]:
    """Download the files that `load_miracl` or `load_mr_tydi` reads from the Hugging Face Hub, or find them in its cache.

    Args:
        name: `miracl` or `mr-tydi`.
        languages: Languages to download, BCP 47.
        split: Split of the queries and judgements, such as `dev`.

    Raises:
        InputError: The Hub cannot be reached or denies access; the message says what to do.
        MissingExtraError: huggingface_hub is not installed.
    """
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise MissingExtraError(feature=f"fetching {name} from the Hub", extra="train") from error
    patterns = [pattern for language in languages for pattern in _patterns(name, language, split=split)]
    roots = []
    for repository in HUB[name]:
        try:
            roots.append(Path(snapshot_download(repository, repo_type="dataset", allow_patterns=patterns)))
        except Exception as error:  # the Hub's client and its HTTP library raise a dozen kinds of errors
            raise InputError(
                f"{repository} cannot be fetched from the Hub ({type(error).__name__}: {error}). Connect once, log in if "
                "it is gated (HF_TOKEN), or give a folder that contains it with --data"
            ) from error
    return roots


def _patterns(name: str, language: str, *, split: str) -> list[str]:
    if name == "miracl":
        _check_languages("MIRACL", [language], MIRACL_LANGUAGES)
        own = f"miracl-v1.0-{language}"
        return [f"{own}/topics/*-{split}.tsv", f"{own}/qrels/*-{split}.tsv", f"miracl-corpus-v1.0-{language}/*"]
    _check_languages("Mr.TyDi", [language], tuple(MRTYDI_NAMES))
    own = f"mrtydi-v1.1-{MRTYDI_NAMES[language]}"
    return [f"{own}/{split}.jsonl.gz", f"{own}/corpus.jsonl.gz"]


def _mr_tydi_queries(
    folders: Sequence[Path], *, split: str, language: str, prefix: str, queries: list[TaskQuery], qrels: Qrels
) -> None:
    for folder in folders:
        for path in folder.glob(f"{split}.jsonl*"):
            for line, row in read_json_lines(path, fields=("query_id", "query", "positive_passages")):
                qid = prefix + str(row["query_id"])
                text = text_of(row, "query", path=path, line=line)
                queries.append(TaskQuery(id=qid, text=text, languages=(language,)))
                qrels[qid] = {prefix + str(passage["docid"]): 1 for passage in row["positive_passages"]}
            return
    folder = folders[0]
    topics = existing(folder / f"topic.{split}.tsv", what=f"Mr.TyDi's topics, or {split}.jsonl.gz as on the Hub")
    for _, (qid, text) in read_cells(topics, columns=2):
        queries.append(TaskQuery(id=prefix + qid, text=normalize(text), languages=(language,)))
    judged = existing(folder / f"qrels.{split}.txt", what="Mr.TyDi's qrels in TREC format")
    _add_qrels(qrels, read_qrels(judged), prefix=prefix)


def _corpus(files: Sequence[Path], *, where: Path, language: str, prefix: str) -> Iterator[TaskPassage]:
    if not files:
        raise InputError("no corpus files (.jsonl or .jsonl.gz) in this folder", path=where)
    for path in files:
        for line, row in read_json_lines(path):
            pid = row.get("docid", row.get("id"))
            if pid is None:
                raise InputError(f"a passage with {', '.join(row)}; expected docid or id", path=path, line=line)
            if "contents" in row:
                text = text_of(row, "contents", path=path, line=line)
            else:
                title = text_of(row, "title", path=path, line=line) if row.get("title") else ""
                text = f"{title}\n{text_of(row, 'text', path=path, line=line)}".strip()
            yield TaskPassage(id=f"{prefix}{pid}", text=text, language=language)


def _add_qrels(qrels: Qrels, found: Qrels, *, prefix: str) -> None:
    for qid, judged in found.items():
        qrels[prefix + qid] = {prefix + pid: relevance for pid, relevance in judged.items()}


def _folder(roots: Sequence[Path], name: str) -> Path:
    return _folders(roots, name)[0]


def _folders(roots: Sequence[Path], name: str) -> list[Path]:
    found = [
        path
        for root in roots
        for path in (root, *(match for depth in ("", "*/", "*/*/") for match in sorted(root.glob(f"{depth}{name}"))))
        if path.name == name and path.is_dir()
    ]
    if not found:
        raise InputError(
            f"no folder {name} here; expected it as its authors publish it", path=" or ".join(map(str, roots))
        )
    return found


def _check_languages(name: str, languages: Sequence[str], known: Sequence[str]) -> None:
    unknown = [language for language in languages if language not in known]
    if unknown or not languages:
        raise InputError(f"{name} has no {', '.join(unknown) or 'language given'}; choose from {', '.join(known)}")


def _task(
    name: str, queries: list[TaskQuery], passages: list[TaskPassage], qrels: Qrels, *, roots: Sequence[Path]
) -> RetrievalTask:
    return RetrievalTask(
        name=name,
        queries=tuple(queries),
        passages=tuple(passages),
        qrels=qrels,
        measures=MEASURES,
        source=" and ".join(map(str, roots)),
    )
