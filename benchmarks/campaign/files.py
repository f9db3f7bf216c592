"""Run all readers on mutated files: no traceback, no lost rows, bounded memory and time.

`python -m benchmarks.campaign.files --seed 1 --files 10000` creates small valid files of every format, damages copies of them
(bytes flipped, truncated, repeated, spliced, compressed and truncated again), and reads each through `open_source` in a child
process whose memory it monitors. A reader may reject a row or a file, or raise one of this software's errors; anything else
is a finding. For formats whose rows can be counted independently, the rows must equal documents plus rejects.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import multiprocessing
import random
import resource
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import zstandard

from benchmarks.campaign.outcome import Outcome
from benchmarks.campaign.pdf import one_page_pdf
from index_builder.rejects import Reject
from index_builder.sources.opening import open_source
from searchapp.errors import SearchAppError

WORDS = [
    "tea",
    "leaf",
    "cup",
    "Tee",
    "Blatt",
    "Käse",
    "café",
    "чай",
    "лист",
    "绿茶",
    "お茶",
    "차",
    "ชา",
    "شاي",
    "עלה",
    "चाय",
]
MOST_SECONDS = 10.0
MOST_MEGABYTES = 500


@dataclass
class Findings:
    """Results of the campaign, which is clean if the first four fields are empty or zero."""

    tracebacks: list[str] = field(default_factory=list)
    miscounted: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)
    megabytes: int = 0
    files: int = 0
    documents: int = 0
    rejects: int = 0
    refused: int = 0
    counted: int = 0
    slowest: float = 0.0
    formats: Counter[str] = field(default_factory=Counter)

    @property
    def clean(self) -> bool:
        """Whether there are no findings."""
        return not (self.tracebacks or self.miscounted or self.slow) and self.megabytes <= MOST_MEGABYTES


def good_files(rng: random.Random) -> dict[str, bytes]:
    """Create one valid file of every format."""
    rows = [
        {
            "id": str(n),
            "title": _words(rng, 2),
            "text": _words(rng, 12),
            "language": rng.choice(["en", "deu", None]),
            "n": n,
        }
        for n in range(rng.randint(1, 30))
    ]
    text = "\n\n".join(_words(rng, 20) for _ in range(5))
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["id", "text", "year"])
    writer.writerows([row["id"], f'{row["text"]} "quoted", and more', row["n"]] for row in rows)
    squad = {"data": [{"title": "T", "paragraphs": [{"context": row["text"], "qas": []} for row in rows]}]}
    lines = "".join(json.dumps(row, ensure_ascii=rng.random() < 0.5) + "\n" for row in rows)
    found = {
        "a.jsonl": lines.encode(),
        "a.json": json.dumps(rows).encode(),
        "squad.json": json.dumps(squad).encode(),
        "a.csv": table.getvalue().encode(rng.choice(["utf-8", "utf-8-sig", "utf-16"])),
        "a.tsv": "".join(f"{row['id']}\t{row['text']}\n" for row in [{"id": "id", "text": "text"}, *rows]).encode(),
        "a.txt": text.encode(rng.choice(["utf-8", "utf-16-le", "utf-32"])),
        "a.md": f"---\ntitle: {_words(rng, 2)}\ntags: [a, b]\n---\n# Head\n\n{text}\n\n|a|b|\n|-|-|\n|1|2|\n".encode(),
        "a.html": f"<html lang=de><title>T</title><nav>x</nav><p>{text}<table><tr><td>1</table></html>".encode(),
        "a.pdf": one_page_pdf("Tea from a page"),
    }
    return found | {"a.parquet": _parquet(rows), "a.docx": _docx(text), "a.zip": _zip(found)}


def _words(rng: random.Random, count: int) -> str:
    return " ".join(rng.choices(WORDS, k=count))


def _parquet(rows: list[dict[str, Any]]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out)
    return out.getvalue()


def _docx(text: str) -> bytes:
    import docx

    document = docx.Document()
    for paragraph in text.split("\n\n"):
        document.add_paragraph(paragraph)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def _flip(rng: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.randint(1, 12)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _cut(rng: random.Random, content: bytes) -> bytes:
    return content[: rng.randrange(len(content))]


def _drop(rng: random.Random, content: bytes) -> bytes:
    start = rng.randrange(len(content))
    return content[:start] + content[start + rng.randint(1, 40) :]


def _repeat(rng: random.Random, content: bytes) -> bytes:
    start = rng.randrange(len(content))
    piece = content[start : start + rng.randint(1, 200)]
    return content[:start] + piece * rng.randint(2, 2000) + content[start:]


def _insert(rng: random.Random, content: bytes) -> bytes:
    hostile = (
        b'"', b"\x00", b"\xff\xfe",
        b"[" * 5000, b"{" * 2000, b"<div>" * 3000, b"\xed\xa0\x80", b"\r", b"\n\n", b"\xe2\x80\xa8",
        b"\\ud800", b"1e999", b"9" * 5000, b"NaN", b"`" * 5000, b"|" * 3000, b"../../", b"&amp;" * 500, b"---\n",
    )  # fmt: skip
    start = rng.randrange(len(content) + 1)
    return content[:start] + rng.choice(hostile) + content[start:]


def _pack(rng: random.Random, content: bytes) -> bytes:
    packed = rng.choice([gzip.compress, zstandard.compress])(content)
    return rng.choice([lambda: packed, lambda: _flip(rng, packed), lambda: _cut(rng, packed)])()


MUTATIONS: tuple[Callable[[random.Random, bytes], bytes], ...] = (_flip, _cut, _drop, _repeat, _insert, _pack)


def mutated(seed: int, files: int) -> Iterator[tuple[str, bytes]]:
    """Yield names and damaged contents.

    Args:
        seed: Seed of everything random.
        files: Number of files.
    """
    rng = random.Random(seed)
    made: dict[str, bytes] = {}
    for number in range(files):
        if number % 200 == 0:
            made = good_files(rng)
        name = rng.choice(sorted(made))
        content = made[name]
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            content = rng.choice(MUTATIONS)(rng, content) if content else content
        yield name, content


def rows_in(name: str, content: bytes) -> int | None:
    """Count the rows of a file without the readers; None if that is not possible."""
    if (
        name == "a.jsonl"
        and content[:2] != b"\x1f\x8b"
        and content[:4] != b"\x28\xb5\x2f\xfd"
        and b"\x00" not in content[:400]
    ):
        return sum(bool(line.strip()) for line in content.split(b"\n"))
    return None


def _watch(jobs: Any, answers: Any, folder: str) -> None:
    """Read one file after the other, in the child process."""
    for name, content in iter(jobs.get, None):
        path = Path(folder, name)
        path.write_bytes(content)
        begun = time.process_time()
        answer: dict[str, Any] = {"name": name, "items": 0, "rejects": 0, "error": "", "refused": False}
        try:
            source = open_source(str(path))
            source.digest()
            for item in source:
                answer["items"] += 1
                answer["rejects"] += isinstance(item, Reject)
                json.dumps(item.to_dict() if isinstance(item, Reject) else asdict(item)).encode()
        except SearchAppError:
            answer["refused"] = True
        except BaseException:
            answer["error"] = traceback.format_exc()[-1500:]
        answer["seconds"] = time.process_time() - begun
        answer["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        answers.put(answer)


def campaign(seed: int, files: int, *, keep: Path | None = None) -> Findings:
    """Read mutated files and collect findings.

    Args:
        seed: Seed of the mutations.
        files: Number of files.
        keep: Folder for files with a finding; None to discard them.
    """
    context = multiprocessing.get_context("spawn")
    jobs, answers = context.Queue(1), context.Queue(1)
    found = Findings()
    with tempfile.TemporaryDirectory() as folder:
        child = context.Process(target=_watch, args=(jobs, answers, folder), daemon=True)
        child.start()
        for number, (name, content) in enumerate(mutated(seed, files)):
            jobs.put((name, content))
            answer = answers.get(timeout=30 * MOST_SECONDS)
            if _note(found, number, content, answer) and keep is not None:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{number}-{name}").write_bytes(content)
        jobs.put(None)
        child.join()
    return found


def _note(found: Findings, number: int, content: bytes, answer: dict[str, Any]) -> bool:
    """Add one file's result; return whether it is a finding."""
    name, before = answer["name"], len(found.tracebacks) + len(found.miscounted) + len(found.slow)
    found.files += 1
    found.formats[name] += 1
    found.refused += answer["refused"]
    found.rejects += answer["rejects"]
    found.documents += answer["items"] - answer["rejects"]
    found.slowest = max(found.slowest, answer["seconds"])
    found.megabytes = max(found.megabytes, answer["megabytes"])
    if answer["error"]:
        found.tracebacks.append(f"file {number} ({name}): {answer['error']}")
    if answer["seconds"] > MOST_SECONDS:
        found.slow.append(f"file {number} ({name}): {answer['seconds']:.1f} s")
    expected = rows_in(name, content)
    if expected is not None and not answer["refused"] and not answer["error"]:
        found.counted += 1
        if expected != answer["items"]:
            found.miscounted.append(f"file {number} ({name}): {expected} rows in, {answer['items']} out")
    return len(found.tracebacks) + len(found.miscounted) + len(found.slow) > before


def attack_with_files(*, seed: int, files: int) -> Outcome:
    """Read mutated files as a part of the whole campaign.

    Args:
        seed: Of the mutations.
        files: How many.
    """
    found, outcome = campaign(seed, files), Outcome()
    for name in ("files", "documents", "rejects", "refused", "counted", "megabytes"):
        outcome.count(name, getattr(found, name))
    for kind, faults in (("tracebacks", found.tracebacks), ("miscounted", found.miscounted), ("slow", found.slow)):
        for fault in faults:
            outcome.fault(kind, fault)
    if found.megabytes > MOST_MEGABYTES:
        outcome.fault("memory", f"{found.megabytes} MB, at most {MOST_MEGABYTES}")
    return outcome


def main() -> None:
    """Run the campaign and print its figures; exit with 1 if there is a finding."""
    parser = argparse.ArgumentParser(description="Mutated files over all readers")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--keep", type=Path, help="folder for files that led to a finding")
    args = parser.parse_args()
    begun = time.perf_counter()
    found = campaign(args.seed, args.files, keep=args.keep)
    for finding in [*found.tracebacks, *found.miscounted, *found.slow][:20]:
        print(finding)
    print(
        f"{found.files:,} files (seed {args.seed}) in {time.perf_counter() - begun:.0f} s: {found.documents:,} documents, "
        f"{found.rejects:,} rejects, {found.refused:,} files refused; {len(found.tracebacks)} tracebacks, "
        f"{len(found.miscounted)} of {found.counted:,} miscounted, slowest {found.slowest:.2f} s of processor time, "
        f"peak {found.megabytes} MB"
    )
    sys.exit(0 if found.clean else 1)


if __name__ == "__main__":
    main()
