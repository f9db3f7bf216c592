"""Relational distillation: a student's in-batch similarities across languages imitate a teacher's within one language.

InfoNCE calls every other row of a batch a wrong answer. The teacher's similarities of the same rows say how wrong each is,
so that near meanings stay near, in whatever language (cf. relational knowledge distillation, arXiv 1904.05068, and the
cross-lingual use of it in LaKDA).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def relational_loss(
    scores: Tensor, targets: Tensor, *, temperature: float, teacher_temperature: float, hard: float = 0.0
) -> Tensor:
    """Kullback–Leibler divergence from the teacher's softmax over a batch's passages to the student's, per query.

    Args:
        scores: (queries, passages) student's cosines.
        targets: (queries, passages) teacher's cosines of the same rows, without gradient; row i's own passage is column i.
        temperature: Divides the student's cosines.
        teacher_temperature: Divides the teacher's.
        hard: Share of the label that is the row's own passage alone; 1 is InfoNCE.

    Returns:
        (queries,) divergences; weigh and average them as needed.
    """
    labels = functional.softmax(targets.detach() / teacher_temperature, dim=1)
    if hard:
        own = torch.arange(len(scores), device=scores.device)
        labels = labels * (1 - hard)
        labels[own, own] = labels[own, own] + hard
    student = functional.log_softmax(scores / temperature, dim=1)
    # Masked passages have a label of zero and a student's log probability of minus infinity.
    terms = torch.where(labels > 0, labels * (labels.clamp(min=1e-12).log() - student), 0.0)
    return terms.sum(dim=1)
