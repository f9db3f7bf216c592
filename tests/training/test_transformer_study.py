from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from searchapp.statistics.estimates import Estimate
from searchapp.statistics.resampling import bootstrap_interval
from training.study.transformer.fitting import Fitter
from training.study.transformer.measures import average_precision, gain, gold_ranks
from training.study.transformer.model import FlatEncoder, flatten_layers
from training.study.transformer.objectives import divergence, info_nce, masked_mean
from training.study.transformer.runs import OTHERS, plan
from training.study.transformer.settings import Settings

PAD = 1


@pytest.fixture(scope="module")
def bert():
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    return BertModel(
        BertConfig(
            vocab_size=60, hidden_size=16, num_hidden_layers=4, num_attention_heads=2, intermediate_size=32,
            max_position_embeddings=32, pad_token_id=PAD,
        ),
        add_pooling_layer=False,
    ).eval()  # fmt: skip


@pytest.fixture(scope="module")
def base(bert) -> dict[str, np.ndarray]:
    matrices, vectors = flatten_layers(bert)
    embeddings = bert.embeddings
    places = embeddings.position_embeddings.weight + embeddings.token_type_embeddings.weight[:1]
    return {
        "words": embeddings.word_embeddings.weight.detach().numpy(),
        "places": places.detach().numpy(),
        "norm": np.stack([embeddings.LayerNorm.weight.detach(), embeddings.LayerNorm.bias.detach()]),
        "matrices": matrices, "vectors": vectors, "heads": np.array(2), "pad": np.array(PAD), "epsilon": np.array(1e-12),
    }  # fmt: skip


def encoder(base, layers) -> FlatEncoder:
    return FlatEncoder(base, layers, device="cpu", precision=torch.float32)


def ids(rows: int = 40, width: int = 12) -> torch.Tensor:
    rng = np.random.default_rng(0)
    table = rng.integers(2, 60, size=(rows, width))
    for row, length in enumerate(rng.integers(2, width + 1, size=rows)):
        table[row, length:] = PAD
    return torch.from_numpy(table)


def test_the_flat_encoder_is_the_transformer(bert, base) -> None:
    tokens = ids()
    mask = (tokens != PAD).long()
    with torch.no_grad():
        states = bert(input_ids=tokens, attention_mask=mask).last_hidden_state
    expected = torch.nn.functional.normalize((states * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True), dim=1)
    whole = encoder(base, range(4))
    torch.testing.assert_close(whole(tokens).detach(), expected, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(whole.encode(tokens, budget=64), expected, atol=1e-5, rtol=1e-4)
    assert not torch.allclose(encoder(base, [1, 3]).encode(tokens), expected, atol=1e-3)


def test_fitting_learns_pairs_and_repeats_itself(base) -> None:
    tokens = ids()
    tokens[1::2] = tokens[0::2].where(tokens[0::2] == PAD, (tokens[0::2] + 29) % 58 + 2)  # a word-for-word translation
    one = encoder(base, [1, 3])
    begun = {name: value.clone() for name, value in one.state_dict().items()}

    def loss(rows: torch.Tensor) -> torch.Tensor:
        return info_nce(one(tokens[rows[:, 0]], dropout=0.1) @ one(tokens[rows[:, 1]], dropout=0.1).T / 0.05)

    rng = np.random.default_rng(1)
    pairs = np.stack([np.arange(0, 40, 2), np.arange(1, 40, 2)], axis=1)
    schedule = np.stack([np.tile(pairs[rng.permutation(20)[:8]], 2) for _ in range(120)]).astype(np.int32)
    fitter = Fitter(one, loss, batch=8, most=120, weight_decay=0.01)
    first = fitter.run(schedule, rate=3e-3, warmup=0.1, seed=5)
    assert np.mean(first[-10:]) < 0.6 * np.mean(first[:10])
    one.load_state_dict(begun)
    assert fitter.run(schedule, rate=3e-3, warmup=0.1, seed=5) == first
    one.load_state_dict(begun)
    assert fitter.run(schedule, rate=3e-3, warmup=0.1, seed=6) != first
    assert torch.equal(one.projection, torch.eye(16))


def test_ranks_and_precisions_agree_with_a_plain_count() -> None:
    rng = np.random.default_rng(2)
    scores = torch.from_numpy(rng.normal(size=(20, 50)).astype(np.float32))
    gold = torch.from_numpy(np.stack([rng.permutation(50)[:4] for _ in range(20)]))
    ranks = gold_ranks(scores, gold)
    order = np.argsort(-scores.numpy(), axis=1)
    for row in range(20):
        places = [int(np.flatnonzero(order[row] == column)[0]) + 1 for column in gold[row].tolist()]
        assert ranks[row].tolist() == places
        expected = np.mean([(number + 1) / rank for number, rank in enumerate(sorted(places))])
        assert float(average_precision(ranks)[row]) == pytest.approx(expected, abs=1e-6)
    assert gain(torch.tensor([1, 3, 10, 11])).tolist() == pytest.approx([1.0, 0.5, 1 / np.log2(11), 0.0])


def test_lakda_s_divergence_vanishes_for_equal_rankings_only() -> None:
    scores = torch.randn(6, 6)
    assert float(divergence(scores, scores)) == pytest.approx(0, abs=1e-6)
    assert float(divergence(scores, scores.flip(1))) > 0.01
    assert float(masked_mean(torch.tensor([2.0, 9.0]), torch.tensor([True, False]))) == 2.0
    assert float(masked_mean(torch.tensor([2.0]), torch.tensor([False]))) == 0.0


def test_the_plan_has_every_cell_once_and_whole_seeds_first() -> None:
    settings = Settings()
    runs = plan(settings)
    names = [run.name for run in runs]
    assert len(set(names)) == len(names) == 3 * (3 * 4 * 2 + len(OTHERS) + 2)
    assert [run.seed for run in runs] == sorted(run.seed for run in runs)
    assert {run.layers for run in runs if run.objective != "retrieval"} == {settings.middle}


def test_intervals_follow_student_s_t_and_the_bootstrap_covers_the_mean() -> None:
    values = [0.1, 0.2, 0.4]
    assert Estimate.of(values).half == pytest.approx(4.3027 * np.std(values, ddof=1) / 3**0.5, rel=1e-4)
    assert Estimate.of([0.0] * 10 + [1.0] * 10).half == pytest.approx(2.093 * np.sqrt(5 / 19) / 20**0.5, rel=1e-3)
    low, high = bootstrap_interval(np.random.default_rng(0).normal(1.0, 2.0, size=400))
    assert low < 1.0 < high and high - low == pytest.approx(2 * 1.96 * 2 / 20, rel=0.2)


def test_a_report_pairs_seeds_and_names_what_is_clear(tmp_path: Path) -> None:
    from training.study.transformer.report import TABLES, write_report

    rng = np.random.default_rng(3)
    noise = rng.normal(0, 0.05, size=200)
    (tmp_path / "queries").mkdir()
    lines = []
    for strategy, gained in (("untuned", 0.0), ("hybrid", 0.3), ("x-y", 0.2), ("x-x-mono", 0.1), ("x-x", 0.1)):
        for seed in range(1 if strategy == "untuned" else 3):
            objective = "cut" if strategy == "untuned" else "retrieval"
            name = f"6/{strategy}/{objective}/{seed}"
            means = dict.fromkeys(
                ("Mo", "Cr", "Mul", "rank distance", "LPR", "pool", "own pool", "SciFact", "bitext", "alignment", "uniformity",
                 "right, same language", "right, other language", "wrong, same language", "wrong, other language"),
                0.5 + gained + 0.001 * seed * gained,
            )  # fmt: skip
            queries = dict.fromkeys(("Mo", "Cr", "Mul", "rank distance", "pool", "SciFact"), 0.5 + gained + noise)
            np.savez(tmp_path / "queries" / f"{name.replace('/', '-')}.npz", **queries)
            line = {
                "name": name, "strategy": strategy, "layers": 6, "objective": objective, "simcse": False, "seed": seed,
                "means": means, "by_language": {"Mul": {"de": 0.5, "en": 0.6}},
            }  # fmt: skip
            lines.append(json.dumps(line))
    (tmp_path / "runs.jsonl").write_text("\n".join(lines) + "\n")
    write_report(tmp_path, tmp_path / "report")
    tables = (tmp_path / "report" / TABLES).read_text()
    assert "| 6 | off | hybrid − x-y | **.1001 ± .0002 [.1000, .1000]**" in tables
    assert "x-x − x-x-mono | .0000 ± .0000 [.0000, .0000]" in tables and "de (zero-shot)" in tables
    assert (tmp_path / "report" / "transformer.png").stat().st_size > 5_000
