"""Which keys two texts share, compiled: for many pairs at once, sorted by their left texts.

Keys (`shingles`) are made on the fly, which is cheaper than to read stored ones. A Bloom filter of the left text lets
pass few keys of the right one; those become a small table, and a filter of it lets pass few keys of the left one.
All work after that is on shared keys only. A key is named by its code, 4 · token + pattern.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from dedupe.kernels.lib.cache import kernel
from dedupe.kernels.lib.filters import put
from dedupe.kernels.lib.keys import ONE, fill_keys, length, two_gram, words_of
from dedupe.kernels.lib.probing import grown, probe, room
from dedupe.kernels.lib.types import I32, I64, I64_2D, U32

BEFORE = 4  # zeros before the hits of a text, so that its first tokens may look back

# Bits of a slot of the small table.
USED, PLAIN_RIGHT, IN_LEFT, PLAIN_LEFT, ASKED, QUOTATION, COMMON = 1, 2, 4, 8, 16, 32, 64


class Scratch(NamedTuple):
    """Room for the longest text, S tokens."""

    opened: NDArray[np.int64]  # (2,): the left text with its keys and filter here, or -1, and the filter's mask
    products: NDArray[np.uint64]  # (4, S), of each token with each factor
    left: NDArray[np.uint64]  # (4, S), keys by pattern
    right: NDArray[np.uint64]
    left_filter: NDArray[np.uint64]
    small_filter: NDArray[np.uint64]
    table: NDArray[np.uint64]
    states: NDArray[np.uint8]  # of the slots of the table
    left_codes: NDArray[np.int32]  # shared keys, and their slots
    left_slots: NDArray[np.int32]
    right_codes: NDArray[np.int32]
    right_slots: NDArray[np.int32]
    hits: NDArray[np.uint8]  # (2, S + BEFORE), bits of the shared keys that begin at each token of the left, right text
    kept: NDArray[np.uint8]  # the same without common keys
    seen: NDArray[np.uint8]  # (S,), bits of the tokens of one text


@nb.njit
def make_scratch(starts, sizes, pairs, low, high):
    """Room for the texts of the pairs [low, high)."""
    size = 8
    for place in range(low, high):
        size = max(size, sizes[pairs[place, 0]], sizes[pairs[place, 1]])
    keys, words = 4 * size, room(2 * size, 64)
    return Scratch(
        np.full(2, -1, np.int64),
        np.empty((4, size), np.uint64),
        np.empty((4, size), np.uint64),
        np.empty((4, size), np.uint64),
        np.empty(words, np.uint64),
        np.empty(words, np.uint64),
        np.empty(room(2 * keys, 64), np.uint64),
        np.empty(room(2 * keys, 64), np.uint8),
        np.empty(keys + 1, np.int32),
        np.empty(keys + 1, np.int32),
        np.empty(keys + 1, np.int32),
        np.empty(keys + 1, np.int32),
        np.empty((2, size + BEFORE), np.uint8),
        np.empty((2, size + BEFORE), np.uint8),
        np.empty(size, np.uint8),
    )


@nb.njit
def _bit(key):
    return ONE << (key >> np.uint64(57))


@nb.njit
def _word(key, mask):
    return np.int64(key >> np.uint64(36)) & mask


@nb.njit
def _slot(table, states, mask, key):
    """The slot of *key*, or the free one where it would stand."""
    return probe(table, states, mask, key >> np.uint64(16), key)


@nb.njit
def _open_left(tokens, start, size, scratch):
    """Keys and filter of a left text; the mask of the filter."""
    fill_keys(tokens, start, size, scratch.products, scratch.left)
    words = min(room(2 * size, 64), len(scratch.left_filter))
    scratch.left_filter[:words] = 0
    for pattern in range(4):
        for key in scratch.left[pattern, : length(size, pattern)]:
            scratch.left_filter[_word(key, words - 1)] |= _bit(key)
    return words - 1


@nb.njit
def _pass(keys, size, words, mask, codes):
    """Lists the codes of the keys that pass a filter; how many."""
    used = 0
    for pattern in range(4):
        row = keys[pattern]
        for at in range(length(size, pattern)):
            codes[used] = 4 * at + pattern
            used += np.int64(words[_word(row[at], mask)] >> (row[at] >> np.uint64(57)) & ONE)
    return used


@nb.njit
def _share(tokens, start, size, left_size, mask, scratch):
    """Finds the keys that the open left text and the right text at *start* share; how many (left, right)."""
    left, right, table, states = scratch.left, scratch.right, scratch.table, scratch.states
    fill_keys(tokens, start, size, scratch.products, right)
    passed = _pass(right, size, scratch.left_filter, mask, scratch.right_codes)
    slots = room(2 * passed, 64)
    states[:slots] = 0
    words = min(room(passed // 4, 64), len(scratch.small_filter))
    scratch.small_filter[:words] = 0
    for place in range(passed):
        code = scratch.right_codes[place]
        key = right[code & 3, code >> 2]
        slot = _slot(table, states, slots - 1, key)
        table[slot] = key
        states[slot] |= USED | (PLAIN_RIGHT if code & 3 == 0 else 0)
        scratch.right_slots[place] = slot
        scratch.small_filter[_word(key, words - 1)] |= _bit(key)
    asked = _pass(left, left_size, scratch.small_filter, words - 1, scratch.left_codes)
    found = 0
    for place in range(asked):
        code = scratch.left_codes[place]
        slot = _slot(table, states, slots - 1, left[code & 3, code >> 2])
        if states[slot]:
            states[slot] |= IN_LEFT | (PLAIN_LEFT if code & 3 == 0 else 0)
            scratch.left_codes[found], scratch.left_slots[found] = code, slot
            found += 1
    kept = 0
    for place in range(passed):
        slot = scratch.right_slots[place]
        if states[slot] & IN_LEFT:
            scratch.right_codes[kept], scratch.right_slots[kept] = scratch.right_codes[place], slot
            kept += 1
    return found, kept


@nb.njit
def share_pair(tokens, starts, sizes, left, right, scratch):
    """`_share` of two texts; the left one is opened if another was. Pairs sorted by it open each once."""
    if scratch.opened[0] != left:
        scratch.opened[0], scratch.opened[1] = left, _open_left(tokens, starts[left], sizes[left], scratch)
    return _share(tokens, starts[right], sizes[right], sizes[left], scratch.opened[1], scratch)


@nb.njit
def _put_grams(tokens, start, code, words):
    """Adds the 2-grams of a key to a filter: of the key, for another text may have it without what this one skips."""
    mask = len(words) - 1
    one, two, three, four = words_of(tokens, start, code)
    put(words, mask, two_gram(one, two))
    put(words, mask, two_gram(two, three))
    put(words, mask, two_gram(three, four))


@kernel(nb.uint64[::1](U32, I64, I32, I64_2D, nb.int64[::1], nb.uint64[::1]))
def list_shared(tokens, starts, sizes, pairs, counts, grams):
    """The shared keys of *pairs*, pair after pair, in the order in which `covering.cover` takes them; *counts* becomes
    how many each pair has. Adds their 2-grams to the filter *grams*.
    """
    scratch = make_scratch(starts, sizes, pairs, 0, len(pairs))
    keys = np.empty(4096, np.uint64)
    used = 0
    for place in range(len(pairs)):
        left, right = pairs[place]
        counts[place], _ = share_pair(tokens, starts, sizes, left, right, scratch)
        if used + counts[place] > len(keys):
            keys = grown(keys, used, 2 * (used + counts[place]))
        for shared in range(counts[place]):
            keys[used] = scratch.table[scratch.left_slots[shared]]
            used += 1
            _put_grams(tokens, starts[left], scratch.left_codes[shared], grams)
    return keys[:used].copy()
