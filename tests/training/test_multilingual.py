"""Test the transformer's training on a model of one layer: padding, cutting, losses, and resuming."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel

from training.losses.relational import relational_loss
from training.multilingual.batches import cut
from training.multilingual.model import PASSAGE, QUERY, Marks, TextEmbedder, Texts, TokenPool
from training.multilingual.recipe import Recipe, Run
from training.static.data import Tokens

MARKS = Marks(query=(0, 5, 6), passage=(0, 7), end=2, pad=1)


def _tokens(*texts: list[int]) -> Tokens:
    return Tokens(
        ids=np.array([number for text in texts for number in text], dtype=np.int32),
        offsets=np.cumsum([0, *(len(text) for text in texts)]).astype(np.int64),
    )


@pytest.fixture
def pool() -> TokenPool:
    return TokenPool(
        {"a": _tokens([10, 11, 12], [13], [14, 15, 16, 17, 18, 19]), "b": _tokens([20, 21], [22])}, limit=5
    )


@pytest.fixture
def model(pool: TokenPool) -> TextEmbedder:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=30, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=20, pad_token_id=1,
    )  # fmt: skip
    return TextEmbedder(BertModel(config, add_pooling_layer=False), MARKS, pool.ids, batch_tokens=20, precision="fp32")


def test_texts_are_embedded_with_their_prompts_whatever_is_beside_them(pool: TokenPool, model: TextEmbedder) -> None:
    texts = Texts.join(
        [
            pool.texts("a", np.array([2, 0]), QUERY),
            pool.texts("b", np.array([1, 0]), PASSAGE),
            pool.texts("a", np.array([1]), QUERY),
        ]
    )
    found = model.encode(texts)
    written = [
        [0, 5, 6, 14, 15, 16, 17, 18, 2],  # cut to five tokens
        [0, 5, 6, 10, 11, 12, 2],
        [0, 7, 22, 2],
        [0, 7, 20, 21, 2],
        [0, 5, 6, 13, 2],
    ]
    for own, ids in zip(found, written, strict=True):
        with torch.no_grad():
            states = model.transformer(input_ids=torch.tensor([ids])).last_hidden_state.mean(1)[0]
        assert torch.allclose(own, torch.nn.functional.normalize(states, dim=0), atol=1e-5)


def test_neighbouring_rows_make_one_text(pool: TokenPool) -> None:
    texts = pool.spans("b", np.array([0]), np.array([2]), PASSAGE)
    assert pool.ids[texts.starts[0] : texts.starts[0] + texts.lengths[0]].tolist() == [20, 21, 22]


def test_a_cut_text_is_a_run_of_the_whole_one() -> None:
    texts = Texts(np.array([0, 100]), np.array([20, 20]), np.array([QUERY, QUERY]))
    rng = np.random.default_rng(0)
    for _ in range(50):
        parts = cut(texts, np.array([True, False]), rng)
        assert 6 <= parts.lengths[0] <= 12
        assert 0 <= parts.starts[0] <= 20 - parts.lengths[0]
        assert (parts.starts[1], parts.lengths[1]) == (100, 20)


def test_the_relational_loss_vanishes_where_student_and_teacher_agree() -> None:
    scores = torch.randn(4, 6)
    assert torch.allclose(
        relational_loss(scores, scores, temperature=0.3, teacher_temperature=0.3), torch.zeros(4), atol=1e-6
    )
    assert (relational_loss(scores, -scores, temperature=0.3, teacher_temperature=0.3) > 0).all()


def test_a_hard_label_alone_is_infonce() -> None:
    scores = torch.randn(4, 6)
    found = relational_loss(scores, torch.randn(4, 6), temperature=0.5, teacher_temperature=1.0, hard=1.0)
    expected = torch.nn.functional.cross_entropy(scores / 0.5, torch.arange(4), reduction="none")
    assert torch.allclose(found, expected, atol=1e-5)


def test_masked_passages_do_not_count() -> None:
    scores, known = torch.randn(3, 3), torch.randn(3, 3)
    masked = torch.full((3, 1), -1e4)
    both = {"temperature": 0.5, "teacher_temperature": 0.5}
    wide = relational_loss(torch.cat([scores, masked], 1), torch.cat([known, masked], 1), **both)
    assert torch.allclose(wide, relational_loss(scores, known, **both), atol=1e-5)


def test_a_run_changes_only_what_it_names() -> None:
    recipe = Recipe(steps=7, rate=1e-4, runs=(Run("short", steps=3),))
    own = recipe.of(recipe.runs[0])
    assert (own.steps, own.rate) == (3, 1e-4)
