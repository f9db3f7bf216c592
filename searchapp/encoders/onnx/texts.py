"""Split texts into windows of token ids that fit the model, and batch windows of similar length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from searchapp.encoders.onnx.pooling import IntArray
from searchapp.errors import EncoderError

SPARE = 8
"""Tokens of a window kept free, because a piece may need a few more tokens on its own than inside its text."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a text that the model reads at once.

    Attributes:
        row: Index of the text.
        ids: Token ids, including special tokens.
    """

    row: int
    ids: list[int]


def windows(tokenizer: Tokenizer, texts: Sequence[str], *, prompt: str, max_length: int) -> list[Window]:
    """Split texts into windows of at most `max_length` tokens. Each has the prompt, and no text is lost.

    Args:
        tokenizer: A tokenizer without truncation and padding.
        texts: Texts of any length, in any language.
        prompt: Text put before each window.
        max_length: Maximum number of tokens per window.

    Raises:
        EncoderError: The prompt leaves no room for text.
    """
    found = []
    for row, encoding in enumerate(tokenizer.encode_batch([prompt + text for text in texts])):
        if len(encoding.ids) <= max_length:
            found.append(Window(row, encoding.ids))
        else:
            found += [Window(row, ids) for ids in _pieces(tokenizer, texts[row], prompt, max_length)]
    return found


def batches(found: Sequence[Window], *, tokens: int) -> Iterator[list[int]]:
    """Group windows of similar length, shortest first.

    Args:
        found: The windows.
        tokens: Maximum number of tokens per batch, including padding. A longer window is a batch of its own.

    Yields:
        Indices into `found`.
    """
    order = sorted(range(len(found)), key=lambda place: len(found[place].ids))
    batch: list[int] = []
    for place in order:
        if batch and (len(batch) + 1) * len(found[place].ids) > tokens:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def padded(ids: Sequence[Sequence[int]], *, pad: int) -> tuple[IntArray, IntArray]:
    """Arrange token ids in one array.

    Args:
        ids: Token ids of each text, at least one text.
        pad: Id of the padding token.

    Returns:
        (texts, tokens) ids padded at the end, and the mask, 1 for tokens.
    """
    longest = max(map(len, ids))
    table = np.full((len(ids), longest), pad, dtype=np.int64)
    mask = np.zeros((len(ids), longest), dtype=np.int64)
    for row, own in enumerate(ids):
        table[row, : len(own)] = own
        mask[row, : len(own)] = 1
    return table, mask


def _pieces(tokenizer: Tokenizer, text: str, prompt: str, max_length: int) -> Iterator[list[int]]:
    """Split a text between tokens, so that each piece fits together with the prompt and the special tokens."""
    room = max_length - len(tokenizer.encode(prompt).ids)
    if room < 2 * SPARE:
        raise EncoderError(f"the prompt {prompt!r} leaves {room} of {max_length} tokens for text; shorten it")
    offsets = tokenizer.encode(text, add_special_tokens=False).offsets
    size, start, first = room - SPARE, 0, 0
    while first < len(offsets):
        last = min(first + size, len(offsets))
        end = len(text) if last == len(offsets) else offsets[last][0]
        ids = tokenizer.encode(prompt + text[start:end]).ids
        if len(ids) > max_length and size > 1:
            size //= 2  # the piece has many more tokens on its own: try a shorter one
            continue
        yield ids[:max_length]
        first, start, size = last, end, room - SPARE
