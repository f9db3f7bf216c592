"""Pack matrices in blocks of 4-bit integers: 32 weights share one float16 scale, in the layout of GGML's `q4_0`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from searchapp.errors import InputError

BLOCK = 32
BYTES = 2 + BLOCK // 2


def unpack_blocks(raw: NDArray[np.uint8], *, columns: int) -> NDArray[np.float32]:
    """Unpack blocks into weights.

    A block is a float16 scale d and 16 bytes; weight j is the low nibble of byte j, weight j + 16 the high one, and its
    value is (nibble - 8) · d.

    Args:
        raw: Whole rows of packed blocks, (bytes,).
        columns: Weights per row, a multiple of 32.

    Returns:
        (rows, columns) weights.

    Raises:
        InputError: The number of bytes is not a multiple of the row size.
    """
    if columns % BLOCK or len(raw) % (columns // BLOCK * BYTES):
        raise InputError(
            f"{len(raw):,} bytes are not a whole number of rows of {columns} weights in blocks of {BLOCK} "
            f"({columns // BLOCK * BYTES} bytes each): the file is damaged, or another version of the format"
        )
    blocks = raw.reshape(-1, BYTES)
    scales = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    packed = blocks[:, 2:]
    nibbles = np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.float32) - 8
    weights: NDArray[np.float32] = (nibbles * scales).reshape(-1, columns)
    return weights


def pack_blocks(weights: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Round weights to packed blocks, scaled so that the weight of greatest magnitude is exact.

    Args:
        weights: (rows, columns) with columns a multiple of 32.

    Returns:
        (rows, bytes) blocks; `unpack_blocks` reads them.
    """
    rows, columns = weights.shape
    if columns % BLOCK:
        raise InputError(f"rows of {columns} weights; expected a multiple of {BLOCK} to pack them in blocks")
    blocks = weights.reshape(-1, BLOCK)
    greatest = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=1)[:, None], axis=1)
    scales = (greatest / -8).astype(np.float16)
    divisors = np.where(scales == 0, 1, scales).astype(np.float32)
    nibbles = np.clip(np.rint(blocks / divisors) + 8, 0, 15).astype(np.uint8)
    halves = nibbles[:, : BLOCK // 2] | (nibbles[:, BLOCK // 2 :] << 4)
    return np.concatenate([scales.view(np.uint8), halves], axis=1).reshape(rows, -1)
