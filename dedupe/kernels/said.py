"""The 4-grams that some text of a context shows as quotations, as one hash set. Compiled."""

from __future__ import annotations

import numba as nb
import numpy as np

from dedupe.flags import QUOTED
from dedupe.kernels.types import FLAGS, KEYS, PLACES, SIZES, TOKENS
from dedupe.shingles import FACTORS

F0, F1, F2, F3 = (np.uint64(factor) for factor in FACTORS[:4])
ONE = np.uint64(1)


@nb.njit(inline="always")
def _gram(tokens, at):
    total = np.uint64(tokens[at]) * F0 + np.uint64(tokens[at + 1]) * F1
    total += np.uint64(tokens[at + 2]) * F2 + np.uint64(tokens[at + 3]) * F3
    return total >> ONE


@nb.njit(inline="always")
def _word(key, mask):
    return np.int64(key >> np.uint64(20)) & mask


@nb.njit(nb.void(TOKENS, PLACES, SIZES, nb.uint64[::1]), cache=True, nogil=True)
def fill_filter(tokens, starts, sizes, words):
    """Puts the plain 4-grams of texts into a Bloom filter, uint64 words (a power of two of them)."""
    mask = len(words) - 1
    for text in range(len(starts)):
        for at in range(starts[text], starts[text] + sizes[text] - 3):
            key = _gram(tokens, at)
            words[_word(key, mask)] |= ONE << (key & np.uint64(63))


@nb.njit(nb.uint64[::1](TOKENS, FLAGS, PLACES, SIZES, KEYS), cache=True, nogil=True)
def list_said(tokens, flags, starts, sizes, words):
    """The quoted 4-grams of texts that pass the filter of *words* (none: all), repeats included."""
    mask = len(words) - 1
    keys = np.empty(4096, np.uint64)
    used = 0
    for text in range(len(starts)):
        if used + sizes[text] > len(keys):
            larger = np.empty(2 * (used + sizes[text]), np.uint64)
            larger[:used] = keys[:used]
            keys = larger
        for at in range(starts[text], starts[text] + sizes[text] - 3):
            if flags[at] & QUOTED and flags[at + 3] & QUOTED:
                key = _gram(tokens, at)
                if mask < 0 or words[_word(key, mask)] >> (key & np.uint64(63)) & ONE:
                    keys[used] = key
                    used += 1
    return keys[:used].copy()


@nb.njit(nb.void(KEYS, nb.uint64[::1]), cache=True, nogil=True)
def put_said(keys, said):
    """Puts *keys* into a set. A slot with 0 is free, and key 0 stands there as 1."""
    size = np.uint64(len(said))
    for own in keys:
        key = max(own, ONE)
        slot = np.int64(((key >> np.uint64(31)) * size) >> np.uint64(32))
        while said[slot] and said[slot] != key:
            slot = slot + 1 if slot + 1 < len(said) else 0
        said[slot] = key
