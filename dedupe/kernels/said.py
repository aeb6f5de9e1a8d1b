"""The 4-grams that some text of a context shows as quotations, as one hash set. Compiled."""

from __future__ import annotations

import numba as nb
import numpy as np

from dedupe.flags import QUOTED
from dedupe.kernels.cache import kernel
from dedupe.kernels.filters import passes, put
from dedupe.kernels.keys import ONE, four_gram
from dedupe.kernels.probing import grown
from dedupe.kernels.types import FLAGS, KEYS, PLACES, SIZES, TOKENS


@nb.njit
def _slot(key, said):
    """The slot of *key*, or the free one where it would stand."""
    slot = np.int64(((key >> np.uint64(31)) * np.uint64(len(said))) >> np.uint64(32))
    while said[slot] and said[slot] != max(key, ONE):
        slot = slot + 1 if slot + 1 < len(said) else 0
    return slot


@nb.njit
def is_said(key, said):
    """Whether the set holds *key*."""
    return said[_slot(key, said)] != 0


@kernel(nb.void(TOKENS, PLACES, SIZES, nb.uint64[::1]))
def fill_filter(tokens, starts, sizes, words):
    """Puts the plain 4-grams of texts into a Bloom filter, uint64 words (a power of two of them)."""
    mask = len(words) - 1
    for text in range(len(starts)):
        for at in range(starts[text], starts[text] + sizes[text] - 3):
            put(words, mask, four_gram(tokens, at))


@kernel(nb.uint64[::1](TOKENS, FLAGS, PLACES, SIZES, KEYS))
def list_said(tokens, flags, starts, sizes, words):
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


@kernel(nb.void(KEYS, nb.uint64[::1]))
def put_said(keys, said):
    """Puts *keys* into a set. A slot with 0 is free, and key 0 stands there as 1."""
    for key in keys:
        said[_slot(key, said)] = max(key, ONE)
