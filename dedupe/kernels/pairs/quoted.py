"""The 4-grams that texts show as quotations. Compiled."""

from __future__ import annotations

import numba as nb
import numpy as np

from dedupe.corpus.sampling import QUOTING_SHARE
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


@nb.njit
def _speak(flags, start, size, longest, spoken):
    """Which tokens of a text lie in a quotation of at most *longest* tokens."""
    at, inside = 0, 0
    for token in range(size):
        inside += flags[start + token] & QUOTED != 0
    if inside > QUOTING_SHARE * size:
        spoken[:size] = False
        return
    while at < size:
        begin = at
        while at < size and flags[start + at] & QUOTED:
            at += 1
        spoken[begin:at] = at - begin <= longest
        if at < size:
            spoken[at] = False
        at += 1


@kernel(nb.uint64[::1](U32, U8, I64, I32, U64, nb.int64))
def list_quoted(tokens, flags, starts, sizes, words, longest):
    """The quoted 4-grams (`sampling.is_quoted`) of texts that pass the filter of *words* (none: all), repeats
    included.
    """
    mask = len(words) - 1
    keys = np.empty(4096, np.uint64)
    used, most = 0, 1
    for text in range(len(starts)):
        most = max(most, np.int64(sizes[text]))
    spoken = np.empty(most, np.bool_)
    for text in range(len(starts)):
        _speak(flags, starts[text], np.int64(sizes[text]), longest, spoken)
        if used + sizes[text] > len(keys):
            keys = grown(keys, used, 2 * (used + sizes[text]))
        for at in range(sizes[text] - 3):
            if spoken[at] and spoken[at + 3]:
                key = four_gram(tokens, starts[text] + at)
                if passes(words, mask, key):
                    keys[used] = key
                    used += 1
    return keys[:used].copy()
