"""Compute the untouched base's embedding of each translation group, the target for the texts of every language."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from training.datasets.translations import Translations
from training.multilingual.corpus import PARALLEL, PIVOT, Corpus
from training.multilingual.model import PASSAGE, QUERY, TextEmbedder, TokenPool
from training.static.data import IntArray

ROLES = (QUERY, PASSAGE)
PART = 65_536


@dataclass(frozen=True, slots=True)
class Targets:
    """Unit vectors of groups, first those of the translations, then those of the lexicon.

    Attributes:
        roles: Vectors for queries and for passages, (groups, dimension) each.
    """

    roles: tuple[Tensor, Tensor]

    def of(self, groups: IntArray, role: int) -> Tensor:
        """Return rows in full precision.

        Args:
            groups: (n,) numbers of groups; those of the lexicon follow those of the translations.
            role: `QUERY` or `PASSAGE`.
        """
        table = self.roles[role]
        return table[torch.from_numpy(groups).to(table.device)].float()


def group_targets(teacher: TextEmbedder, corpus: Corpus, pool: TokenPool, *, target: str) -> Targets:
    """Embed the texts from which the targets are made, as queries and as passages.

    Args:
        teacher: The untouched base model.
        corpus: Groups of translations.
        pool: Tokens of the corpus.
        target: `english`: the embedding of the group's English text. `centred`: the mean over the group's texts, each
            without its language's mean, moved to the mean of English. It has the same meaning with less noise and no
            language.
    """
    found = []
    for role in ROLES:
        means = _language_means(teacher, corpus, pool, role) if target == "centred" else {}
        parts = [
            _targets(teacher, pool, name, data, role, means)
            for name, data in (("translations", corpus.translations), ("lexicon", corpus.lexicon))
        ]
        found.append(torch.cat(parts))
    return Targets(roles=(found[0], found[1]))


def _language_means(teacher: TextEmbedder, corpus: Corpus, pool: TokenPool, role: int) -> dict[str, Tensor]:
    """Compute the mean vector of each language over text that exists in all of them."""
    data = corpus.translations
    parallel = np.isin(data.sources, PARALLEL) & ~corpus.held[data.groups]
    rows = np.flatnonzero(parallel)
    vectors = teacher.encode(pool.texts("translations", rows, role))
    languages = data.languages[rows]
    return {
        str(language): vectors[torch.from_numpy(np.flatnonzero(languages == language)).to(vectors.device)].mean(0)
        for language in np.unique(languages)
    }


def _targets(
    teacher: TextEmbedder, pool: TokenPool, name: str, data: Translations, role: int, means: dict[str, Tensor]
) -> Tensor:
    rows = np.arange(len(data.groups)) if means else np.flatnonzero(data.languages == PIVOT)
    # Read in the order of the groups, a part at a time; a group has one English text.
    _, first = np.unique(data.groups[rows], return_index=True)
    rows = rows if means else rows[first]
    groups = torch.from_numpy(data.groups[rows])
    count = int(data.groups[-1]) + 1
    summed: Tensor | None = None
    for start in range(0, len(rows), PART):
        part = rows[start : start + PART]
        vectors = teacher.encode(pool.texts(name, part, role))
        if means:
            centres = torch.stack([means[str(language)] for language in np.unique(data.languages[part])])
            which = np.unique(data.languages[part], return_inverse=True)[1]
            vectors = vectors - centres[torch.from_numpy(which).to(vectors.device)]
        if summed is None:
            summed = vectors.new_zeros(count, vectors.shape[1])
        summed.index_add_(0, groups[start : start + PART].to(vectors.device), vectors)
    if summed is None:
        raise ValueError(f"{name} has no texts to take targets from")
    if means:
        sizes = torch.bincount(groups, minlength=count).clamp(min=1).to(summed.device)
        summed = summed / sizes[:, None] + means[PIVOT]
    return functional.normalize(summed, dim=-1).half()
