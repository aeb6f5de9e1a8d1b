"""The further evidence of pairs, compiled: what `plain` computes pair by pair (jaccard, qv, ch, numbers, opening)."""

from __future__ import annotations

from math import sqrt

import numba as nb
import numpy as np

from dedupe.kernels.lib.cache import kernel
from dedupe.kernels.lib.keys import F0, F1, F2, F3, F4, ONE
from dedupe.kernels.lib.probing import room
from dedupe.kernels.lib.types import I32, I64, I64_2D, U8, U32
from dedupe.kernels.pairs.alignment import SHIFT, list_sentences, make_scratch, slot_of, told_in_order
from dedupe.kernels.pairs.covering import COVERED, QUOTE
from dedupe.kernels.pairs.numbering import numbers_shared, own_entries
from dedupe.pairs.agreement import SMOOTH_ALL, SMOOTH_SHARED
from dedupe.pairs.measures import BLOCK_GAP, BLOCK_OF_SHARED, BLOCK_OF_TEXT, BLOCK_SHARED

LEFT, RIGHT = 1, 2  # bits of a value of a set: which texts have it


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
            slot = slot_of(table, states, mask, key)
            either += states[slot] == 0
            both += side == 1 and states[slot] == LEFT
            table[slot] = key
            states[slot] |= LEFT if side == 0 else RIGHT
    return both / either if either else 0.0


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
        slot = slot_of(table, states, mask, key)
        table[slot], states[slot] = key, 1
    agreed, reach = 0, 0  # tokens before `reach` lie in a 3-gram of the other
    for at in range(size):
        begins = at + 2 < size and (notes[at] | notes[at + 1] | notes[at + 2]) & QUOTE != 0
        if begins and states[slot_of(table, states, mask, _three(tokens, start + at))]:
            reach = at + 3
        agreed += at < reach and notes[at] & QUOTE != 0
    return (agreed + SMOOTH_SHARED) / (quoted + SMOOTH_ALL)


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


@nb.njit
def _share(notes):
    """`numpymeasures._share`."""
    covered = 0
    for note in notes:
        covered += note & COVERED != 0
    return covered / max(len(notes), 1)


@nb.njit
def _head(notes):
    """`numpymeasures._head`."""
    return _share(notes[: -(-len(notes) // 3)])


@nb.njit
def _tail(notes):
    """One side of `numpymeasures.tail`."""
    return _share(notes[len(notes) + -len(notes) // 3 :])


@nb.njit
def _around_block(notes, found):
    """`numpymeasures.around_block`, into found[0] and found[1]."""
    whole, best, best_begin, best_end = 0, 0, 0, 0
    count, begin, last = 0, 0, -1
    for at in range(len(notes)):
        if notes[at] & COVERED:
            if not count or at - last > BLOCK_GAP:
                count, begin = 0, at
            count, last, whole = count + 1, at, whole + 1
            if count > best:
                best, best_begin, best_end = count, begin, at + 1
    size = best_end - best_begin
    block = 100 * best >= BLOCK_OF_SHARED * whole and 100 * best >= BLOCK_SHARED * size
    if whole and block and 100 * size <= BLOCK_OF_TEXT * len(notes):
        found[0], found[1] = best_begin, len(notes) - best_end


@kernel(
    nb.void(U32, U8, I64, I32, I64_2D, nb.int64, nb.int64, U8, nb.int64, U32, I64_2D, U32, I64, U8,
            nb.float64[:, ::1])
)  # fmt: skip
def look_closer(
    tokens, flags, starts, sizes, pairs, low, high, wanted, least_numbers, scales, rounding, clocks, noted, notes, found
):
    """Evidence of the *wanted* ones among the pairs [low, high), float64 (pairs, 13): in the order of `Measured`.

    The notes (`covering.cover`) of a pair begin at notes[noted[pair]]. *scales*, *rounding*: `numbers.scales`,
    `numbers.rounding_table`; *clocks*: `numbers.clocks`.
    """
    longest = 8
    for place in range(low, high):
        longest = max(longest, sizes[pairs[place, 0]], sizes[pairs[place, 1]])
    scratch = make_scratch(longest)
    table, states = scratch.table, scratch.states
    stems = np.empty((2, longest + 1), np.uint32)
    firsts, masses = np.empty((2, longest), np.int64), np.empty((2, longest), np.int64)
    aligned, rows = -1, 0
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
        if aligned != left:  # pairs are sorted by it
            aligned = left
            rows = list_sentences(tokens, flags, starts[left], sizes[left], stems[0], firsts[0], masses[0])
        others = list_sentences(tokens, flags, starts[right], sizes[right], stems[1], firsts[1], masses[1])
        if rows and others:
            one, two = (stems[0], firsts[0], masses[0], rows), (stems[1], firsts[1], masses[1], others)
            found[place, 2] = max(
                told_in_order(one, two, scratch),
                told_in_order(two, one, scratch),
            )
        both = (left_notes, right_notes)
        found[place, 3] = numbers_shared(
            tokens, flags, starts, sizes, pair, least_numbers, scales, rounding, both, table, states
        )
        found[place, 4] = _opening(left_notes, right_notes)
        found[place, 5] = max(_head(left_notes), _head(right_notes))
        found[place, 6] = min(_tail(left_notes), _tail(right_notes))
        _around_block(left_notes, found[place, 7:9])
        _around_block(right_notes, found[place, 9:11])
        found[place, 11] = own_entries(tokens, flags, starts[left], left_notes, clocks)
        found[place, 12] = own_entries(tokens, flags, starts[right], right_notes, clocks)
