"""Order of corresponding sentences, compiled: equal to `SentenceOrder` and `ordered_share` of `pairs.agreement`."""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from dedupe.kernels.lib.keys import F0, ONE
from dedupe.kernels.lib.probing import probe, room
from dedupe.pairs.agreement import ALIGNED_SHARE, ALIGNED_STEMS, ALIGNED_TOKENS, SENTENCE_STEMS, TELLING_FLOOR
from dedupe.text.flags import CONTENT, FORMULA, SENTENCE
from dedupe.text.words import STEM_SHIFT

SHIFT = np.uint64(STEM_SHIFT)
WORD = 64  # windows that are counted at once


class Scratch(NamedTuple):
    """Room for texts of at most S tokens."""

    table: NDArray[np.uint64]
    states: NDArray[np.uint8]  # of the slots of the table
    windows: NDArray[np.uint64]  # of each slot: the windows that have its stem, a bit for each
    slices: NDArray[np.uint64]  # (32,), counts of windows by binary digits
    most: NDArray[np.int64]  # (S,), of each sentence: the stems that one window has, ...
    position_of: NDArray[np.int64]  # (S,), ... and which window
    best: NDArray[np.int64]  # (S,)


@nb.njit
def make_scratch(size):
    """Room for texts of so many tokens."""
    slots = room(4 * size, 64)
    return Scratch(
        np.empty(slots, np.uint64), np.empty(slots, np.uint8), np.empty(slots, np.uint64), np.empty(32, np.uint64),
        np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.int64),
    )  # fmt: skip


@nb.njit
def slot_of(table, states, mask, key):
    """The slot of *key*, or the free one where it would stand; small keys are mixed first."""
    return probe(table, states, mask, (key * F0) >> np.uint64(33), key)


@nb.njit
def list_sentences(tokens, flags, start, size, stems, firsts, masses):
    """`agreement.SentenceOrder`: the distinct content stems of each sentence, sentence after sentence.

    Those of row r become stems[firsts[r] : firsts[r] + masses[r]]; returns the number of rows. Short sentences have
    been joined to those before.
    """
    rows, used, at = 0, 0, 0
    size = min(size, ALIGNED_TOKENS)
    while at < size:
        begin = used
        while True:
            if flags[start + at] & (CONTENT | FORMULA) == CONTENT:
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
        slot = slot_of(scratch.table, scratch.states, mask, np.uint64(stem))
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
def told_in_order(one, two, scratch):
    """One side of `agreement.ordered_share`: the sentences of *one* among windows of two sentences of *two*.

    Each is (stems, firsts, masses, rows).
    """
    table, states, windows, most, position_of, best = (
        scratch.table, scratch.states, scratch.windows, scratch.most, scratch.position_of, scratch.best,
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
                slot = slot_of(table, states, mask, np.uint64(stem))
                windows[slot] = bits | (windows[slot] if states[slot] else np.uint64(0))
                table[slot], states[slot] = np.uint64(stem), 1
        for own in range(own_rows):
            shared, window = _fullest(own_stems[own_firsts[own] : own_firsts[own] + own_masses[own]], scratch, mask)
            if shared > most[own]:
                most[own], position_of[own] = shared, begin + window
    best[:count] = 0
    total = 0
    for own in range(own_rows):
        total += own_masses[own]
        if most[own] >= ALIGNED_STEMS and most[own] >= ALIGNED_SHARE * own_masses[own]:
            best[position_of[own]] = best[: position_of[own] + 1].max() + own_masses[own]
    return best[:count].max() / max(total, TELLING_FLOOR)
