"""Provide queries for the benchmarks: XQuAD-R's questions, alternating between languages."""

from __future__ import annotations

from pathlib import Path

from searchapp.files.json_file import read_json


def questions(folder: Path) -> list[str]:
    """Return the questions of all files: the first of each language, then the second of each, and so on."""
    by_language = [
        [qa["question"] for article in read_json(file)["data"]
         for paragraph in article["paragraphs"] for qa in paragraph["qas"]]
        for file in sorted(folder.glob("*.json"))
    ]  # fmt: skip
    return [question for row in zip(*by_language, strict=True) for question in row]
