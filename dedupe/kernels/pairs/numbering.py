"""`pairs.numbers` compiled: how far two texts agree on the numbers beside what they share."""

from __future__ import annotations

import numba as nb
import numpy as np

from dedupe.kernels.lib.probing import room
from dedupe.kernels.pairs.alignment import SHIFT, slot_of
from dedupe.kernels.pairs.covering import COVERED
from dedupe.pairs.measures import BESIDE
from dedupe.pairs.numbers import CODES, ENTRY, FULL, LEFT_OF, ROUNDED, TWO_DIGITS
from dedupe.text.flags import NUMBER, SENTENCE
from dedupe.text.words import OWN_BITS

HAS_LEFT, HAS_RIGHT, TOLD_LEFT, TOLD_RIGHT = 1, 2, 4, 8  # bits of a number: which text has it, and agrees on it


@nb.njit
def _is_beside(flags, start, notes, at):
    """Whether a token stands beside what the other text has, in one sentence."""
    place = at
    while place > max(at - BESIDE, 0) and not notes[place] & COVERED and not flags[start + place] & SENTENCE:
        place -= 1
    if notes[place] & COVERED:
        return True
    last = min(at + BESIDE, len(notes) - 1)
    place = at
    while place < last and not notes[place] & COVERED and not flags[start + place + 1] & SENTENCE:
        place += 1
    return notes[place] & COVERED != 0


@nb.njit
def _is_among(values, value):
    """Whether *values*, which are sorted, hold a value."""
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) // 2
        if values[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low < len(values) and values[low] == value


@nb.njit
def _is_rounded(tokens, at, end, scales):
    """Whether one of the sorted *scales* follows the number at a place."""
    return at + 1 < end and _is_among(scales, tokens[at + 1] >> np.uint32(SHIFT))


@nb.njit
def own_entries(tokens, flags, start, notes, clocks):
    """`numpymeasures.NumpyMeasures._own_entries`: *notes* of the tokens of the text."""
    found = 0
    for at in range(len(notes)):
        if flags[start + at] & ENTRY == ENTRY and not notes[at] & COVERED:
            found += _is_among(clocks, tokens[start + at])
    return found


@nb.njit
def numbers_shared(tokens, flags, starts, sizes, pair, least, scales, rounding, notes, table, states):
    """`numbers.numbers_shared` of the numbers beside what the *notes* of both texts say is shared."""
    mask = room(2 * (sizes[pair[0]] + sizes[pair[1]]), 64) - 1
    states[: mask + 1] = 0
    one, two, both, rounded = 0, 0, 0, False
    for side in range(2):
        start, own = starts[pair[side]], notes[side]
        end = start + sizes[pair[side]]
        for at in range(start, end):
            if not flags[at] & NUMBER or not _is_beside(flags, start, own, at - start):
                continue
            key = np.uint64(tokens[at])
            slot = slot_of(table, states, mask, key)
            if side == 0:
                one += states[slot] == 0
                states[slot] |= HAS_LEFT
            else:
                two += not states[slot] & HAS_RIGHT
                both += states[slot] == HAS_LEFT
                states[slot] |= HAS_RIGHT
            table[slot] = key
            rounded = rounded or _is_rounded(tokens, at, end, scales)
    fewer = min(one, two)
    if fewer < least:
        return 1.0
    if not rounded or both == fewer:
        return both / fewer
    left, right = _count_told(tokens, flags, starts, sizes, pair, scales, rounding, notes, table, states)
    if one == two:
        return max(left, right) / fewer
    return (left if one < two else right) / fewer


@nb.njit
def _count_told(tokens, flags, starts, sizes, pair, scales, rounding, notes, table, states):
    """How many numbers of each text the other has, in full or rounded; *table* and *states* hold those of both."""
    mask = room(2 * (sizes[pair[0]] + sizes[pair[1]]), 64) - 1
    marks = np.zeros((2, CODES), np.uint8)
    counts = np.zeros(2, np.int64)
    for turn in range(2):  # marks first what both texts have
        for side in range(2):
            start, own = starts[pair[side]], notes[side]
            end = start + sizes[pair[side]]
            for at in range(start, end):
                if not flags[at] & NUMBER or not _is_beside(flags, start, own, at - start):
                    continue
                code, rounded = np.int64(tokens[at]) & OWN_BITS, _is_rounded(tokens, at, end, scales)
                if turn == 0:
                    for rest in rounding[code]:
                        marks[side, rest] |= ROUNDED if rounded else FULL
                    if rounded:
                        marks[side, code] |= LEFT_OF
                    continue
                slot = slot_of(table, states, mask, np.uint64(tokens[at]))
                told = TOLD_RIGHT if side else TOLD_LEFT
                exact = states[slot] & HAS_LEFT and states[slot] & HAS_RIGHT
                if not states[slot] & told and (exact or _agrees(code, rounded, rounding, marks[1 - side])):
                    states[slot] |= told
                    counts[side] += 1
    return counts[0], counts[1]


@nb.njit
def _agrees(code, rounded, rounding, marks):
    """`numbers._agrees`."""
    for rest in rounding[code]:
        if marks[rest] & LEFT_OF and (not rounded or rest >= TWO_DIGITS):
            return True
    if not rounded:
        return False
    return marks[code] & FULL != 0 or (code >= TWO_DIGITS and marks[code] & ROUNDED != 0)
