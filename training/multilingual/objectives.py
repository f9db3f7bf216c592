"""Compute the loss of each kind of batch."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from training.losses.relational import relational_loss
from training.multilingual.batches import QuestionBatch, TranslationBatch
from training.multilingual.model import PASSAGE, QUERY, TextEmbedder, Texts
from training.multilingual.recipe import Recipe
from training.multilingual.teacher import Targets

MASKED = -1e4


def translation_loss(model: TextEmbedder, batch: TranslationBatch, targets: Targets, recipe: Recipe) -> Tensor:
    """Pull both texts of a group towards the teacher's embedding of it, and the batch towards the teacher's similarities.

    A cut query has no embedding by the teacher; it only has to find its passage.

    Args:
        model: Model in training.
        batch: Two texts of each group, as query and as passage.
        targets: The teacher's embeddings of the groups.
        recipe: Weights of the parts of the loss, and temperatures.
    """
    embedded: Tensor = model(Texts.join([batch.queries, batch.passages]))
    queries, passages = embedded[: len(batch.queries)], embedded[len(batch.queries) :]
    whole = torch.from_numpy(batch.whole).to(queries.device).float()
    taught = targets.of(batch.groups, QUERY), targets.of(batch.groups, PASSAGE)
    scores = queries @ passages.T
    own = torch.arange(len(scores), device=scores.device)
    loss: Tensor = scores.new_zeros(())
    if recipe.distillation:
        away = whole * (1 - (queries * taught[0]).sum(1)), 1 - (passages * taught[1]).sum(1)
        loss = loss + recipe.distillation * (away[0].sum() / whole.sum().clamp(min=1) + away[1].mean()) / 2
    if recipe.relational:
        both = {"temperature": recipe.temperature, "teacher_temperature": recipe.teacher_temperature}
        known = taught[0] @ taught[1].T
        rows = relational_loss(scores, known, **both)
        columns = relational_loss(scores.T, known.T, **both)
        loss = loss + recipe.relational * (whole * (rows + columns)).sum() / whole.sum().clamp(min=1) / 2
    if recipe.contrastive:
        logits = scores / recipe.temperature
        loss = (
            loss
            + recipe.contrastive * (functional.cross_entropy(logits, own) + functional.cross_entropy(logits.T, own)) / 2
        )
    elif recipe.parts:
        each = functional.cross_entropy(scores / recipe.temperature, own, reduction="none")
        loss = loss + ((1 - whole) * each).sum() / len(each)
    return loss


def question_loss(model: TextEmbedder, batch: QuestionBatch, teacher: TextEmbedder | None, recipe: Recipe) -> Tensor:
    """Find each question's passage among those of the batch and the hard negatives.

    In a batch of one language, part of the label comes from the untouched base's similarities of the same texts, so
    that its knowledge about answers is kept.

    Args:
        model: Model in training.
        batch: Questions with their passages and hard negatives.
        teacher: The untouched base; None to train with hard labels only.
        recipe: The teacher's share in the labels, and temperatures.
    """
    sound = torch.from_numpy(batch.sound).to(model.device)
    texts = Texts.join([batch.queries, batch.passages, batch.negatives])
    scores = _scores(model(texts), sound)
    own = torch.arange(len(scores), device=scores.device)
    if teacher is None or not batch.one_language or not recipe.question_teacher:
        return functional.cross_entropy(scores / recipe.temperature, own)
    return relational_loss(
        scores,
        _scores(teacher.encode(texts), sound),
        temperature=recipe.temperature,
        teacher_temperature=recipe.teacher_temperature,
        hard=1 - recipe.question_teacher,
    ).mean()


def _scores(embedded: Tensor, sound: Tensor) -> Tensor:
    """Compute the cosines of questions with passages and hard negatives, invalid negatives masked: (n, 2 n)."""
    queries, passages, negatives = embedded.chunk(3)
    hard = (queries @ negatives.T).masked_fill(~sound[None, :], MASKED)
    return torch.cat([queries @ passages.T, hard], dim=1)
