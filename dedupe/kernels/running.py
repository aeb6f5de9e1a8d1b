"""`runs.find_runs` of many pairs, compiled."""

from __future__ import annotations

import numba as nb
import numpy as np

from dedupe.kernels.cache import kernel
from dedupe.kernels.covering import PLAIN_SHARED, QUOTE
from dedupe.kernels.keys import four_gram
from dedupe.kernels.probing import room
from dedupe.kernels.types import FLAGS, PAIRS, PLACES, SIZES, TOKENS
from dedupe.runs import REPEATS

COLUMNS = 6  # left, right, left_size, right_size, shared, quotation


@nb.njit
def _hits(tokens, left, right, size, other, notes, table, heads, tails, following):
    """Where the texts at *left* and *right* have the same 4-gram: diagonal · (size + 1) + place in the left, sorted."""
    mask = room(2 * other, 64) - 1
    heads[: mask + 1] = -1
    for at in range(other - 3):
        if notes[size + at] & PLAIN_SHARED:
            key = four_gram(tokens, right + at)
            slot = np.int64(key >> np.uint64(24)) & mask
            while heads[slot] >= 0 and table[slot] != key:
                slot = (slot + 1) & mask
            if heads[slot] < 0:
                table[slot], heads[slot] = key, at
            else:
                following[tails[slot]] = at
            tails[slot] = at
            following[at] = -1
    codes = np.empty(REPEATS * max(size, 1), np.int64)
    found = 0
    for at in range(size - 3):
        if notes[at] & PLAIN_SHARED:
            key = four_gram(tokens, left + at)
            slot = np.int64(key >> np.uint64(24)) & mask
            while heads[slot] >= 0 and table[slot] != key:
                slot = (slot + 1) & mask
            place = np.int64(heads[slot])
            for _ in range(REPEATS):
                if place >= 0:
                    codes[found] = (place - at + size) * (size + 1) + at
                    found += 1
                    place = np.int64(following[place])
    return np.sort(codes[:found])


@nb.njit
def _diagonals(codes, size):
    """Maximal stretches of hits on one diagonal, (left, right, tokens) each, in the order of both texts."""
    runs = np.empty((len(codes), 3), np.int64)
    count = 0
    for place in range(len(codes)):
        if place and codes[place] == codes[place - 1] + 1:
            runs[count - 1, 2] += 1
            continue
        at = codes[place] % (size + 1)
        runs[count, 0], runs[count, 1], runs[count, 2] = at, codes[place] // (size + 1) - size + at, 4
        count += 1
    by_right = np.argsort(runs[:count, 1], kind="mergesort")
    return runs[by_right[np.argsort(runs[by_right, 0], kind="mergesort")]]


@nb.njit
def _bridge(runs, gap, joined):
    """`runs.bridge`: fills rows of *joined*; how many."""
    count = 0
    for run in range(len(runs)):
        left, right, size = runs[run]
        if count:
            last = joined[count - 1]
            own, other = left - last[0] - last[2], right - last[1] - last[3]
            if own >= 0 and own <= gap and other >= 0 and other <= gap:
                last[2], last[3], last[4] = left + size - last[0], right + size - last[1], last[4] + size
                continue
        joined[count, 0], joined[count, 1], joined[count, 2], joined[count, 3] = left, right, size, size
        joined[count, 4] = size
        count += 1
    return count


@nb.njit
def _choose(joined, size, notes, used, least, most, found):
    """The longest runs that do not overlap, marked as quotations or not; how many."""
    used[:] = 0
    chosen = 0
    for place in np.argsort(-joined[:, 4], kind="mergesort"):
        left, right, own, other, shared = joined[place]
        if shared < least or chosen == most:
            break
        if used[left : left + own].any() or used[size + right : size + right + other].any():
            continue
        used[left : left + own] = 1
        used[size + right : size + right + other] = 1
        here, there = 0, 0
        for at in range(left, left + own):
            here += (notes[at] & QUOTE) > 0
        for at in range(size + right, size + right + other):
            there += (notes[at] & QUOTE) > 0
        for column in range(5):
            found[chosen, column] = joined[place, column]
        found[chosen, 5] = 2 * here > own and 2 * there > other
        chosen += 1
    return chosen


@kernel(
    nb.void(TOKENS, PLACES, SIZES, PAIRS, nb.int64, nb.int64, PLACES, FLAGS, nb.int64, nb.int64, nb.int32[:, :, ::1],
            nb.int64[::1])
)  # fmt: skip
def find_runs(tokens, starts, sizes, pairs, low, high, noted, notes, gap, least, found, counts):
    """The shared runs of the pairs [low, high), int32 (pairs, most, COLUMNS), and how many each pair has.

    *notes*: what `covering.cover` noted of the tokens of a pair, from notes[noted[pair]] on, left text first.
    """
    longest = 1
    for place in range(low, high):
        longest = max(longest, sizes[pairs[place, 0]], sizes[pairs[place, 1]])
    slots = room(2 * longest, 64)
    table, heads, tails = np.empty(slots, np.uint64), np.empty(slots, np.int32), np.empty(slots, np.int32)
    following = np.empty(longest, np.int32)
    for place in range(low, high):
        left, right = pairs[place]
        size, other = np.int64(sizes[left]), np.int64(sizes[right])
        own = notes[noted[place] : noted[place] + size + other]
        codes = _hits(tokens, starts[left], starts[right], size, other, own, table, heads, tails, following)
        runs = _diagonals(codes, size)
        joined = np.empty((len(runs), 5), np.int64)
        count = _bridge(runs, gap, joined)
        used = np.empty(size + other, np.uint8)
        counts[place] = _choose(joined[:count], size, own, used, least, found.shape[1], found[place])
