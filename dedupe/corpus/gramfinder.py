"""Finds the 4-grams of a few texts in very many others, without hashing all of those.

A 4-gram is three pairs of neighbouring tokens. A table says which hashes of pairs the few texts have: a gather and two
ANDs leave one place in some thousands, and only there is the 4-gram itself hashed and looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.shingles import FACTORS, Hashes, four_grams, sorted_unique
from dedupe.corpus.tables import TextTable, Tokens

PAIR_FACTOR: Final = np.uint32(0x9E3779B1)
PAIR_BITS: Final = 20  # 1 MB of table stays in the cache, and the pairs of 50 texts set 2 % of it
LOW: Final = np.uint64((1 << PAIR_BITS) - 1)
WIDTH: Final = 4  # tokens of a 4-gram


@dataclass(frozen=True, slots=True)
class Hits:
    """h places where one of the 4-grams stands, sorted."""

    texts: NDArray[np.int64]  # (h,), numbers in the table
    grams: NDArray[np.int64]  # (h,), places in `GramFinder.grams`
    places: NDArray[np.int64]  # (h,), tokens of the table

    def choose(self, kept: NDArray[np.bool_] | NDArray[np.int64]) -> Hits:
        """Those that are *kept*, bool (h,), or their numbers."""
        return Hits(self.texts[kept], self.grams[kept], self.places[kept])

    def once(self) -> Hits:
        """The first place of each 4-gram in each text, sorted by text and 4-gram."""
        order = np.lexsort((self.places, self.grams, self.texts))
        texts, grams = self.texts[order], self.grams[order]
        new = np.ones(len(order), np.bool_)
        new[1:] = (np.diff(texts) != 0) | (np.diff(grams) != 0)
        return self.choose(order[new])


class GramFinder:
    """Looks for the 4-grams of some texts."""

    def __init__(self, texts: Sequence[Tokens]) -> None:
        self.grams: Hashes = sorted_unique(
            np.concatenate([np.empty(0, np.uint64), *(four_grams(tokens.astype(np.uint64)) for tokens in texts)])
        )
        self._lows = np.zeros(1 << PAIR_BITS, np.bool_)
        self._lows[self.grams & LOW] = True
        self._pairs = np.zeros(1 << PAIR_BITS, np.bool_)
        for tokens in texts:
            self._pairs[_pair_hashes(tokens)] = True

    def find(self, table: TextTable) -> Hits:
        """The 4-grams of this finder in the texts of *table*, which is straight (`TextTable.straightened`)."""
        tokens = table.tokens
        if len(tokens) < WIDTH or not len(self.grams):
            return Hits(*np.empty((3, 0), np.int64))
        pair = self._pairs[_pair_hashes(tokens)]
        places = np.flatnonzero(pair[:-2] & pair[1:-1] & pair[2:])
        hashes = _gram_hashes(tokens, places)
        likely = self._lows[hashes & LOW]  # common pairs stand in a row by accident: most go here
        places, hashes = places[likely], hashes[likely]
        grams = np.searchsorted(self.grams, hashes)
        found = self.grams[np.minimum(grams, len(self.grams) - 1)] == hashes
        places, grams = places[found], grams[found]
        ends = table.starts + table.sizes
        texts = np.searchsorted(ends, places, side="right")
        inside = places + WIDTH <= ends[texts]
        return Hits(texts[inside], grams[inside], places[inside])


def _pair_hashes(tokens: Tokens) -> NDArray[np.uint32]:
    """PAIR_BITS of the hash of each two neighbours, shape (max(n - 1, 0),)."""
    hashes: NDArray[np.uint32] = (tokens[:-1] * PAIR_FACTOR + tokens[1:]) >> np.uint32(32 - PAIR_BITS)
    return hashes


def _gram_hashes(tokens: Tokens, places: NDArray[np.int64]) -> Hashes:
    """`shingles.four_grams` at some *places*."""
    total = np.zeros(len(places), np.uint64)
    for step, factor in zip(range(WIDTH), FACTORS, strict=False):
        total += tokens[places + step].astype(np.uint64) * np.uint64(factor)
    return total >> np.uint64(1)
