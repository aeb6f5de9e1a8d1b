"""Which 4-grams of a text its sketch keeps, and which of them are quoted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.shingles import Hashes, sorted_unique
from dedupe.params import Params
from dedupe.text.flags import QUOTED


def sample(grams: Hashes, words: int, params: Params) -> Hashes:
    """FracMinHash: the 4-grams whose hash lies in the lowest 1/rate of its range, all of them for a short text;
    sorted, distinct.
    """
    if words >= params.whole_sketch_words:
        grams = grams[grams < np.uint64((1 << 63) // params.sketch_rate)]
    return sorted_unique(grams)


QUOTING_SHARE = (
    0.7  # a text with more quotation prints another one, whole or piece by piece: that is no quotation of it
)


def is_quoted(flags: NDArray[np.uint8], longest: int) -> NDArray[np.bool_]:
    """Whether each 4-gram lies in a quotation of at most *longest* tokens (its first and last token do), shape
    (max(n - 3, 0),). What is longer is no quotation of a report but the report, and so is most of a text.
    """
    inside = (flags & QUOTED) > 0
    quoted = np.zeros(len(flags), np.bool_)
    if np.count_nonzero(inside) <= QUOTING_SHARE * len(flags):
        edges = np.flatnonzero(np.diff(inside, prepend=False, append=False))
        for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            quoted[begin:end] = end - begin <= longest
    return quoted[:-3] & quoted[3:]
