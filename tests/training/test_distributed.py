from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from sentence_transformers import SentenceTransformer
from training_support import WORDS, write

ROOT = Path(__file__).resolve().parents[2]

SPY = """
import json, os, sys
from training.trainer import collator

folder = sys.argv.pop()

class Spy(collator.RowCollator):
    def __call__(self, features):
        with open(f"{folder}/rows-{os.environ['RANK']}.jsonl", "a") as file:
            rows = [[row["anchor"], row["positive"]] for row in features]
            file.write(json.dumps(rows) + "\\n")
        return super().__call__(features)

import training.trainer.training as training
training.RowCollator = Spy
made = []
build = training.build_loss
training.build_loss = lambda *arguments: made.append(build(*arguments)) or made[-1]
from training.__main__ import main
main()
weight = made[0].simcse.projection[0].weight
with open(f"{folder}/projection-{os.environ['RANK']}.json", "w") as file:
    json.dump(weight.tolist(), file)
"""


def pair(number: int) -> dict[str, str]:
    """Create rows, half in one language and half in two, without shared groups."""
    query, passage = [("de", "de"), ("en", "en"), ("de", "en"), ("en", "de")][number % 4]
    text = f"{WORDS[query][number % 16]} {WORDS[query][number // 16 % 16]} {number}"
    return {"anchor": text, "positive": f"{text} {number}", "query_language": query, "passage_language": passage}


def test_two_processes_see_each_row_once_and_end_with_one_model(tmp_path: Path, tiny_transformer) -> None:
    model = f'base = "{tiny_transformer("bert")}"\nmax_length = 24'
    loss = "simcse_weight = 0.3\nprojection = true"
    rows = tmp_path / "rows.jsonl"
    rows.write_text("\n".join(json.dumps(pair(number)) for number in range(1200)))
    path = write(
        tmp_path, rows, format="jsonl", model=model, loss=loss, size="20", every="10", share="0.0", rate="1e-3"
    )
    text = path.read_text().replace("steps = 24", "epochs = 1").replace('strategy = "hybrid"', 'draw = "size"')
    path.write_text(text.replace("cross_lingual = true\n", ""))
    spy = tmp_path / "spy.py"
    spy.write_text(SPY)
    command = [
        sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-port", "0", "--standalone",
        str(spy), "--config", str(path), "--out", str(tmp_path / "run"), str(tmp_path),
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    seen = []
    for rank in range(2):
        batches = [json.loads(line) for line in (tmp_path / f"rows-{rank}.jsonl").read_text().splitlines()]
        assert len(batches) == 30 and all(len(batch) == 20 for batch in batches)
        seen.append(Counter(tuple(row) for batch in batches for row in batch))
    assert not seen[0] & seen[1]
    both = seen[0] + seen[1]
    assert len(both) == 1200 and set(both.values()) == {1}
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    assert report["steps"] == 30
    projections = [(tmp_path / f"projection-{rank}.json").read_text() for rank in range(2)]
    assert projections[0] == projections[1]  # the loss's own weights are not DDP's
    assert SentenceTransformer(report["model"], device="cpu").encode(["house"]).shape[0] == 1
