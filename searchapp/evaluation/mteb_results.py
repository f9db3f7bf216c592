"""Write results in MTEB's JSON layout, for tools that read its result files; mteb itself is not needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from searchapp.evaluation.results import MEAN, Results
from searchapp.text.languages import to_tagged

SPLIT = "test"


def mteb_result(results: Results) -> dict[str, Any]:
    """Convert the figures of the main setting: one subset per query language, `main_score` is the main measure.

    Measures have MTEB's names (`ndcg_at_10`, `map_at_20`, `recall_at_20`, `mrr_at_10`, `precision_at_10`);
    bias measures keep their names with `_` for spaces.

    Args:
        results: Results of one evaluation.
    """
    setting = results.main[0] if results.main else "Mul"
    subsets = []
    for language, figures in sorted(results.figures.get(setting, {}).items()):
        if language == MEAN:
            continue
        scores: dict[str, Any] = {_name(measure): value for measure, value in figures.items()}
        scores |= {_name(name): means[language] for name, means in results.bias.items() if language in means}
        scores["main_score"] = figures[results.task.main_measure]
        scores["hf_subset"] = language
        scores["languages"] = [to_tagged(code) for code in language.split("+")]
        subsets.append(scores)
    return {
        "dataset_revision": results.task.digest,
        "task_name": results.task.name,
        "mteb_version": None,
        "scores": {SPLIT: subsets},
        "evaluation_time": round(sum(results.timings.values()), 3),
        "kg_co2_emissions": None,
    }


def write_mteb_result(path: Path, results: Results) -> None:
    """Write results to a JSON file in MTEB's layout.

    Args:
        path: Path of the file; its folder is created if missing.
        results: Results of one evaluation.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(mteb_result(results), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _name(measure: str) -> str:
    kind, _, cut = measure.partition("@")
    names = {"mAP": "map", "nDCG": "ndcg", "R": "recall", "RR": "mrr", "P": "precision"}
    if kind in names:
        return f"{names[kind]}_at_{cut}" if cut else names[kind]
    return measure.replace(" ", "_").replace("@", "_at_")
