"""The keys of a whole context: which occur in more than one text, where, in which texts, and which are quoted.

Sorted once for the context, so that comparing a pair is only looking up small integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.params import Params
from dedupe.shingles import PATTERNS, Hashes, combine
from dedupe.sketches import is_quoted

RANGE_KEYS = 24_000_000  # keys sorted at a time (about 600 MB); more keys are cut into ranges of their hash


@dataclass(frozen=True, slots=True)
class KeyIndex:
    """Numbers 1..k for the keys that at least two texts have; 0 stands for all others."""

    keys: list[NDArray[np.int32]]  # per text, shape (4, n): key number at each token and pattern
    first: NDArray[np.int64]  # (k + 2,): texts of key x are posting[first[x]:first[x + 1]]
    posting: NDArray[np.int32]  # texts in order, at most `witness_cap` per key
    quoted: NDArray[np.bool_]  # (k + 1,): some text of the context shows this 4-gram as a quotation


def index_keys(hashes: Sequence[Hashes], flags: Sequence[NDArray[np.uint8]], params: Params) -> KeyIndex:
    """Builds the index over the token *hashes* and quotation *flags* of all texts of the context, in their order."""
    total = 4 * sum(len(own) for own in hashes)
    ranges = 1 + total // RANGE_KEYS
    keys = [np.zeros((4, len(own)), np.int32) for own in hashes]
    firsts, postings, count = [np.zeros(2, np.int64)], [np.empty(0, np.int32)], 0
    for number in range(ranges):
        found = _collect(hashes, number, ranges)
        begin, posting, count = _number(found, keys, count, params.witness_cap)
        firsts.append(begin + firsts[-1][-1])
        postings.append(posting)
    return KeyIndex(keys, np.concatenate(firsts), np.concatenate(postings), _quoted(keys, flags, count))


def _collect(hashes: Sequence[Hashes], number: int, ranges: int) -> tuple[Hashes, NDArray[np.int32], NDArray[np.int32]]:
    """Keys of one range of the key space: (key, text, slot = pattern · n + token)."""
    width = (1 << 63) // ranges + 1
    low, high = np.uint64(number * width), np.uint64((number + 1) * width)
    found: list[tuple[Hashes, NDArray[np.int32]]] = []
    for own in hashes:
        parts = [combine(own, places) for places in PATTERNS]
        slots = [np.arange(len(part), dtype=np.int32) + np.int32(row * len(own)) for row, part in enumerate(parts)]
        key, slot = np.concatenate(parts), np.concatenate(slots)
        if ranges > 1:
            inside = (key >= low) & (key < high)
            key, slot = key[inside], slot[inside]
        found.append((key, slot))
    texts = np.repeat(np.arange(len(hashes), dtype=np.int32), [len(key) for key, _ in found])
    nothing: tuple[Hashes, NDArray[np.int32]] = (np.empty(0, np.uint64), np.empty(0, np.int32))
    return np.concatenate([key for key, _ in [*found, nothing]]), texts, np.concatenate([slot for _, slot in [*found, nothing]])


def _number(found: tuple[Hashes, NDArray[np.int32], NDArray[np.int32]], keys: list[NDArray[np.int32]], count: int, cap: int
            ) -> tuple[NDArray[np.int64], NDArray[np.int32], int]:
    """Writes the numbers of shared keys into *keys*; gives the ends of their posting lists, the lists, and the new count."""
    key, text, slot = found
    order = np.argsort(key)
    key, text, slot = key[order], text[order], slot[order]
    new = np.concatenate(([True], key[1:] != key[:-1])) if len(key) else np.empty(0, np.bool_)
    group = np.cumsum(new) - 1
    starts = np.flatnonzero(new)
    if not len(starts):
        return np.empty(0, np.int64), np.empty(0, np.int32), count
    shared = np.maximum.reduceat(text, starts) != np.minimum.reduceat(text, starts)
    numbers = np.where(shared, count + np.cumsum(shared), 0)[group]
    kept = numbers > 0
    numbers, text, slot = numbers[kept], text[kept], slot[kept]
    _write(numbers, text, slot, keys)
    begin, posting = _post(numbers - count, text, int(shared.sum()), cap)
    return begin, posting, count + int(shared.sum())


def _write(numbers: NDArray[np.int64], text: NDArray[np.int32], slot: NDArray[np.int32], keys: list[NDArray[np.int32]]) -> None:
    """Puts each number into its slot of its text."""
    order = np.argsort(text, kind="stable")
    numbers, slot = numbers[order], slot[order]
    edges = np.searchsorted(text[order], np.arange(len(keys) + 1))
    for own, low, high in zip(keys, edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        own.reshape(-1)[slot[low:high]] = numbers[low:high]


def _post(numbers: NDArray[np.int64], text: NDArray[np.int32], count: int, cap: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Posting lists of the keys 1..count: (where each ends, texts in order, each once, at most *cap*)."""
    codes = np.sort(numbers << np.int64(32) | text)
    codes = codes[np.concatenate(([True], codes[1:] != codes[:-1]))]
    owner = codes >> np.int64(32)
    first = np.searchsorted(owner, np.arange(1, count + 1))
    kept = np.arange(len(codes)) - first[owner - 1] < cap
    ends = np.cumsum(np.bincount(owner[kept], minlength=count + 1)[1:])
    return ends, (codes[kept] & np.int64(0xFFFFFFFF)).astype(np.int32)


def _quoted(keys: list[NDArray[np.int32]], flags: Sequence[NDArray[np.uint8]], count: int) -> NDArray[np.bool_]:
    """Which keys some text shows as a quotation: a passage quoted once is a quotation in all texts of the context."""
    quoted = np.zeros(count + 1, np.bool_)
    for own, marks in zip(keys, flags, strict=True):
        inside = is_quoted(marks)
        quoted[own[0, : len(inside)][inside]] = True
    quoted[0] = False
    return quoted
