"""The 4-grams that texts show as quotations. Compiled."""

from __future__ import annotations

import numba as nb
import numpy as np

from dedupe.kernels.lib.cache import kernel
from dedupe.kernels.lib.filters import passes, put
from dedupe.kernels.lib.keys import four_gram
from dedupe.kernels.lib.probing import grown
from dedupe.kernels.lib.types import I32, I64, U8, U32, U64
from dedupe.text.flags import QUOTED


@kernel(nb.void(U32, I64, I32, nb.uint64[::1]))
def fill_filter(tokens, starts, sizes, words):
    """Puts the plain 4-grams of texts into a Bloom filter, uint64 words (a power of two of them)."""
    mask = len(words) - 1
    for text in range(len(starts)):
        for at in range(starts[text], starts[text] + sizes[text] - 3):
            put(words, mask, four_gram(tokens, at))


@kernel(nb.uint64[::1](U32, U8, I64, I32, U64))
def list_quoted(tokens, flags, starts, sizes, words):
    """The quoted 4-grams of texts that pass the filter of *words* (none: all), repeats included."""
    mask = len(words) - 1
    keys = np.empty(4096, np.uint64)
    used = 0
    for text in range(len(starts)):
        if used + sizes[text] > len(keys):
            keys = grown(keys, used, 2 * (used + sizes[text]))
        for at in range(starts[text], starts[text] + sizes[text] - 3):
            if flags[at] & QUOTED and flags[at + 3] & QUOTED:
                key = four_gram(tokens, at)
                if passes(words, mask, key):
                    keys[used] = key
                    used += 1
    return keys[:used].copy()
