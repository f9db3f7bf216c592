"""Distil relations: a student's in-batch similarities across languages imitate a teacher's within one language.

InfoNCE treats every other row of a batch as wrong. The teacher's similarities of the same rows show how wrong each is, so
that similar meanings stay close in all languages (cf. relational knowledge distillation, arXiv 1904.05068, and its
cross-lingual use in LaKDA).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def relational_loss(
    scores: Tensor, targets: Tensor, *, temperature: float, teacher_temperature: float, hard: float = 0.0
) -> Tensor:
    """Compute the KL divergence from the teacher's softmax over a batch's passages to the student's, per query.

    Args:
        scores: (queries, passages) cosines of the student.
        targets: (queries, passages) cosines of the teacher for the same rows, without gradient; row i's passage is column i.
        temperature: Temperature of the student's cosines.
        teacher_temperature: Temperature of the teacher's cosines.
        hard: Share of the label given to the row's own passage alone; 1 is InfoNCE.

    Returns:
        (queries,) divergences, to be weighted and averaged as needed.
        (queries,) divergences; weigh and average them as needed.
    """
    labels = functional.softmax(targets.detach() / teacher_temperature, dim=1)
    if hard:
        own = torch.arange(len(scores), device=scores.device)
        labels = labels * (1 - hard)
        labels[own, own] = labels[own, own] + hard
    student = functional.log_softmax(scores / temperature, dim=1)
    # Masked passages have label zero and a student log probability of minus infinity.
    terms = torch.where(labels > 0, labels * (labels.clamp(min=1e-12).log() - student), 0.0)
    return terms.sum(dim=1)
