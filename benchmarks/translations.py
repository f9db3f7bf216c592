"""Measure whether collapsed passages are translations: `python -m benchmarks.translations [--data ../shared/data]`.

On held-out text (XNLI, 500 sentences in 11 languages, 440 queries) it prints precision and recall of the pairs by cosine
threshold, among a search's hundred candidates (`collapse=translations`) and in the whole collection (`translations_of`).
`searchapp.ranking.collapse.ALIKE` is chosen from these figures.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from searchapp.encoders.loading import load_encoder
from searchapp.ranking.collapse import ALIKE, translations
from training.calibration.held_out import translations_task

THRESHOLDS = (0.0, 0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8)
CANDIDATES = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--encoder", default="builtin")
    arguments = parser.parse_args()
    encoder = load_encoder(arguments.encoder)
    task, _ = translations_task(arguments.data)
    passages = encoder.encode_passages([passage.text for passage in task.passages])
    queries = encoder.encode_queries([query.text for query in task.queries])
    languages = np.array([passage.language for passage in task.passages])
    meaning = np.array([passage.id.split(".")[0] for passage in task.passages])
    best = [np.argsort(-(passages @ query), kind="stable")[:CANDIDATES] for query in queries]
    print(f"{'cosine':>7} {'precision':>10} {'recall':>7}   {'precision':>10} {'recall':>7}   (candidates, collection)")
    everything = np.arange(len(passages))
    for threshold in THRESHOLDS:
        row = f"{threshold:7.2f}"
        for pools in (best, [everything]):
            right = found = wanted = 0
            for pool in pools:
                matched = translations(list(passages[pool]), list(languages[pool]), alike=threshold)
                same = meaning[pool][:, None] == meaning[pool][None, :]
                same &= languages[pool][:, None] != languages[pool][None, :]
                right += int((matched & same).sum())
                found += int(matched.sum())
                wanted += int(same.sum())
            row += f" {right / max(1, found):10.3f} {right / max(1, wanted):7.3f}  "
        print(row + ("  <- ALIKE" if threshold == ALIKE else ""), flush=True)


if __name__ == "__main__":
    main()
