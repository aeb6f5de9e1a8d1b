"""Bloom filters as the kernels fill and ask them: the words, a power of two of them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

KEYS_PER_WORD: Final = 4  # or fewer: 16 bits for a key let pass about one in fifteen others
LEAST_WORDS: Final = 64
ALL: Final[Words] = np.empty(0, np.uint64)  # the filter of no words lets pass everything


def empty_filter(keys: int) -> Words:
    """A filter for so many keys."""
    return np.zeros(1 << max(keys // KEYS_PER_WORD, LEAST_WORDS).bit_length(), np.uint64)
