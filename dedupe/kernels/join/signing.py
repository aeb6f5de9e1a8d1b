"""MinHash signatures of the texts of a table, compiled; bit for bit those of `minhash.sign`."""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.minhash import EMPTY, permutations
from dedupe.corpus.tables import TextTable
from dedupe.kernels.lib import blocks
from dedupe.kernels.lib.cache import kernel
from dedupe.kernels.lib.keys import F0, F1, F2, F3, F4
from dedupe.kernels.lib.types import I32, I64, U32

HALF = np.uint64(32)


@kernel(nb.void(U32, I64, I32, U32, U32, nb.int64, nb.int64, nb.uint32[:, ::1]))
def sign(tokens, starts, sizes, a, b, low, high, found):
    """Signatures of the texts [low, high): `shingles.five_grams`, finalised and permuted as datasketch does."""
    for text in range(low, high):
        start, size = starts[text], np.int64(sizes[text])
        row = found[text]
        # Written out: with the 5-gram in a function of its own, as in `evidence`, the whole takes 40 % longer.
        for at in range(start, start + max(size - 4, min(size, 1))):
            total = np.uint64(tokens[at]) * F0
            if size > 1:
                total += np.uint64(tokens[at + 1]) * F1
            if size > 2:
                total += np.uint64(tokens[at + 2]) * F2
            if size > 3:
                total += np.uint64(tokens[at + 3]) * F3
            if size > 4:
                total += np.uint64(tokens[at + 4]) * F4
            mixed = np.uint32(total >> HALF)
            mixed = np.uint32((mixed ^ (mixed >> np.uint32(16))) * np.uint32(0x85EBCA6B))
            mixed = np.uint32((mixed ^ (mixed >> np.uint32(13))) * np.uint32(0xC2B2AE35))
            mixed ^= mixed >> np.uint32(16)
            for place in range(len(a)):
                row[place] = min(row[place], np.uint32(a[place] * mixed + b[place]))


def sign_table(table: TextTable, *, count: int, seed: int) -> NDArray[np.uint32]:
    """Signatures, uint32, shape (len(table), count); a text without shingles has all EMPTY."""
    found = np.full((len(table), count), EMPTY, np.uint32)
    a, b = permutations(count, seed)
    blocks.run(lambda block: sign(table.tokens, table.starts, table.sizes, a, b, *block, found), blocks.cut(len(table)))
    return found
