from __future__ import annotations

import copy
import math
from itertools import pairwise

import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import (
    CachedMultipleNegativesRankingLoss,
    MultipleNegativesRankingLoss,
)
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from torch import tensor
from training_support import static_model

from searchapp.errors import ConfigurationError, TrainingError
from training.config import BatchConfig, LossConfig
from training.losses import JointLoss, LanguageBalanceLoss, SimCSELoss, drop_tokens
from training.trainer.losses import build_loss


class Fixed(torch.nn.Module):
    """A model whose embeddings are its inputs."""

    def forward(self, features):
        return {**features, "sentence_embedding": features["input"]}

    def __getitem__(self, place):
        return torch.nn.Dropout(0.1)

    def get_embedding_dimension(self) -> int:
        return 2


def test_simcse_is_info_nce_over_cosines() -> None:
    loss = SimCSELoss(with_dropout(), temperature=0.5)
    first, second = tensor([[2.0, 0.0], [0.0, 3.0]]), tensor([[1.0, 0.0], [3.0, 4.0]])
    # Cosines: row 0 (1, .6), row 1 (0, .8); divided by .5: (2, 1.2), (0, 1.6).
    expected = (math.log(1 + math.exp(1.2 - 2)) + math.log(1 + math.exp(0 - 1.6))) / 2
    assert loss.loss_from_embeddings(first, second).item() == pytest.approx(expected, abs=1e-6)


def with_dropout() -> Fixed:
    model = Fixed()
    model.dropout = torch.nn.Dropout(0.1)
    return model


def test_language_divergence_by_hand() -> None:
    loss = LanguageBalanceLoss(None, temperature=1.0, kind="divergence")
    scores, parallel = tensor([[math.log(3), 0.0]]), tensor([[0.0, 0.0]])
    # (3/4, 1/4) against (1/2, 1/2): ((1/4) ln(3/2) + (-1/4) ln(1/2)) / 2 = ln(3) / 8.
    assert loss.loss_from_scores(scores, parallel).item() == pytest.approx(math.log(3) / 8, abs=1e-6)


def test_language_balance_by_hand_and_divergence_is_blind_to_a_constant() -> None:
    scores, parallel = tensor([[1.0, 0.2], [0.1, 0.5]]), tensor([[0.6, -0.2], [-0.3, 0.1]])  # 0.4 lower throughout
    balance = LanguageBalanceLoss(None, temperature=0.5)
    # Both softmaxes are equal, so the weights of a row sum to 1: log cosh(0.8 / 2).
    assert balance.loss_from_scores(scores, parallel).item() == pytest.approx(math.log(math.cosh(0.4)), abs=1e-6)
    blind = LanguageBalanceLoss(None, temperature=0.5, kind="divergence")
    assert blind.loss_from_scores(scores, parallel).item() == pytest.approx(0.0, abs=1e-6)
    assert balance.loss_from_scores(scores, scores).item() == pytest.approx(0.0, abs=1e-6)
    huge = balance.loss_from_scores(scores * 1000, parallel * -1000)
    assert torch.isfinite(huge)


def test_the_parts_of_the_joint_loss_are_weighted_and_the_control_costs_nothing() -> None:
    model = with_dropout().train()
    columns = [{"input": torch.randn(4, 2)} for _ in range(3)]
    retrieval = MultipleNegativesRankingLoss(model, scale=10)
    simcse, balance = SimCSELoss(model), LanguageBalanceLoss(model)
    joint = JointLoss(model, retrieval, simcse=simcse, simcse_weight=0.3, balance=balance, balance_weight=2.0)
    parts = joint(columns)
    assert parts["retrieval"].item() == pytest.approx(retrieval(columns[:2], None).item())
    assert parts["simcse"].item() == pytest.approx(0.3 * simcse(columns[:2]).item())
    assert parts["balance"].item() == pytest.approx(2.0 * balance(columns).item())
    model.eval()
    assert set(joint(columns)) == {"retrieval"}
    model.train()
    control = JointLoss(model, retrieval, simcse=simcse, simcse_weight=0.0)
    assert set(control(columns[:2])) == {"retrieval"}
    assert set(control(columns[:1])) == {"simcse"}


def test_a_loss_that_is_not_a_number_stops_training() -> None:
    model = with_dropout()
    joint = JointLoss(model, MultipleNegativesRankingLoss(model))
    bad = [{"input": tensor([[float("nan"), 1.0]])}, {"input": tensor([[1.0, 1.0]])}]
    with pytest.raises(TrainingError, match=r"retrieval loss is nan.*Lower optimizer.rate"):
        joint(bad)


def test_token_dropout_keeps_order_and_at_least_one_token() -> None:
    torch.manual_seed(0)
    features = {"input_ids": torch.arange(1000), "offsets": tensor([0, 400, 400, 401])}
    kept = drop_tokens(features, 0.25)
    bounds = [*kept["offsets"].tolist(), len(kept["input_ids"])]
    texts = [kept["input_ids"][a:b].tolist() for a, b in pairwise(bounds)]
    assert texts[1] == [] and texts[2] == [400] and texts[0] == sorted(texts[0]) and max(texts[0]) < 400
    assert 0.70 < len(texts[0]) / 400 < 0.80
    for _ in range(20):
        assert drop_tokens({"input_ids": tensor([7, 8]), "offsets": tensor([0, 1])}, 0.99)["input_ids"].tolist() == [
            7,
            8,
        ]


def test_simcse_differs_between_passes_of_a_static_model_and_teaches_it(tokenizer) -> None:
    model = static_model(tokenizer)
    loss = SimCSELoss(model, token_dropout=0.5)
    features = model.preprocess(["house river bread", "Haus Fluss Brot", "winter moon"])
    model.train()
    torch.manual_seed(1)
    before = loss([features]).item()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(40):
        optimizer.zero_grad()
        loss([features]).backward()
        optimizer.step()
    assert loss([features]).item() < before / 2
    with pytest.raises(ConfigurationError, match="needs one between 0 and 1"):
        SimCSELoss(model, token_dropout=0.0)


def test_cached_gradients_are_those_of_the_uncached_loss(tiny_transformer) -> None:
    transformer = Transformer(
        str(tiny_transformer("bert")), config_kwargs={"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    )
    model = SentenceTransformer(modules=[transformer, Pooling(32)], device="cpu")
    texts = [["house river", "moon", "winter stone", "bread"], ["Haus Fluss", "Mond", "Winter Stein", "Brot"]]
    found = []
    for make in (
        MultipleNegativesRankingLoss,
        lambda m, **kw: CachedMultipleNegativesRankingLoss(m, mini_batch_size=2, **kw),
    ):
        own = copy.deepcopy(model).train()
        joint = JointLoss(own, make(own, scale=20.0))
        parts = joint([own.preprocess(column) for column in texts])
        torch.stack(list(parts.values())).sum().backward()
        found.append((parts["retrieval"].item(), {n: p.grad for n, p in own.named_parameters() if p.grad is not None}))
    assert found[0][0] == pytest.approx(found[1][0], abs=1e-5)
    assert found[0][1].keys() == found[1][1].keys() and len(found[0][1]) > 10
    for name, gradient in found[0][1].items():
        torch.testing.assert_close(gradient, found[1][1][name], atol=1e-5, rtol=1e-3)
    with pytest.raises(ConfigurationError, match="every dropout layer of this model has probability 0"):
        SimCSELoss(model)


def test_configured_losses(tokenizer, tiny_transformer) -> None:
    model = static_model(tokenizer)
    texts = [["house river", "moon"], ["Haus Fluss", "Mond"]]
    columns = [model.preprocess(column) for column in texts]
    plain = build_loss(LossConfig(temperature=0.1), BatchConfig(), model.train())(columns)["retrieval"]
    assert plain.item() == pytest.approx(MultipleNegativesRankingLoss(model, scale=10.0)(columns, None).item())
    small = build_loss(LossConfig(matryoshka=(8, 16)), BatchConfig(), model)(columns)["retrieval"]
    assert small.item() != pytest.approx(plain.item())
    with pytest.raises(ConfigurationError, match=r"loss.matryoshka has 32, but the model has 16"):
        build_loss(LossConfig(matryoshka=(32,)), BatchConfig(), model)
    with pytest.raises(ConfigurationError, match="which a static encoder does not need"):
        build_loss(LossConfig(cached=4), BatchConfig(), model)
    transformer = SentenceTransformer(modules=[Transformer(str(tiny_transformer("bert"))), Pooling(32)], device="cpu")
    config = LossConfig(cached=2, matryoshka=(16, 32), simcse_weight=0.5, projection=True)
    loss = build_loss(config, BatchConfig(), transformer.train())
    parts = loss([transformer.preprocess(column) for column in texts])
    torch.stack(list(parts.values())).sum().backward()
    assert loss.simcse.projection[0].weight.grad.abs().sum() > 0
