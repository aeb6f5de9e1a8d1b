"""MinHash signatures in bulk, bit for bit those of datasketch 2.0 (scheme affine32).

datasketch costs 1.8 s of CPU to import and 576 µs per text; here a text costs about 100 µs.
The stored signatures stay datasketch's: `to_datasketch` loads one, for LSH, unions or counts.
To add to one, hash five-word shingles with `shingles.five_grams` (hashfunc: the identity on uint32).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from datasketch import MinHash

EMPTY = np.uint32(0xFFFFFFFF)  # datasketch's value for an empty set
BLOCK = 1 << 15  # shingles at a time: 128 kB stay in the cache


@lru_cache(maxsize=4)
def permutations(count: int, seed: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """(a, b) of h → a·h + b mod 2**32, drawn as datasketch 2.0 draws them:
    NumPy froze the stream of RandomState (NEP 19).
    """
    draw = np.random.RandomState(seed)
    a = draw.randint(0, 1 << 31, count, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return a, draw.randint(0, 1 << 32, count, dtype=np.uint32)


def finalise(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """MurmurHash3's 32-bit finaliser, which datasketch applies before it permutes."""
    mixed: NDArray[np.uint32] = hashes ^ (hashes >> np.uint32(16))
    mixed = mixed * np.uint32(0x85EBCA6B)
    mixed = mixed ^ (mixed >> np.uint32(13))
    mixed = mixed * np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(16)
    return mixed


def sign(shingles: list[NDArray[np.uint32]], *, count: int, seed: int) -> NDArray[np.uint32]:
    """Signatures of many texts, uint32, shape (len(shingles), count); a text without shingles has all EMPTY."""
    signatures = np.full((len(shingles), count), EMPTY, np.uint32)
    rows: list[int] = []
    size = 0
    for row, own in enumerate(shingles):
        rows += [row] if len(own) else []
        size += len(own)
        if size >= BLOCK:
            _sign_block(shingles, rows, signatures, *permutations(count, seed))
            rows, size = [], 0
    _sign_block(shingles, rows, signatures, *permutations(count, seed))
    return signatures


def _sign_block(
    shingles: list[NDArray[np.uint32]],
    rows: list[int],
    signatures: NDArray[np.uint32],
    a: NDArray[np.uint32],
    b: NDArray[np.uint32],
) -> None:
    """Fills *signatures* of the texts *rows*, none of which is empty."""
    if not rows:
        return
    hashes = finalise(np.concatenate([shingles[row] for row in rows]))
    firsts = np.cumsum([0, *(len(shingles[row]) for row in rows[:-1])])
    block = np.empty((len(a), len(rows)), np.uint32)
    for number in range(len(a)):
        block[number] = np.minimum.reduceat(hashes * a[number] + b[number], firsts)
    signatures[rows] = block.T


def to_datasketch(signature: NDArray[np.uint32], *, seed: int = 1) -> MinHash:
    """A datasketch MinHash with this signature, ready for `jaccard`, `MinHashLSH` and further updates."""
    from datasketch import MinHash

    return MinHash(num_perm=len(signature), seed=seed, hashvalues=signature, scheme="affine32", hashfunc=int)
