"""MinHash signatures of the texts of a table, compiled; bit for bit those of `minhash.sign`."""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from dedupe.kernels import blocks
from dedupe.kernels.cache import kernel
from dedupe.kernels.keys import five_gram, five_grams
from dedupe.kernels.types import PLACES, SIZES, TOKENS
from dedupe.minhash import EMPTY, permutations
from dedupe.tables import TextTable


@kernel(nb.void(TOKENS, PLACES, SIZES, TOKENS, TOKENS, nb.int64, nb.int64, nb.uint32[:, ::1]))
def sign(tokens, starts, sizes, a, b, low, high, found):
    """Signatures of the texts [low, high): `shingles.five_grams`, finalised and permuted as datasketch does."""
    for text in range(low, high):
        start, size = starts[text], np.int64(sizes[text])
        row = found[text]
        for at in range(start, start + five_grams(size)):
            mixed = np.uint32(five_gram(tokens, size, at))
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
