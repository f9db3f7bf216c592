from __future__ import annotations

import pickle
from collections import Counter

import numpy as np
import pytest
from accelerate.data_loader import BatchSamplerShard
from datasets import Dataset
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import ConcatDataset

from searchapp.errors import ConfigurationError, InputError
from training.mixing import STRATEGIES, Mixing, apportion
from training.samplers import HybridBatching, HybridBatchSampler
from training.trainer.plan import Batches


def part(key: str, rows: int, *, groups: int | None = None, texts: int | None = None) -> Dataset:
    kind, _, languages = key.partition("/")
    columns = {
        "anchor": [f"{languages} a{row % (texts or rows)}" for row in range(rows)],
        "positive": [f"{languages} p{row}" for row in range(rows)],
        "group": [f"g{row % (groups or rows)}" for row in range(rows)],
    }
    if kind == "simcse":
        del columns["positive"]
    return Dataset.from_dict(columns)


def sampler(parts: dict[str, Dataset], mixing: Mixing, *, batch: int = 8, seed: int = 0) -> HybridBatchSampler:
    together = ConcatDataset(list(parts.values()))
    batching = HybridBatching(list(parts), mixing)
    return batching(together, [Batches(batch)] * len(parts), None, seed)


def rows_of(made: HybridBatchSampler, batch: list[int]) -> list[dict[str, str]]:
    return [made.dataset[row] for row in batch]


def keys_of(made: HybridBatchSampler, batch: list[int]) -> Counter[str]:
    ends = np.cumsum([len(inner) for inner in made.dataset.datasets])
    return Counter(made.names[int(np.searchsorted(ends, row, side="right"))] for row in batch)


LANGUAGES = ("de", "en", "fr", "sw")


@st.composite
def collections(draw: st.DrawFn) -> dict[str, Dataset]:
    chosen = draw(st.lists(st.sampled_from(LANGUAGES), min_size=2, max_size=4, unique=True))
    keys = [f"mono/{code}" for code in chosen] + [f"cross/{a}-{b}" for a in chosen for b in chosen if a != b]
    found = {}
    for key in keys:
        rows = draw(st.integers(16, 40))
        found[key] = part(key, rows, groups=draw(st.integers(12, rows)), texts=draw(st.integers(12, rows)))
    return found


@settings(max_examples=40, deadline=None)
@given(
    parts=collections(),
    alpha=st.floats(0, 1),
    draw=st.sampled_from(["uniform", "size", "temperature"]),
    monolingual=st.sampled_from(["one-language", "mixed"]),
    seed=st.integers(0, 5),
    batch=st.integers(2, 6),
)
def test_batches_keep_every_promise(
    parts: dict[str, Dataset], alpha: float, draw: str, monolingual: str, seed: int, batch: int
) -> None:
    mixing = Mixing(alpha=alpha, draw=draw, monolingual=monolingual)
    made = sampler(parts, mixing, batch=batch, seed=seed)
    batches = list(made)
    assert len(batches) == len(made)
    kinds: Counter[str] = Counter()
    for rows in batches:
        assert len(rows) == len(set(rows)) == batch
        read = rows_of(made, rows)
        groups = [row["group"] for row in read]
        texts = [text for row in read for text in {row["anchor"], row["positive"]}]
        assert len(set(groups)) == batch and len(set(texts)) == len(texts)
        keys = keys_of(made, rows)
        kind = {key.partition("/")[0] for key in keys}
        assert len(kind) == 1
        kinds[kind.pop()] += 1
        if "mono" in next(iter(keys)) and monolingual == "one-language":
            assert len(keys) == 1
    assert kinds["mono"] == round(alpha * len(made))
    assert made.mixture.batches == +kinds
    assert sum(made.mixture.rows.values()) == batch * len(made)
    again = sampler(parts, mixing, batch=batch, seed=seed)
    assert list(again) == batches
    again.set_epoch(1)
    assert len(made) < 3 or list(again) != batches


def test_a_cross_lingual_batch_mixes_pairs_and_a_monolingual_one_does_not() -> None:
    parts = {key: part(key, 200) for key in ("mono/de", "mono/en", "cross/de-en", "cross/en-de")}
    made = sampler(parts, Mixing(alpha=0.5), batch=20)
    for batch in made:
        keys = keys_of(made, batch)
        assert len(keys) == (1 if "mono" in next(iter(keys)) else 2)


def test_shares_follow_uniform_size_and_temperature() -> None:
    parts = {"mono/de": part("mono/de", 900), "mono/sw": part("mono/sw", 100)}
    shares = {}
    for draw in ("uniform", "size", "temperature"):
        made = sampler(parts, Mixing(alpha=1, draw=draw, temperature=2, batches=40), batch=20)
        list(made)
        shares[draw] = made.mixture.rows["mono/sw"] / 800
    assert shares == {"uniform": 0.5, "size": 0.1, "temperature": 0.25}


def test_no_row_returns_before_all_have_been_used() -> None:
    parts = {"mono/de": part("mono/de", 64)}
    made = sampler(parts, Mixing(alpha=1, batches=16), batch=8)
    rows = [row for batch in made for row in batch]
    assert sorted(rows[:64]) == sorted(rows[64:]) == list(range(64))


def test_by_size_an_epoch_has_each_row_once() -> None:
    parts = {"mono/de": part("mono/de", 64), "mono/en": part("mono/en", 32), "cross/de-en": part("cross/de-en", 96)}
    made = sampler(parts, Mixing(alpha=0.5, draw="size"), batch=8)
    rows = [row for batch in made for row in batch]
    assert sorted(rows) == list(range(192))


def test_the_strategies_are_settings_of_one_sampler() -> None:
    parts = {key: part(key, 96) for key in ("mono/de", "mono/en", "cross/de-en")}
    seen = {}
    for name, mixing in STRATEGIES.items():
        made = sampler(parts, mixing)
        seen[name] = {frozenset(keys_of(made, batch)) for batch in made}
    german, english = frozenset({"mono/de"}), frozenset({"mono/en"})
    assert frozenset({"mono/de", "mono/en"}) in seen["x-x"] and frozenset({"cross/de-en"}) not in seen["x-x"]
    assert seen["x-x-mono"] == {german, english}
    assert seen["x-y"] == {frozenset({"cross/de-en"})}
    assert seen["hybrid"] == {german, english, frozenset({"cross/de-en"})}


def test_processes_share_one_schedule() -> None:
    parts = {key: part(key, 96) for key in ("mono/de", "mono/en", "cross/de-en")}
    whole = list(sampler(parts, Mixing()))
    shards = [
        list(BatchSamplerShard(sampler(parts, Mixing()), num_processes=2, process_index=rank, even_batches=False))
        for rank in range(2)
    ]
    assert len(shards[0]) == len(shards[1]) == len(whole) // 2
    assert [batch for pair in zip(*shards, strict=True) for batch in pair] == whole[: 2 * (len(whole) // 2)]


def test_sentences_get_their_share() -> None:
    parts = {key: part(key, 80) for key in ("mono/de", "cross/de-en", "simcse/de", "simcse/en")}
    made = sampler(parts, Mixing(alpha=0.5, simcse=0.25, batches=40))
    list(made)
    assert made.mixture.batches == {"simcse": 10, "mono": 15, "cross": 15}
    assert made.mixture.alpha == 0.5


def test_rows_that_share_a_text_across_datasets_do_not_meet() -> None:
    one = Dataset.from_dict({"anchor": ["x", "y"], "positive": ["p", "q"], "group": ["1", "2"]})
    two = Dataset.from_dict({"anchor": ["p", "z"], "positive": ["r", "s"], "group": ["3", "4"]})
    for seed in range(6):
        made = sampler({"cross/de-en": one, "cross/en-de": two}, Mixing(alpha=0, batches=4), batch=2, seed=seed)
        for batch in made:
            assert set(batch) != {0, 2}


def test_groups_and_texts_of_the_same_spelling_are_not_the_same() -> None:
    rows = Dataset.from_dict({"anchor": ["1", "2"], "positive": ["3", "4"], "group": ["2", "1"]})
    assert list(sampler({"mono/de": rows}, Mixing(alpha=1), batch=2))


def test_what_cannot_be_batched_is_said() -> None:
    mono = {"mono/de": part("mono/de", 30)}
    with pytest.raises(ConfigurationError, match=r"alpha = 0.5 asks for cross-lingual batches.*set alpha = 1"):
        sampler(mono, Mixing())
    with pytest.raises(ConfigurationError, match=r"asks for monolingual batches.*set alpha = 0"):
        sampler({"cross/de-en": part("cross/de-en", 30)}, Mixing())
    with pytest.raises(
        InputError, match=r"batch.size is 8; expected at most 5: mono/de has 30 rows with 5 different groups"
    ):
        sampler({"mono/de": part("mono/de", 30, groups=5)}, Mixing(alpha=1))
    with pytest.raises(InputError, match=r"batch.size is 8; expected at most 3: mono/de has 30 rows with 3 different"):
        sampler({"mono/de": part("mono/de", 30, texts=3)}, Mixing(alpha=1))
    yes_no = Dataset.from_dict(
        {
            "anchor": [f"question {number}" for number in range(30)],
            "positive": ["yes", "no"] * 15,
            "group": [str(number) for number in range(30)],
        }
    )
    with pytest.raises(InputError, match=r"expected at most 2: mono/de has 30 rows with 2 different passages"):
        sampler({"mono/de": yes_no}, Mixing(alpha=1))
    with pytest.raises(InputError, match="no column group, only anchor, positive"):
        sampler({"mono/de": part("mono/de", 30).remove_columns("group")}, Mixing(alpha=1))
    with pytest.raises(ConfigurationError, match=r"alpha is 1.5"):
        Mixing(alpha=1.5)


@given(total=st.integers(0, 500), weights=st.lists(st.floats(0.01, 9), min_size=1, max_size=8))
def test_parts_add_up_and_are_near_their_shares(total: int, weights: list[float]) -> None:
    shares = np.array(weights) / sum(weights)
    parts = apportion(total, shares)
    assert parts.sum() == total and (np.abs(parts - total * shares) < 1 + 1e-6).all()


def test_a_checkpoint_does_not_contain_the_rows() -> None:
    parts = {"mono/de": part("mono/de", 5_000), "mono/en": part("mono/en", 5_000)}
    batching = HybridBatching(list(parts), Mixing(alpha=1.0))
    made = batching(ConcatDataset(list(parts.values())), [Batches(8)] * 2, None, 0)
    list(made)
    stored = pickle.dumps(batching)
    assert len(stored) < 1_000 and pickle.loads(stored).mixing == batching.mixing
    assert batching.sampler is made
