from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from searchapp.encoders.sounds import Sounds
from searchapp.encoders.static import StaticEncoder
from searchapp.errors import ConfigurationError
from training.datasets.translations import Translations, read_translations
from training.static.batches import PairSampler
from training.static.config import Recipe
from training.static.data import Tokens, read_answer_sentences
from training.static.export import export, quantize
from training.static.model import StaticModel
from training.static.optimizer import LazyAdam
from training.static.refine import even_out
from training.static.spelling import spelling_table
from training.static.train import prepare, train

RECIPE = Path(__file__).resolve().parents[2] / "training" / "static" / "recipe.toml"
THINGS = {
    "en": ["house", "river", "bread", "horse", "moon", "garden", "window", "winter", "teacher", "bridge"],
    "de": ["Haus", "Fluss", "Brot", "Pferd", "Mond", "Garten", "Fenster", "Winter", "Lehrer", "Brücke"],
    "es": ["casa", "río", "pan", "caballo", "luna", "jardín", "ventana", "invierno", "maestro", "puente"],
}
FRAMES = {
    "en": "The {} and the {} near the {}.",
    "de": "Der {} und die {} neben dem {}.",
    "es": "La {} y el {} cerca del {}.",
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    rows, asked = [], []
    for group in range(400):
        source = "flores200" if group % 2 else "ntrex128"
        picked = rng.choice(10, size=3, replace=False)
        for language, frame in FRAMES.items():
            text = frame.format(*(THINGS[language][i] for i in picked))
            rows.append({"source": source, "group": group, "lang": language, "text": text})
    for number in range(120):
        thing, other = rng.choice(10, size=2, replace=False)
        first, second = f"The {THINGS['en'][thing]} is old.", f"The {THINGS['en'][other]} stands near hill {number}."
        asked.append(
            {
                "source": "jaquad", "lang": "en", "question": f"What stands near hill {number}?",
                "passage": f"{first} {second}", "answer": THINGS["en"][other], "title": "",
            }
        )  # fmt: skip
    words = [
        {"synset": str(i), "lang": language, "lemma": THINGS[language][i]} for i in range(10) for language in THINGS
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "translations.parquet")
    pq.write_table(pa.Table.from_pylist(asked), tmp_path / "qa.parquet")
    pq.write_table(pa.Table.from_pylist(words), tmp_path / "lexicon.parquet")
    return tmp_path


def small() -> Recipe:
    return Recipe(
        vocabulary=120, prefixes=256, consonants=128, dimension=24, steps=200, batch=64, qa_batch=32, threads=1,
        shares={"flores200": 0.5, "ntrex128": 0.5}, qa_sources=("jaquad",),
    )  # fmt: skip


def test_a_small_run_learns_and_its_export_gives_the_model_s_embeddings(data: Path, tmp_path: Path) -> None:
    recipe, log = replace(small(), finish_steps=20, finish_batch=96), tmp_path / "metrics.jsonl"
    tokenizer, sounds, corpus = prepare(recipe, data, tmp_path)
    tokens = tokenizer.get_vocab_size() + sounds.prefixes + sounds.consonants
    torch.manual_seed(0)
    untrained = StaticModel(np.full(tokens, 1e-4), dimension=24, sif=recipe.sif)
    before = corpus.developer().measure(untrained.folded(), weight=0.5)
    model = train(recipe, corpus, vocabulary=tokens, log=log)
    first, after = map(json.loads, log.read_text().splitlines())
    assert [(phase["step"], phase["batch"]) for phase in (first, after)] == [(200, 64), (20, 96)]
    assert after["documents_mul"] > 0.8 * first["documents_mul"], "the second phase goes on from the first"
    assert after["documents_mul"] > 1.5 * before["documents_mul"]
    assert after["documents_cr"] > 1.5 * before["documents_cr"]

    export(model.folded(), tokenizer, sounds, tmp_path / "encoder", context_weight=0.5)
    rows = np.arange(20)
    (expected,) = model.encode((corpus.translation_tokens, rows))
    found = StaticEncoder.load(tmp_path / "encoder").encode_queries(corpus.translations.texts[:20])
    assert ((expected.detach().numpy() * found).sum(axis=1) > 0.98).all()


def test_held_out_groups_are_never_drawn(data: Path, tmp_path: Path) -> None:
    _, _, corpus = prepare(small(), data, tmp_path)
    held = np.unique(corpus.translations.groups[corpus.paragraphs.rows[corpus.held.paragraphs]])
    kept = ~np.isin(np.arange(corpus.translations.groups.max() + 1), held)
    sampler = PairSampler.over(corpus.translations, balance=0.5, shares={"flores200": 1.0}, keep=kept)
    rng = np.random.default_rng(1)
    for _ in range(20):
        first, second = sampler.draw(rng, 64)
        assert len(first)
        groups = corpus.translations.groups[first]
        assert not np.isin(groups, held).any()
        assert (groups == corpus.translations.groups[second]).all() and (first != second).all()
        assert len(np.unique(groups)) == len(groups)


def test_shares_set_how_often_a_source_is_drawn() -> None:
    groups = np.repeat(np.arange(1000), 2)
    data = Translations(
        texts=[""] * 2000,
        languages=np.array(["de", "en"] * 1000),
        groups=groups,
        sources=np.where(groups < 900, "large", "small"),
    )
    sampler = PairSampler.over(data, balance=0.5, shares={"large": 0.2, "small": 0.8})
    drawn = np.searchsorted(sampler.cumulative, np.random.default_rng(0).random(4000))
    assert 0.77 < (drawn >= 900).mean() < 0.83


def test_unknown_sources_are_left_out(data: Path) -> None:
    assert len(read_translations(data / "translations.parquet", sources=["flores200"]).texts) == 600
    questions = read_answer_sentences(data / "qa.parquet", ["jaquad"])
    assert all("stands near hill" in questions.sentences[row] for row in questions.gold)


def test_gradients_equal_those_of_plain_autograd() -> None:
    model = StaticModel(np.full(9, 0.01), dimension=5, sif=3e-4)
    tokens = Tokens(ids=np.array([1, 2, 2, 5, 8, 0], dtype=np.int32), offsets=np.array([0, 3, 3, 6]))
    target = torch.randn(3, 5)
    (encoded,) = model.encode((tokens, np.arange(3)))
    ((encoded * target).sum()).backward()  # type: ignore[no-untyped-call]
    rows_seen, moved, weighed = model.gradients()
    vectors, weights = model.vectors.detach().requires_grad_(), model.log_weights.detach().requires_grad_()
    rows = [vectors[ids] * weights[ids].exp()[:, None] for ids in ([1, 2, 2], [], [5, 8, 0])]
    plain = torch.nn.functional.normalize(torch.stack([row.sum(dim=0) for row in rows]), dim=-1)
    (plain * target).sum().backward()  # type: ignore[no-untyped-call]
    assert vectors.grad is not None and weights.grad is not None
    torch.testing.assert_close(moved, vectors.grad[rows_seen])
    torch.testing.assert_close(weighed, weights.grad[rows_seen])
    unseen = torch.ones(9, dtype=torch.bool)
    unseen[rows_seen] = False
    assert not vectors.grad[unseen].any()


def test_adam_by_rows_is_adam_where_every_row_is_touched_and_rests_elsewhere() -> None:
    torch.manual_seed(0)
    start, gradients = torch.randn(4, 3), torch.randn(5, 4, 3)
    plain = torch.nn.Parameter(start.clone())
    adam = torch.optim.Adam([plain], lr=0.1)
    mine = start.clone()
    lazy = LazyAdam(mine)
    for gradient in gradients:
        plain.grad = gradient.clone()
        adam.step()
        lazy.step(torch.arange(4), gradient, rate=0.1)
    torch.testing.assert_close(mine, plain.detach())
    before = mine.clone()
    lazy.step(torch.tensor([2]), gradients[0][2:3], rate=0.1)
    assert (mine == before).all(dim=1).tolist() == [True, True, False, True]


def test_lengths_are_raised_to_a_power_and_directions_stay() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(40, 16)).astype(np.float32) * rng.uniform(0.1, 9, size=(40, 1)).astype(np.float32)
    evened = even_out(vectors, power=0.5)
    lengths = np.linalg.norm(vectors, axis=1)
    np.testing.assert_allclose(np.linalg.norm(evened, axis=1), lengths**0.5, rtol=1e-5)
    np.testing.assert_allclose(evened * (lengths**0.5)[:, None], vectors, rtol=1e-4, atol=1e-5)


def test_four_bit_rows_keep_the_direction() -> None:
    vectors = np.random.default_rng(0).normal(size=(50, 64)).astype(np.float32)
    vectors[3] = 0
    packed, scales = quantize(vectors)
    assert packed.dtype == np.uint8 and packed.shape == (50, 32) and scales[3] == 0
    halves = np.stack([packed & 15, packed >> 4], axis=-1).reshape(50, 64).astype(np.float32) - 8
    found = halves * scales[:, None]
    kept = np.arange(50) != 3
    cosine = (found * vectors).sum(axis=1)[kept] / np.linalg.norm(found, axis=1)[kept]
    assert (cosine / np.linalg.norm(vectors, axis=1)[kept]).min() > 0.98
    assert not found[3].any()


def test_names_and_numbers_sound_alike_across_scripts() -> None:
    sounds = Sounds(spelling=spelling_table(), prefixes=4096, consonants=2048)
    found = {text: set(sounds.features([text])[0].tolist()) for text in ("Panthers", "Πάνθερς", "Пантерс", "Banane")}
    assert found["Panthers"] == found["Πάνθερς"] == found["Пантерс"]
    assert not found["Panthers"] & found["Banane"]
    assert (
        sounds.features(["1,998"])[0].tolist()
        == sounds.features(["1.998"])[0].tolist()
        == sounds.features(["१९९८"])[0].tolist()
    )


def test_sounds_of_a_text_are_those_of_its_words_and_of_no_neighbour() -> None:
    sounds = Sounds(spelling=spelling_table(), prefixes=4096, consonants=2048)
    texts = ["Der 3. Mann – don't!", "", "สวัสดี ครับ", "😀", "\ud800", "x" * 70_000, "Ann  Nana\n1,2 2.5"]
    together, offsets = sounds.features(texts)
    assert len(offsets) == len(texts) + 1 and offsets[-1] == len(together)
    for row, text in enumerate(texts):
        own = together[offsets[row] : offsets[row + 1]].tolist()
        assert own == sounds.features([text])[0].tolist()
        assert own == sounds.features(text.split())[0].tolist()


def test_a_recipe_names_unknown_keys(tmp_path: Path) -> None:
    assert "xnli" not in Recipe.load(RECIPE).shares and "tquad" not in Recipe.load(RECIPE).qa_sources
    path = tmp_path / "r.toml"
    path.write_text("steps = 3\nstepps = 4\n")
    with pytest.raises(ConfigurationError, match="unknown key stepps"):
        Recipe.load(path)
