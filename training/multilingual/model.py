"""Embed spans of token ids as unit vectors during training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.pooling import unit_means
from training.static.data import IntArray, Tokens

QUERY, PASSAGE = 0, 1
STRIDE = 64
"""Number of texts by which a forward pass grows while it fits."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Token ids around a text.

    Attributes:
        query: Ids before a query: the beginning of text and the prompt.
        passage: Ids before a passage.
        end: Ids after either.
        pad: Padding id.
    """

    query: tuple[int, ...]
    passage: tuple[int, ...]
    end: int
    pad: int


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts to embed: spans of a pool of tokens.

    Attributes:
        starts: (n,) first token of each text.
        lengths: (n,) number of tokens of each text.
        roles: (n,) `QUERY` or `PASSAGE`.
    """

    starts: IntArray
    lengths: IntArray
    roles: IntArray

    @classmethod
    def join(cls, parts: Sequence[Texts]) -> Texts:
        """Concatenate collections of texts.

        Args:
            parts: Collections of the same pool, one or more, in the order of the result.
        """
        return cls(
            *(np.concatenate([getattr(part, name) for part in parts]) for name in ("starts", "lengths", "roles"))
        )

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, rows: IntArray | slice) -> Texts:
        return Texts(self.starts[rows], self.lengths[rows], self.roles[rows])


class TokenPool:
    """The tokens of several collections of texts, concatenated.

    Args:
        parts: Tokens of each collection, by its name.
        limit: Maximum tokens per text.
    """

    def __init__(self, parts: Mapping[str, Tokens], *, limit: int) -> None:
        self.ids = np.concatenate([tokens.ids for tokens in parts.values()]).astype(np.int32)
        bases = np.cumsum([0, *(len(tokens.ids) for tokens in parts.values())])
        self._offsets = {
            name: tokens.offsets + int(base) for (name, tokens), base in zip(parts.items(), bases[:-1], strict=True)
        }
        self._limit = limit

    def texts(self, name: str, rows: IntArray, role: int) -> Texts:
        """Take rows of a collection.

        Args:
            name: Name of the collection.
            rows: (n,) numbers of its texts.
            role: `QUERY` or `PASSAGE`, for all of them.
        """
        return self.spans(name, rows, rows + 1, role)

    def spans(self, name: str, firsts: IntArray, ends: IntArray, role: int) -> Texts:
        """Take runs of neighbouring rows as one text each.

        Args:
            name: Name of the collection.
            firsts: (n,) number of the first row of each run.
            ends: (n,) number of the row after each run.
            role: `QUERY` or `PASSAGE`, for all of them.
        """
        offsets = self._offsets[name]
        starts = offsets[firsts]
        lengths = np.minimum(offsets[ends] - starts, self._limit)
        return Texts(starts, lengths, np.full(len(starts), role, dtype=np.int64))


class TextEmbedder(nn.Module):
    """A transformer with mean pooling over spans of token ids, its dropout off.

    Args:
        transformer: A `BertModel`, or another that takes `input_ids` and `attention_mask`.
        marks: Token ids around texts.
        ids: (tokens,) ids of the pool that texts are spans of.
        batch_tokens: Padded tokens per forward pass.
        precision: `bf16` or `fp32`.
    """

    ids: Tensor
    before: Tensor
    before_lengths: Tensor

    def __init__(
        self, transformer: Any, marks: Marks, ids: NDArray[np.int32], *, batch_tokens: int, precision: str
    ) -> None:
        super().__init__()
        self.transformer = transformer.eval()
        self._marks = marks
        self._batch_tokens = batch_tokens
        self._precision = precision
        width = max(len(marks.query), len(marks.passage))
        before = [[*mark, *[marks.pad] * (width - len(mark))] for mark in (marks.query, marks.passage)]
        self.register_buffer("ids", torch.from_numpy(ids), persistent=False)
        self.register_buffer("before", torch.tensor(before), persistent=False)
        lengths = torch.tensor([len(marks.query), len(marks.passage)])
        self.register_buffer("before_lengths", lengths, persistent=False)

    @property
    def device(self) -> torch.device:
        """Return the device of the weights."""
        return self.ids.device

    def forward(self, texts: Texts) -> Tensor:
        """Embed texts, sorted by length to reduce padding: (n, dimension).

        Args:
            texts: Spans of the pool, one or more.
        """
        order = np.argsort(texts.lengths, kind="stable")
        ordered = texts[order]
        parts = [self._embed(ordered[run]) for run in self._runs(ordered.lengths)]
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        return torch.cat(parts)[torch.from_numpy(back).to(self.device)]

    @torch.no_grad()
    def encode(self, texts: Texts) -> Tensor:
        """Embed texts without gradients: (n, dimension).

        Args:
            texts: Spans of the pool, one or more.
        """
        embedded: Tensor = self.forward(texts)
        return embedded

    def _runs(self, lengths: IntArray) -> Iterator[slice]:
        """Split ascending lengths into runs whose padded tokens stay below the limit."""
        extra = self.before.shape[1] + 1
        start = 0
        while start < len(lengths):
            end = min(start + STRIDE, len(lengths))
            while end < len(lengths):
                further = min(end + STRIDE, len(lengths))
                if (further - start) * (int(lengths[further - 1]) + extra) > self._batch_tokens:
                    break
                end = further
            yield slice(start, end)
            start = end

    def _embed(self, texts: Texts) -> Tensor:
        starts, lengths, roles = (
            torch.from_numpy(array).to(self.device)[:, None] for array in (texts.starts, texts.lengths, texts.roles)
        )
        first = self.before_lengths[roles]
        last = first + lengths
        position = torch.arange(int(texts.lengths.max()) + self.before.shape[1] + 1, device=self.device)[None, :]
        inside = (starts + position - first).clamp(min=0, max=len(self.ids) - 1)
        ids = torch.where(position < last, self.ids[inside].long(), self._marks.pad)
        ids = torch.where(position == last, self._marks.end, ids)
        prompts = self.before[roles, position.clamp(max=self.before.shape[1] - 1)]
        ids = torch.where(position < first, prompts, ids)
        mask = position <= last
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self._precision == "bf16"):
            states = self.transformer(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        return unit_means(states, mask)
