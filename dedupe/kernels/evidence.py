"""The further evidence of pairs, compiled: what `plain` computes pair by pair (jaccard, qv, ch, numbers, opening)."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from dedupe.agreement import (
    ALIGNED_SHARE,
    ALIGNED_STEMS,
    SENTENCE_STEMS,
    SMOOTH_ALL,
    SMOOTH_SHARED,
    TELLING_FLOOR,
    TELLING_TOKENS,
)
from dedupe.flags import CONTENT, NUMBER, SENTENCE
from dedupe.kernels.cache import kernel
from dedupe.kernels.covering import COVERED, QUOTE
from dedupe.kernels.keys import F0, F1, F2, F3, F4, ONE
from dedupe.kernels.probing import probe, room
from dedupe.kernels.types import FLAGS, PAIRS, PLACES, SIZES, TOKENS
from dedupe.words import STEM_SHIFT

SHIFT = np.uint64(STEM_SHIFT)
LEFT, RIGHT = 1, 2  # bits of a value of a set: which texts have it
WORD = 64  # windows that are counted at once


class Scratch(NamedTuple):
    """Room for texts of at most S tokens."""

    table: NDArray[np.uint64]
    states: NDArray[np.uint8]  # of the slots of the table
    windows: NDArray[np.uint64]  # of each slot: the windows that have its stem, a bit for each
    slices: NDArray[np.uint64]  # (32,), counts of windows by binary digits
    most: NDArray[np.int64]  # (S,), of each sentence: the stems that one window has, ...
    place_of: NDArray[np.int64]  # (S,), ... and which window
    best: NDArray[np.int64]  # (S,)


@nb.njit
def _make_scratch(size):
    slots = room(4 * size, 64)
    return Scratch(
        np.empty(slots, np.uint64), np.empty(slots, np.uint8), np.empty(slots, np.uint64), np.empty(32, np.uint64),
        np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.int64),
    )  # fmt: skip


@nb.njit
def _slot(table, states, mask, key):
    """The slot of *key*, or the free one where it would stand; small keys are mixed first."""
    return probe(table, states, mask, (key * F0) >> np.uint64(33), key)


@nb.njit
def _shingle(tokens, start, size, at):
    """`shingles.five_grams`: that of the token at *at*; a text of one to four words is one shingle."""
    total = np.uint64(tokens[start + at]) * F0
    if size > 1:
        total += np.uint64(tokens[start + at + 1]) * F1
    if size > 2:
        total += np.uint64(tokens[start + at + 2]) * F2
    if size > 3:
        total += np.uint64(tokens[start + at + 3]) * F3
    if size > 4:
        total += np.uint64(tokens[start + at + 4]) * F4
    return total >> np.uint64(32)


@nb.njit
def _jaccard(tokens, starts, sizes, pair, table, states):
    """Jaccard similarity of the word 5-grams of two texts."""
    mask = room(2 * (sizes[pair[0]] + sizes[pair[1]]), 64) - 1
    states[: mask + 1] = 0
    both, either = 0, 0
    for side in range(2):
        start, size = starts[pair[side]], np.int64(sizes[pair[side]])
        for at in range(max(size - 4, min(size, 1))):
            key = _shingle(tokens, start, size, at)
            slot = _slot(table, states, mask, key)
            either += states[slot] == 0
            both += side == 1 and states[slot] == LEFT
            table[slot] = key
            states[slot] |= LEFT if side == 0 else RIGHT
    return both / either if either else 0.0


@nb.njit
def _numbers_shared(tokens, flags, starts, sizes, pair, least, table, states):
    """Share of the numbers of the text with fewer that the other names too; 1.0 if one names too few to tell."""
    mask = room(2 * (sizes[pair[0]] + sizes[pair[1]]), 64) - 1
    states[: mask + 1] = 0
    one, two, both = 0, 0, 0
    for side in range(2):
        start = starts[pair[side]]
        for at in range(start, start + sizes[pair[side]]):
            if not flags[at] & NUMBER:
                continue
            key = np.uint64(tokens[at])
            slot = _slot(table, states, mask, key)
            if side == 0:
                one += states[slot] == 0
                states[slot] |= LEFT
            else:
                two += not states[slot] & RIGHT
                both += states[slot] == LEFT
                states[slot] |= RIGHT
            table[slot] = key
    fewer = min(one, two)
    return both / fewer if fewer >= least else 1.0


@nb.njit
def _three(tokens, at):
    """Three stems in a row."""
    total = np.uint64(tokens[at] >> SHIFT) * F0 + np.uint64(tokens[at + 1] >> SHIFT) * F1
    return (total + np.uint64(tokens[at + 2] >> SHIFT) * F2) >> ONE


@nb.njit
def _quoted_share(tokens, starts, sizes, own, other, notes, table, states):
    """`agreement._quoted_share`; *notes* of the own tokens."""
    start, size = starts[own], sizes[own]
    quoted = 0
    for at in range(size):
        quoted += notes[at] & QUOTE != 0
    if not quoted:
        return SMOOTH_SHARED / SMOOTH_ALL
    mask = room(2 * sizes[other], 64) - 1
    states[: mask + 1] = 0
    for at in range(starts[other], starts[other] + sizes[other] - 2):
        key = _three(tokens, at)
        slot = _slot(table, states, mask, key)
        table[slot], states[slot] = key, 1
    agreed, reach = 0, 0  # tokens before `reach` lie in a 3-gram of the other
    for at in range(size):
        begins = at + 2 < size and (notes[at] | notes[at + 1] | notes[at + 2]) & QUOTE != 0
        if begins and states[_slot(table, states, mask, _three(tokens, start + at))]:
            reach = at + 3
        agreed += at < reach and notes[at] & QUOTE != 0
    return (agreed + SMOOTH_SHARED) / (quoted + SMOOTH_ALL)


@nb.njit
def _tell(tokens, flags, start, size, stems, firsts, masses):
    """`agreement.Telling`: the distinct content stems of each sentence, sentence after sentence.

    Those of row r become stems[firsts[r] : firsts[r] + masses[r]]; returns the number of rows. Short sentences have
    been joined to those before.
    """
    rows, used, at = 0, 0, 0
    size = min(size, TELLING_TOKENS)
    while at < size:
        begin = used
        while True:
            if flags[start + at] & CONTENT:
                used = _insert(stems, begin, used, np.uint32(tokens[start + at] >> SHIFT))
            at += 1
            if at == size or flags[start + at] & SENTENCE:
                break
        if used == begin:
            continue
        if rows and used - begin < SENTENCE_STEMS:
            end = begin
            for place in range(begin, used):
                end = _insert(stems, firsts[rows - 1], end, stems[place])
            used = end
            masses[rows - 1] = used - firsts[rows - 1]
            continue
        firsts[rows], masses[rows] = begin, used - begin
        rows += 1
    return rows


@nb.njit
def _insert(stems, begin, end, stem):
    """Puts *stem* into the sorted, distinct stems[begin:end], unless it is there; the new end."""
    place = end
    while place > begin and stems[place - 1] > stem:
        place -= 1
    if place > begin and stems[place - 1] == stem:
        return end
    for at in range(end, place, -1):
        stems[at] = stems[at - 1]
    stems[place] = stem
    return end + 1


@nb.njit
def _fullest(stems, scratch, mask):
    """(stems, window): how many of *stems* the window has that has most of them, the first such of those in the table.

    All windows are counted at once: bit w of slice i is binary digit i of the count of window w.
    """
    slices = scratch.slices
    slices[:] = 0
    used = 0
    for stem in stems:
        slot = _slot(scratch.table, scratch.states, mask, np.uint64(stem))
        carry = scratch.windows[slot] if scratch.states[slot] else np.uint64(0)
        digit = 0
        while carry:
            slices[digit], carry = slices[digit] ^ carry, slices[digit] & carry
            digit += 1
        used = max(used, digit)
    count, among = 0, ~np.uint64(0)
    for digit in range(used - 1, -1, -1):
        if slices[digit] & among:
            among &= slices[digit]
            count += 1 << digit
    window = 0
    while not among >> np.uint64(window) & ONE:
        window += 1
    return count, window


@nb.njit
def _told_in_order(one, two, scratch):
    """One side of `agreement.ordered_share`: the sentences of *one* among windows of two sentences of *two*.

    Each is (stems, firsts, masses, rows).
    """
    table, states, windows, most, place_of, best = (
        scratch.table, scratch.states, scratch.windows, scratch.most, scratch.place_of, scratch.best,
    )  # fmt: skip
    stems, firsts, masses, rows = two
    own_stems, own_firsts, own_masses, own_rows = one
    count = max(rows - 1, 1)
    mask = room(2 * (firsts[rows - 1] + masses[rows - 1]), 64) - 1
    most[:own_rows] = 0
    for begin in range(0, count, WORD):
        states[: mask + 1] = 0
        for row in range(begin, min(begin + WORD + 1, rows)):
            bits = np.uint64(0)  # the windows of this sentence and the next, and of this and the one before
            if row < min(begin + WORD, count):
                bits |= ONE << np.uint64(row - begin)
            if row > begin:
                bits |= ONE << np.uint64(row - begin - 1)
            for stem in stems[firsts[row] : firsts[row] + masses[row]]:
                slot = _slot(table, states, mask, np.uint64(stem))
                windows[slot] = bits | (windows[slot] if states[slot] else np.uint64(0))
                table[slot], states[slot] = np.uint64(stem), 1
        for own in range(own_rows):
            shared, window = _fullest(own_stems[own_firsts[own] : own_firsts[own] + own_masses[own]], scratch, mask)
            if shared > most[own]:
                most[own], place_of[own] = shared, begin + window
    best[:count] = 0
    total = 0
    for own in range(own_rows):
        total += own_masses[own]
        if most[own] >= ALIGNED_STEMS and most[own] >= ALIGNED_SHARE * own_masses[own]:
            best[place_of[own]] = best[: place_of[own] + 1].max() + own_masses[own]
    return best[:count].max() / max(total, TELLING_FLOOR)


@nb.njit
def _opening(left_notes, right_notes):
    """`plain.opening`: share of the longer text's covered tokens that lie in its first part."""
    longer, shorter = (left_notes, right_notes) if len(left_notes) > len(right_notes) else (right_notes, left_notes)
    first, covered = 0, 0
    for at in range(len(longer)):
        if longer[at] & COVERED:
            covered += 1
            first += at < len(shorter) * 3 // 2
    return first / max(covered, 1)


@kernel(
    nb.void(TOKENS, FLAGS, PLACES, SIZES, PAIRS, nb.int64, nb.int64, FLAGS, nb.int64, PLACES, FLAGS,
            nb.float64[:, ::1])
)  # fmt: skip
def look_closer(tokens, flags, starts, sizes, pairs, low, high, wanted, least_numbers, noted, notes, found):
    """Evidence of the *wanted* ones among the pairs [low, high), float64 (pairs, 5): in the order of `Measured`.

    The notes (`covering.cover`) of a pair begin at notes[noted[pair]].
    """
    longest = 8
    for place in range(low, high):
        longest = max(longest, sizes[pairs[place, 0]], sizes[pairs[place, 1]])
    scratch = _make_scratch(longest)
    table, states = scratch.table, scratch.states
    stems = np.empty((2, longest + 1), np.uint32)
    firsts, masses = np.empty((2, longest), np.int64), np.empty((2, longest), np.int64)
    told, rows = -1, 0
    for place in range(low, high):
        if not wanted[place]:
            continue
        pair = pairs[place]
        left, right = pair
        middle, end = noted[place] + sizes[left], noted[place] + sizes[left] + sizes[right]
        left_notes, right_notes = notes[noted[place] : middle], notes[middle:end]
        found[place, 0] = _jaccard(tokens, starts, sizes, pair, table, states)
        found[place, 1] = sqrt(
            _quoted_share(tokens, starts, sizes, left, right, left_notes, table, states)
            * _quoted_share(tokens, starts, sizes, right, left, right_notes, table, states)
        )
        if told != left:  # pairs are sorted by it
            told, rows = left, _tell(tokens, flags, starts[left], sizes[left], stems[0], firsts[0], masses[0])
        others = _tell(tokens, flags, starts[right], sizes[right], stems[1], firsts[1], masses[1])
        if rows and others:
            one, two = (stems[0], firsts[0], masses[0], rows), (stems[1], firsts[1], masses[1], others)
            found[place, 2] = max(
                _told_in_order(one, two, scratch),
                _told_in_order(two, one, scratch),
            )
        found[place, 3] = _numbers_shared(tokens, flags, starts, sizes, pair, least_numbers, table, states)
        found[place, 4] = _opening(left_notes, right_notes)
