"""Bloom filters as the kernels fill and check them: their words, a power of two in number."""

from __future__ import annotations

from typing import Final

import numba as nb
import numpy as np
from numpy.typing import NDArray

from dedupe.kernels.lib.cache import kernel
from dedupe.kernels.lib.types import U64

Words = NDArray[np.uint64]

KEYS_PER_WORD: Final = 4  # or fewer: 16 bits for a key let pass about one in seventy others
LEAST_WORDS: Final = 64
ALL: Final[Words] = np.empty(0, np.uint64)  # the filter of no words lets pass everything
ONE: Final = np.uint64(1)


def empty_filter(keys: int) -> Words:
    """A filter for so many keys."""
    return np.zeros(1 << max(keys // KEYS_PER_WORD, LEAST_WORDS).bit_length(), np.uint64)


@nb.njit
def _bits(key):
    """Two bits of a word."""
    return ONE << (key & np.uint64(63)) | ONE << (key >> np.uint64(6) & np.uint64(63))


@nb.njit
def put(words, mask, key):
    """Adds *key*; *mask*: words less one."""
    words[np.int64(key >> np.uint64(20)) & mask] |= _bits(key)


@nb.njit
def passes(words, mask, key):
    """Whether the filter may hold *key*; `ALL` (mask -1) holds everything."""
    return mask < 0 or words[np.int64(key >> np.uint64(20)) & mask] & _bits(key) == _bits(key)


@kernel(nb.void(U64, nb.uint64[::1]))
def fill_filter(keys, words):
    """Adds *keys*."""
    for key in keys:
        put(words, len(words) - 1, key)
