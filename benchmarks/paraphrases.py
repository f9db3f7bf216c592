"""Measure search on a hundred questions about the demo's topics that share no content word with their answer.

    python -m benchmarks.paraphrases                        # the shipped encoders, in every mode
    python -m benchmarks.paraphrases --encoder FOLDER ...   # others
    python -m benchmarks.paraphrases --development          # 65 other questions, on which choices are made

The questions are in the corpus's thirteen languages and were written before any encoder had seen them; nothing is chosen on
the hundred. The output shows how many have their topic at rank 1 and among the first 5 and 10 hits, with a 95 % interval of
the first.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

from index_builder.sources.opening import open_source
from searchapp.datatypes import Document, Mode
from searchapp.demo import corpus_path, development_paraphrases_path, paraphrases_path
from searchapp.encoders.loading import load_encoder
from searchapp.files.json_lines import read_json_lines
from searchapp.statistics.intervals import exact_interval
from searchapp.testing import temporary_client

MODES: tuple[Mode, ...] = ("dense", "lexical", "hybrid")
CUTS = (1, 5, 10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", nargs="+", default=["builtin", "static"])
    parser.add_argument("--misses", action="store_true", help="list the questions whose topic is not first")
    parser.add_argument("--development", action="store_true", help="ask the questions on which choices are made")
    arguments = parser.parse_args()
    documents = [
        replace(item, boundaries=((0, len(item.text)),))
        for item in open_source(str(corpus_path()))
        if isinstance(item, Document)
    ]
    path = development_paraphrases_path() if arguments.development else paraphrases_path()
    rows = [row for _, row in read_json_lines(path)]
    for name in arguments.encoder:
        with temporary_client(documents, encoder=load_encoder(name)) as client:
            for mode in MODES:
                ranks = []
                for row in rows:
                    hits = client.search(row["text"], limit=max(CUTS), mode=mode).hits
                    topics = [hit.payload["topic"] for hit in hits]
                    ranks.append(topics.index(row["topic"]) + 1 if row["topic"] in topics else max(CUTS) + 1)
                    if arguments.misses and ranks[-1] > 1:
                        print(f"  {mode} {row['topic']} at {ranks[-1]}: {row['text']} -> {topics[:1]}")
                counts = [sum(rank <= cut for rank in ranks) for cut in CUTS]
                low, high = exact_interval(counts[0], len(rows))
                print(f"{name:30} {mode:8}", *counts, f"of {len(rows)}; first: {low:.2f} to {high:.2f}", flush=True)


if __name__ == "__main__":
    main()
