"""`runs.find_runs` of many pairs, compiled."""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from dedupe.kernels.lib.cache import kernel
from dedupe.kernels.lib.keys import four_gram
from dedupe.kernels.lib.keysets import holds
from dedupe.kernels.lib.probing import probe, room
from dedupe.kernels.lib.types import I32, I64, I64_2D, U8, U32, U64
from dedupe.pairs.runs import REPEATS
from dedupe.text.flags import QUOTED

COLUMNS = 6  # left, right, left_size, right_size, shared, quotation


class Scratch(NamedTuple):
    """Room for texts of at most S tokens; a slot holds a plain 4-gram of the right text."""

    table: NDArray[np.uint64]
    heads: NDArray[np.int32]  # of each slot: one more than where the 4-gram first begins in the right text, or 0
    tails: NDArray[np.int32]  # where it last begins
    shared: NDArray[np.uint8]  # whether the left text has it: 1; and some text of the context shows it as quotation: 2
    slots: NDArray[np.int32]  # (S,), the slot of the 4-gram at each token of the right text
    following: NDArray[np.int32]  # (S,), where the same 4-gram begins next
    quoted: NDArray[np.uint8]  # (2 * S,), whether each token is quotation: the left text's, then the right one's


@nb.njit
def _make_scratch(size):
    slots = room(2 * size, 64)
    return Scratch(
        np.empty(slots, np.uint64),
        np.empty(slots, np.int32),
        np.empty(slots, np.int32),
        np.empty(slots, np.uint8),
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        np.empty(2 * size, np.uint8),
    )


@nb.njit
def _slot(key, mask, scratch):
    """The slot of *key*, or the free one where it would stand."""
    return probe(scratch.table, scratch.heads, mask, key >> np.uint64(24), key)


@nb.njit
def _hits(tokens, left, right, size, other, quoted_grams, scratch):
    """Where the texts at *left* and *right* have the same 4-gram: diagonal · (size + 1) + place in the left, sorted.

    What of that is among those *quoted_grams* becomes quotation in both.
    """
    table, heads, tails, shared, slots, following, quoted = scratch
    mask = room(2 * other, 64) - 1
    heads[: mask + 1] = 0
    for at in range(other - 3):
        key = four_gram(tokens, right + at)
        slot = slots[at] = _slot(key, mask, scratch)
        if heads[slot]:
            following[tails[slot]] = at
        else:
            table[slot], heads[slot], shared[slot] = key, at + 1, 0
        tails[slot], following[at] = at, -1
    codes = np.empty(REPEATS * max(size, 1), np.int64)
    found = 0
    for at in range(size - 3):
        slot = _slot(four_gram(tokens, left + at), mask, scratch)
        place = np.int64(heads[slot]) - 1
        if place < 0:
            continue
        if not shared[slot]:
            shared[slot] = 1 + holds(quoted_grams, table[slot])
        if shared[slot] == 2:
            quoted[at : at + 4] = 1
        for _ in range(REPEATS):
            if place >= 0:
                codes[found] = (place - at + size) * (size + 1) + at
                found += 1
                place = np.int64(following[place])
    for at in range(other - 3):
        if shared[slots[at]] == 2:
            quoted[size + at : size + at + 4] = 1
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
    """`dedupe.pairs.runs._bridge`: fills rows of *joined*; how many."""
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
def _choose(joined, size, quoted, used, least, most, found):
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
        here, there = quoted[left : left + own].sum(), quoted[size + right : size + right + other].sum()
        for column in range(5):
            found[chosen, column] = joined[place, column]
        found[chosen, 5] = 2 * here > own and 2 * there > other
        chosen += 1
    return chosen


@kernel(
    nb.void(U32, U8, I64, I32, I64_2D, nb.int64, nb.int64, U64, nb.int64, nb.int64, nb.int32[:, :, ::1], nb.int64[::1])
)
def find_runs(tokens, flags, starts, sizes, pairs, low, high, quoted_grams, gap, least, found, counts):
    """The shared runs of the pairs [low, high), int32 (pairs, most, COLUMNS), and how many each pair has.

    *quoted_grams*: the set of the 4-grams that any text of the context shows as a quotation.
    """
    longest = 1
    for place in range(low, high):
        longest = max(longest, sizes[pairs[place, 0]], sizes[pairs[place, 1]])
    scratch, used = _make_scratch(longest), np.empty(2 * longest, np.uint8)
    for place in range(low, high):
        left, right = pairs[place]
        size, other = np.int64(sizes[left]), np.int64(sizes[right])
        for at in range(size):
            scratch.quoted[at] = flags[starts[left] + at] & QUOTED != 0
        for at in range(other):
            scratch.quoted[size + at] = flags[starts[right] + at] & QUOTED != 0
        codes = _hits(tokens, starts[left], starts[right], size, other, quoted_grams, scratch)
        runs = _diagonals(codes, size)
        joined = np.empty((len(runs), 5), np.int64)
        count = _bridge(runs, gap, joined)
        counts[place] = _choose(
            joined[:count], size, scratch.quoted, used[: size + other], least, found.shape[1], found[place]
        )
