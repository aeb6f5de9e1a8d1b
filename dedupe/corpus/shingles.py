"""Token hashes → shingle hashes: word 5-grams for MinHash and Jaccard, and the keys by which narratives are compared.

A key is an ordered choice of four tokens out of five neighbours: the plain 4-gram, and three that skip one inner token,
so that one word changed in five does not hide a copy. All share one key space. Keys are multilinear in the
token hashes (which are well mixed), 63 bits wide: as int64 they sort as they do unsigned.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PATTERNS = ((0, 1, 2, 3), (0, 2, 3, 4), (0, 1, 3, 4), (0, 1, 2, 4))
FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F)

Hashes = NDArray[np.uint64]


def combine(hashes: Hashes, places: tuple[int, ...]) -> Hashes:
    """Hash of the tokens at i + *places* for every i where they exist;
    uint64 under 2**63, shape (max(n - places[-1], 0),).
    """
    size = max(len(hashes) - places[-1], 0)
    total = np.zeros(size, np.uint64)
    for place, factor in zip(places, FACTORS, strict=False):
        total += hashes[place : place + size] * np.uint64(factor)
    return total >> np.uint64(1)


def four_grams(hashes: Hashes) -> Hashes:
    """Plain word 4-grams, shape (max(n - 3, 0),)."""
    return combine(hashes, PATTERNS[0])


def five_grams(hashes: Hashes) -> NDArray[np.uint32]:
    """Word 5-grams as 32-bit hashes, shape (max(n - 4, 0),); a text of one to four words is one shingle."""
    places = tuple(range(min(5, len(hashes))))
    if not places:
        return np.empty(0, np.uint32)
    return (combine(hashes, places) >> np.uint64(31)).astype(np.uint32)


def sorted_unique(values: Hashes) -> Hashes:
    """Sorted distinct *values* (np.unique of numpy 2.4 is thirty times slower on 64-bit hashes)."""
    ordered = np.sort(values)
    if len(ordered) < 2:
        return ordered
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))]


def member(values: Hashes, others: Hashes) -> NDArray[np.bool_]:
    """Whether each of *values* is among *others*, shape (len(values),)."""
    if not len(others):
        return np.zeros(len(values), np.bool_)
    ordered = np.sort(others)
    found: NDArray[np.bool_] = ordered[np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)] == values
    return found


def jaccard(left: NDArray[np.uint32], right: NDArray[np.uint32]) -> float:
    """Jaccard similarity of two shingle lists as sets, 0 if both are empty."""
    one, two = (sorted_unique(shingles.astype(np.uint64)) for shingles in (left, right))
    either = len(sorted_unique(np.concatenate((one, two))))
    return (len(one) + len(two) - either) / either if either else 0.0
