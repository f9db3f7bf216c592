"""Create cross-lingual pairs from same-language pairs that share groups: a question and a passage in another language."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from datasets import Dataset

from searchapp.errors import InputError
from training.columns import GROUP, PASSAGE_LANGUAGE, POSITIVE, QUERY_LANGUAGE
from training.datasets.row_dataset import column_of


def cross_lingual_pairs(pairs: Dataset, *, seed: int) -> Dataset:
    """Pair each row's query with a passage of its group in another language, drawn uniformly.

    The hard negatives stay those of the query.

    Args:
        pairs: Rows with `group` and the languages of query and passage.
        seed: Seed that draws the partners.

    Raises:
        InputError: No group occurs in two languages.
    """
    rng = np.random.default_rng((seed, 4))
    members: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    groups, passages = column_of(pairs, GROUP), column_of(pairs, PASSAGE_LANGUAGE)
    for row, (group, language) in enumerate(zip(groups, passages, strict=True)):
        members[group][language].append(row)
    rows, partners = [], []
    for row, (group, language) in enumerate(zip(groups, column_of(pairs, QUERY_LANGUAGE), strict=True)):
        others = [partner for code, those in members[group].items() if code != language for partner in those]
        if others:
            rows.append(row)
            partners.append(int(rng.choice(others)))
    if not rows:
        found = ", ".join(sorted(set(passages))[:10])
        raise InputError(
            f"no group of these {len(pairs)} pairs occurs in two languages (there is {found}): give rows that are "
            "translations of each other the same `group`"
        )
    texts = column_of(pairs, POSITIVE)
    chosen = pairs.select(rows).to_dict()
    chosen[POSITIVE] = [texts[partner] for partner in partners]
    chosen[PASSAGE_LANGUAGE] = [passages[partner] for partner in partners]
    return Dataset.from_dict(chosen)
