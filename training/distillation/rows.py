"""Create rows for distillation (arXiv 2004.09813): all texts of a group with the teacher's embedding of its pivot text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from datasets import Dataset, DatasetDict
from datasets.features import Features, Value
from datasets.features import Sequence as SequenceFeature
from numpy.typing import NDArray

from searchapp.errors import InputError
from searchapp.statistics.vectors import unit
from training.columns import ANCHOR, DISTILL, GROUP, LABEL
from training.datasets.translations import TranslationGroups


class Teacher(Protocol):
    """Embeds texts of the pivot language: a `SentenceTransformer`, or a function wrapped in a class."""

    def encode(self, sentences: list[str], **options: Any) -> NDArray[np.float32]:
        """Embed texts: (n, dimension).

        Args:
            sentences: Texts in the pivot language.
            options: Options of `SentenceTransformer.encode`, such as `batch_size`.
        """
        ...


def distillation_rows(
    groups: TranslationGroups, teacher: Teacher, *, pivot: str = "en", dimension: int | None = None, batch: int = 64
) -> DatasetDict:
    """Embed each group's pivot text once and use it as the label of all texts in the group.

    Args:
        groups: Groups of translations.
        teacher: Embeds the pivot texts.
        pivot: Language that the teacher knows.
        dimension: Dimension of the student. If the teacher's is larger, labels are projected onto their principal
            directions, the projection that best preserves cosines. None keeps the labels as they are.
        batch: Texts per call of the teacher.

    Returns:
        `distill/de` and so on, for the mean squared error.

    Raises:
        InputError: No group contains the pivot language, or the student's dimension is larger than the teacher's.
    """
    pivots = np.flatnonzero(groups.languages == pivot)
    if not len(pivots):
        found = ", ".join(sorted(set(groups.languages.tolist()))[:10])
        raise InputError(f"no translation group has the pivot language {pivot!r}; there is {found}")
    labels = teacher_embeddings(teacher, [groups.texts[row] for row in pivots], batch=batch)
    if dimension is not None and dimension != labels.shape[1]:
        labels = project(labels, dimension)
    of = np.full(len(groups.names), -1)
    of[groups.group_of_row[pivots]] = np.arange(len(pivots))
    features = Features(
        {ANCHOR: Value("string"), LABEL: SequenceFeature(Value("float32"), labels.shape[1]), GROUP: Value("string")}
    )
    found_rows: dict[str, Dataset] = {}
    group_of_row = groups.group_of_row
    for language in sorted(set(groups.languages.tolist())):
        rows = np.flatnonzero((groups.languages == language) & (of[group_of_row] >= 0))
        if len(rows):
            found_rows[f"{DISTILL}/{language}"] = Dataset.from_dict(
                {
                    ANCHOR: [groups.texts[row] for row in rows],
                    LABEL: labels[of[group_of_row[rows]]],
                    GROUP: groups.names[group_of_row[rows]].tolist(),
                },
                features=features,
            )
    return DatasetDict(found_rows)


def teacher_embeddings(teacher: Teacher, texts: Sequence[str], *, batch: int) -> NDArray[np.float32]:
    """Embed texts as unit vectors: (n, dimension).

    Args:
        teacher: Embeds the texts.
        texts: Texts in the pivot language.
        batch: Texts per call of the model.
    """
    found = np.asarray(teacher.encode(list(texts), batch_size=batch, show_progress_bar=False), dtype=np.float32)
    return unit(found)


def project(vectors: NDArray[np.float32], dimension: int) -> NDArray[np.float32]:
    """Project unit vectors onto their uncentred principal directions and renormalise: (n, dimension).

    Args:
        vectors: The teacher's unit vectors, (n, its dimension).
        dimension: Dimension of the student, at most n and at most that of the teacher.

    Raises:
        InputError: There are fewer texts or fewer teacher dimensions than dimensions.
    """
    if dimension > vectors.shape[1]:
        raise InputError(
            f"the student has {dimension} dimensions, its teacher {vectors.shape[1]}; a student can have fewer, not more"
        )
    if len(vectors) < dimension:
        raise InputError(f"{len(vectors)} pivot texts cannot span {dimension} dimensions: add translations")
    # Eigenvectors of the second moment; the teacher's dimension is small compared with the number of texts.
    _, directions = np.linalg.eigh(vectors.T.astype(np.float64) @ vectors)
    projected = vectors @ directions[:, ::-1][:, :dimension].astype(np.float32)
    return unit(projected)
