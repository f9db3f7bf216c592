"""Compute the training objectives that the study compares, on one batch of rows."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from training.losses import LanguageBalanceLoss
from training.study.transformer.model import FlatEncoder

MIMO_SCALE, MIMO_CONTRASTIVE, MIMO_DISTILLATION = 20.0, 0.2, 0.8
"""Weights of MIMO's second stage (arXiv 2605.31171)."""
LAKDA_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Objective:
    """A loss with its weights.

    Attributes:
        name: `cut` (distil the base), `retrieval`, `balance`, `mean`, `lakda`, `mimo-1` or `mimo-2`.
        simcse: Weight λ of SimCSE.
        weight: Weight of the language balance loss, or of the distillation to the group mean.
        dropout: Dropout of hidden states and attention.
    """

    name: str = "retrieval"
    simcse: float = 0.0
    weight: float = 0.0
    dropout: float = 0.0


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables that the batches' numbers refer to, on the device.

    Attributes:
        queries: (queries, tokens) ids.
        passages: (passages, tokens) ids.
        teacher_queries: (queries, hidden) embeddings by the base.
        teacher_passages: (passages, hidden) embeddings by the base.
        means: (passages, hidden) mean of the base's embeddings of a passage's translations, of unit length; zero for
            passages without translations.
        english_query: (queries,) index of the English version; -1 for none.
        english_passage: (passages,) the same.
    """

    queries: Tensor
    passages: Tensor
    teacher_queries: Tensor
    teacher_passages: Tensor
    means: Tensor
    english_query: Tensor
    english_passage: Tensor


class ObjectiveLoss:
    """Computes an objective's loss of a batch.

    Args:
        encoder: The encoder in training.
        tables: Tables of the study.
        objective: The objective to compute.
        temperature: Temperature of InfoNCE over cosines.
        simcse_temperature: Temperature of SimCSE.
    """

    def __init__(
        self,
        encoder: FlatEncoder,
        tables: Tables,
        objective: Objective,
        *,
        temperature: float,
        simcse_temperature: float,
    ) -> None:
        self._encoder, self._tables, self._objective = encoder, tables, objective
        self._temperature, self._simcse_temperature = temperature, simcse_temperature
        self._balance = LanguageBalanceLoss(None, temperature=temperature)

    def __call__(self, rows: Tensor) -> Tensor:
        """Compute the loss.

        Args:
            rows: (batch, 4) numbers of query, passage, the query and the passage in another language.
        """
        objective, tables = self._objective, self._tables
        query, passage, other_query, other_passage = rows.unbind(1)
        if objective.name == "cut":
            gap = self._gap(self._queries(query), tables.teacher_queries[query])
            return (gap + self._gap(self._passages(passage), tables.teacher_passages[passage])).mean()
        passages = self._passages(passage)
        if objective.name == "mimo-1":
            return self._mimo_passages(passages, passage) + self._mimo_passages(
                self._passages(other_passage), other_passage
            )
        queries = self._queries(query)
        scores = queries @ passages.T
        loss = info_nce(scores / self._temperature)
        if objective.name == "balance":
            parallel = queries @ self._passages(other_passage).T
            loss = loss + objective.weight * self._balance.loss_from_scores(scores, parallel)
        elif objective.name == "mean":
            loss = loss + objective.weight * (
                self._to_mean(passages, passage) + self._to_mean(self._passages(other_passage), other_passage)
            )
        elif objective.name == "lakda":
            others = self._queries(other_query) @ passages.T
            loss = (1 - LAKDA_SHARE) * loss + LAKDA_SHARE * divergence(others, scores)
        elif objective.name == "mimo-2":
            pulled = (self._mimo_queries(queries, query) + self._mimo_passages(passages, passage)) / 2
            loss = MIMO_CONTRASTIVE * info_nce(scores * MIMO_SCALE) + MIMO_DISTILLATION * pulled
        if objective.simcse:
            again = [self._queries(query), self._passages(passage)]
            views = zip((queries, passages), again, strict=True)
            parts = [info_nce(one @ two.T / self._simcse_temperature) for one, two in views]
            loss = loss + objective.simcse * sum(parts) / 2
        return loss

    def _queries(self, rows: Tensor) -> Tensor:
        found: Tensor = self._encoder(self._tables.queries[rows].long(), dropout=self._objective.dropout)
        return found

    def _passages(self, rows: Tensor) -> Tensor:
        found: Tensor = self._encoder(self._tables.passages[rows].long(), dropout=self._objective.dropout)
        return found

    def _gap(self, found: Tensor, target: Tensor) -> Tensor:
        """Compute the cosine distance, (rows,)."""
        return 1 - (found * target).sum(1)

    def _to_mean(self, found: Tensor, rows: Tensor) -> Tensor:
        """Average the cosine distance to the group mean over the rows that have one."""
        target = self._tables.means[rows]
        return masked_mean(self._gap(found, target), target.any(1))

    def _mimo_queries(self, found: Tensor, rows: Tensor) -> Tensor:
        english = self._tables.english_query[rows]
        return self._projected_gap(found, self._tables.teacher_queries[english.clamp(min=0)], english >= 0)

    def _mimo_passages(self, found: Tensor, rows: Tensor) -> Tensor:
        english = self._tables.english_passage[rows]
        return self._projected_gap(found, self._tables.teacher_passages[english.clamp(min=0)], english >= 0)

    def _projected_gap(self, found: Tensor, target: Tensor, there: Tensor) -> Tensor:
        projected = functional.normalize(found @ self._encoder.projection, dim=1)
        return masked_mean(self._gap(projected, target), there)


def info_nce(scores: Tensor) -> Tensor:
    """Compute the cross-entropy of each row's own column.

    Args:
        scores: (rows, rows) cosines divided by the temperature.
    """
    return functional.cross_entropy(scores, torch.arange(len(scores), device=scores.device))


def divergence(other: Tensor, own: Tensor) -> Tensor:
    """Compute KL(p_other ‖ p_own) between the softmaxes of unscaled cosines, with gradient through both (LaKDA).

    Args:
        other: (queries, passages) cosines of the queries in another language.
        own: (queries, passages) cosines of the queries.
    """
    first, second = functional.log_softmax(other, dim=1), functional.log_softmax(own, dim=1)
    return (first.exp() * (first - second)).sum(1).mean()


def masked_mean(values: Tensor, there: Tensor) -> Tensor:
    """Average the existing values; 0 if there are none.

    Args:
        values: Values to average.
        there: Whether each value exists, of the same shape; others are ignored but must be finite.
    """
    weights = there.float()
    return (values * weights).sum() / weights.sum().clamp(min=1)
