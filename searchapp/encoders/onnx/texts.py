"""From texts to token ids: windows that the model can read, in batches of about equal length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from searchapp.encoders.onnx.pooling import IntArray
from searchapp.errors import EncoderError

SPARE = 8
"""Tokens of a window kept free: a piece of a text, cut out, may need a few more tokens than it did inside."""


@dataclass(frozen=True, slots=True)
class Window:
    """What the model reads at once of a text.

    Attributes:
        row: The text's place among the texts.
        ids: Token ids, special tokens included.
    """

    row: int
    ids: list[int]


def windows(tokenizer: Tokenizer, texts: Sequence[str], *, prompt: str, max_length: int) -> list[Window]:
    """Cut texts into windows of at most `max_length` tokens; each has the prompt, and nothing is left out.

    Args:
        tokenizer: Without truncation and padding.
        texts: Any texts.
        prompt: Put before each window's text.
        max_length: Tokens of a window at most.

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
    """Group windows of about equal length, shortest first.

    Args:
        found: The windows.
        tokens: Tokens of a batch at most, padding included; a longer window is a batch of its own.

    Yields:
        Places in `found`.
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
    """Cut a text between tokens, so that each piece fits with the prompt and the special tokens."""
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
            size //= 2  # text that is cut into many more tokens on its own: try a shorter piece
            continue
        yield ids[:max_length]
        first, start, size = last, end, room - SPARE
