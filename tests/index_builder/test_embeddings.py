from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from index_builder import build_index, save_embeddings
from index_builder.embeddings import read_embeddings
from index_builder.finishing import digest_of
from searchapp import SearchClient
from searchapp.cli.app import app
from searchapp.datatypes import Document, FloatArray
from searchapp.demo import corpus_path, embeddings_path
from searchapp.encoders.base import reading
from searchapp.encoders.fake import HashingEncoder
from searchapp.encoders.loading import load_encoder
from searchapp.errors import InputError
from searchapp.stores.opening import open_catalog

DOCUMENTS = [Document("a", "Assam grows tea.", title="Tea"), Document("b", "Bees dance."), Document("c", "Bees dance.")]


class Counting(HashingEncoder):
    """Counts the passages that it encodes."""

    encoded = 0

    def encode_passages(self, texts: Sequence[str], *, contexts: Sequence[str] | None = None) -> FloatArray:
        self.encoded += len(texts)
        return super().encode_passages(texts, contexts=contexts)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    home = tmp_path / "first"
    build_index(DOCUMENTS, "docs", encoder=HashingEncoder(), home=home)
    with closing(open_catalog(home=home)) as catalog:
        assert save_embeddings(catalog, "docs", tmp_path / "docs.npz") == 2, "equal passages share an embedding"
    return tmp_path / "docs.npz"


def test_a_build_elsewhere_takes_saved_embeddings_over(saved: Path, tmp_path: Path) -> None:
    encoder = Counting()
    more = [*DOCUMENTS, Document("d", "Ants march.")]
    report = build_index(more, "docs", encoder=encoder, embeddings=saved, home=tmp_path / "second")
    assert (encoder.encoded, report.reused, report.passages) == (1, 3, 4)
    scores = []
    for home in ("first", "second"):
        with SearchClient("docs", encoder=HashingEncoder(), home=tmp_path / home) as client:
            scores.append(client.search("tea from Assam", mode="dense", limit=1)[0].score)
    assert scores[0] == pytest.approx(scores[1], abs=1e-3)


def test_embeddings_of_another_encoder_or_damaged_ones_are_refused(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="comes from the encoder with fingerprint"):
        read_embeddings(saved, encoder=HashingEncoder(dimension=32))
    whole = saved.read_bytes()
    for content in (b"", b"no archive", whole[: len(whole) // 2]):
        saved.write_bytes(content)
        with pytest.raises(InputError, match="not a file of embeddings"):
            read_embeddings(saved, encoder=HashingEncoder())


def hostile(name: str, path: Path, fingerprint: str) -> None:
    """Write a file of embeddings that must not be used."""
    readings = np.array(["x", "y"])
    good = np.eye(2, 256, dtype=np.float32)
    arrays = {
        "zeros": {"embedding": np.zeros_like(good)},
        "nan": {"embedding": np.full_like(good, np.nan)},
        "long": {"embedding": good * 1e30},
        "complex": {"embedding": good.astype(complex)},
        "dates": {"embedding": good.astype(np.int64).view("datetime64[s]")},
        "strings": {"embedding": np.full(good.shape, "a")},
        "numbers as readings": {"reading": np.array([1, 2])},
        "flat": {"embedding": good.ravel()},
        "short": {"embedding": good[:1]},
        "objects": {"reading": np.array(["x", {}], dtype=object)},
        "one more": {"more": good},
    }
    if name == "pipe":
        os.mkfifo(path)
    elif name == "packed":
        bomb = np.zeros((200_000, 256), dtype=np.float32)
        np.savez_compressed(path, fingerprint=np.array(fingerprint), reading=readings, embedding=bomb)
    elif name == "plain array":
        with path.open("wb") as file:
            np.save(file, good)
    elif name == "claims more than there is":
        buffer = io.BytesIO()
        np.lib.format.write_array_header_1_0(buffer, {"descr": "<f4", "fortran_order": False, "shape": (10**12, 256)})
        with zipfile.ZipFile(path, "w") as archive:
            for key, array in (("fingerprint", np.array(fingerprint)), ("reading", readings)):
                own = io.BytesIO()
                np.save(own, array)
                archive.writestr(f"{key}.npy", own.getvalue())
            archive.writestr("embedding.npy", buffer.getvalue())
    else:
        np.savez(path, **{"fingerprint": np.array(fingerprint), "reading": readings, "embedding": good, **arrays[name]})


@pytest.mark.parametrize(
    "name",
    ["zeros", "nan", "long", "complex", "dates", "strings", "numbers as readings", "flat", "short", "objects", "one more", "pipe",
     "packed", "plain array", "claims more than there is"],
)  # fmt: skip
def test_hostile_files_of_embeddings_are_refused_before_anything_is_built(name: str, tmp_path: Path) -> None:
    path, encoder = tmp_path / "hostile.npz", HashingEncoder()
    hostile(name, path, encoder.fingerprint)
    with pytest.raises(InputError, match=r"hostile\.npz"):
        build_index(DOCUMENTS, "docs", encoder=encoder, embeddings=path, home=tmp_path / "home")
    assert not (tmp_path / "home" / "collections").exists()


def test_the_commands_save_and_take_over(tmp_path: Path) -> None:
    def run(home: str, *words: str) -> dict[str, object]:
        done = CliRunner().invoke(app, [*words, "--home", str(tmp_path / home), "--json"])
        assert done.exit_code == 0, done.output
        found: dict[str, object] = json.loads(done.stdout)
        return found

    source, file = tmp_path / "docs.jsonl", str(tmp_path / "docs.npz")
    source.write_text('{"id": "a", "text": "Assam grows tea."}\n', encoding="utf-8")
    build = ["index", "build", str(source), "-c", "docs", "--encoder", "static"]
    assert run("one", *build)["reused"] == 0
    assert run("one", "index", "embeddings", "docs", file) == {"collection": "docs", "embeddings": 1, "path": file}
    assert run("two", *build, "--embeddings", file)["reused"] == 1


def test_the_demo_comes_with_the_embeddings_of_the_shipped_encoder() -> None:
    """CONTRIBUTING.md tells how the file is made anew."""
    with closing(load_encoder("builtin")) as encoder:
        known = read_embeddings(embeddings_path(), encoder=encoder)
        rows = [json.loads(line) for line in corpus_path().read_text(encoding="utf-8").splitlines()]
        digests = [digest_of(reading(encoder, row["text"], row["title"])) for row in rows]
        assert set(digests) <= set(known), "every passage of the corpus has its embedding"
        some = range(0, len(rows), 97)
        fresh = encoder.encode_passages([rows[n]["text"] for n in some], contexts=[rows[n]["title"] for n in some])
        cosines = [float(known[digests[n]] @ vector) for n, vector in zip(some, fresh, strict=True)]
        assert min(cosines) > 0.99, "processors round differently in int8, but no more than that"
