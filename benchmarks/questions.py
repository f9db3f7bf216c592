"""Queries for the benchmarks: XQuAD-R's questions, all languages in turn."""

from __future__ import annotations

import json
from pathlib import Path


def questions(folder: Path) -> list[str]:
    """The questions of all files, the first of each language, then the second of each, and so on."""
    by_language = [
        [qa["question"] for article in json.loads(file.read_text(encoding="utf-8"))["data"]
         for paragraph in article["paragraphs"] for qa in paragraph["qas"]]
        for file in sorted(folder.glob("*.json"))
    ]  # fmt: skip
    return [question for row in zip(*by_language, strict=True) for question in row]
