"""How much of two texts their shared keys cover, compiled: for many pairs at once, sorted by their left texts."""

from __future__ import annotations

from math import sqrt

import numba as nb
import numpy as np

from dedupe.kernels.lib.cache import kernel
from dedupe.kernels.lib.keysets import holds
from dedupe.kernels.lib.types import I32, I64, I64_2D, U8, U32, U64
from dedupe.kernels.pairs.sharing import (
    ASKED,
    BEFORE,
    COMMON,
    PLAIN_LEFT,
    PLAIN_RIGHT,
    QUOTATION,
    make_scratch,
    share_pair,
)
from dedupe.text.flags import FORMULA, OUTSIDE, QUOTED

# Bit of a hit beside those of the four patterns: a plain 4-gram of both that is a quotation in some text.
QUOTED_ELSEWHERE = 16
# Bits of a token; the first two are shared_tokens to the kernels that look closer.
COVERED, QUOTE, SHARED, EXCLUDED, FRAME = 1, 2, 4, 8, 16
# Which of the four patterns cover the token at which they begin, the next, ...
EACH = tuple(np.uint8(patterns) for patterns in (15, 13, 11, 7, 14))


@nb.njit
def _mark(found, codes, slots, side, size, quoted_grams, scratch):
    """Marks the shared keys of one side where they begin."""
    hits, kept, states = scratch.hits[side], scratch.kept[side], scratch.states
    hits[: size + BEFORE] = 0
    kept[: size + BEFORE] = 0
    for place in range(found):
        code, slot = codes[place], slots[place]
        bits = 1 << (code & 3)
        if code & 3 == 0 and states[slot] & PLAIN_LEFT and states[slot] & PLAIN_RIGHT:
            if not states[slot] & ASKED:
                states[slot] |= ASKED | (QUOTATION if holds(quoted_grams, scratch.table[slot]) else 0)
            bits |= QUOTED_ELSEWHERE if states[slot] & QUOTATION else 0
        hits[BEFORE + (code >> 2)] |= bits
        if not states[slot] & COMMON:
            kept[BEFORE + (code >> 2)] |= bits


@nb.njit
def _covers(hits, at):
    """Whether a shared key covers the token: any that begins there, those that do not skip it if it began before."""
    return (
        hits[at + 4] & EACH[0] | hits[at + 3] & EACH[1] | hits[at + 2] & EACH[2] | hits[at + 1] & EACH[3]
        | hits[at] & EACH[4]
    ) != 0  # fmt: skip


@nb.njit
def _look(hits, kept, flags, seen):
    """What there is to say of each token, bits of *seen*: without a branch, so that LLVM does many at once."""
    for at in range(len(flags)):
        quoted_grams = (hits[at + 4] | hits[at + 3] | hits[at + 2] | hits[at + 1]) & np.uint8(QUOTED_ELSEWHERE)
        shared, covered = _covers(hits, at), _covers(kept, at)
        quoted = (quoted_grams | flags[at] & np.uint8(QUOTED)) != 0
        excluded = quoted | (flags[at] & np.uint8(OUTSIDE) != 0) | (shared & (not covered))
        seen[at] = (
            np.uint8(covered) * np.uint8(COVERED) | np.uint8(quoted) * np.uint8(QUOTE)
            | np.uint8(shared) * np.uint8(SHARED) | np.uint8(excluded) * np.uint8(EXCLUDED)
            | np.uint8(flags[at] & np.uint8(FORMULA) != 0) * np.uint8(FRAME)
        )  # fmt: skip


@nb.njit
def _measure(side, flags, start, size, fragment, floor, scratch, notes):
    """(coverage of the narrative, share of all tokens, covered tokens of the narrative) of one side of the pair; its
    *notes*, if there is room.
    """
    seen = scratch.seen[:size]
    _look(scratch.hits[side], scratch.kept[side], flags[start : start + size], seen)
    excluded, shared_tokens, whole, run, own = 0, 0, 0, 0, 0
    for at in range(size):
        whole += seen[at] & SHARED != 0
        excluded += seen[at] & (EXCLUDED | FRAME) != 0
        counts, inside = seen[at] & FRAME == 0, seen[at] & (COVERED | EXCLUDED) == COVERED
        run, own = (run + 1) * inside, (own + counts) * inside
        shared_tokens += own * (run == fragment) + counts * (run > fragment)
    if len(notes):
        for at in range(size):
            notes[at] = seen[at] & np.uint8(COVERED | QUOTE)
    return shared_tokens / max(size - excluded, floor), whole / max(size, 1), shared_tokens


@kernel(nb.void(U32, U8, I64, I32, I64_2D, nb.int64, nb.int64, U64, nb.int64, nb.int64, nb.float64[:, ::1]))
def screen(tokens, flags, starts, sizes, pairs, low, high, quoted_grams, fragment, floor, found):
    """First pass of the pairs [low, high): s and the smaller share of all tokens, float64 (pairs, 2)."""
    scratch = make_scratch(starts, sizes, pairs, low, high)
    nothing = np.empty(0, np.uint8)
    for place in range(low, high):
        left, right = pairs[place]
        lefts, rights = share_pair(tokens, starts, sizes, left, right, scratch)
        if not lefts:
            found[place] = 0
            continue
        _mark(lefts, scratch.left_codes, scratch.left_slots, 0, sizes[left], quoted_grams, scratch)
        _mark(rights, scratch.right_codes, scratch.right_slots, 1, sizes[right], quoted_grams, scratch)
        one, raw_one, _ = _measure(0, flags, starts[left], sizes[left], fragment, floor, scratch, nothing)
        two, raw_two, _ = _measure(1, flags, starts[right], sizes[right], fragment, floor, scratch, nothing)
        found[place, 0], found[place, 1] = sqrt(one * two), min(raw_one, raw_two)


@kernel(
    nb.void(U32, U8, I64, I32, I64_2D, nb.int64, nb.int64, U64, nb.int64, nb.int64, U8, I64,
            nb.float64[:, ::1], I64, nb.uint8[::1])
)  # fmt: skip
def cover(
    tokens, flags, starts, sizes, pairs, low, high, quoted_grams, fragment, floor, common, firsts, found, noted, notes
):  # fmt: skip
    """s, raw share, both coverages and shared tokens of the narrative of the pairs [low, high), float64 (pairs, 5), and
    notes of their tokens.

    Of the shared keys of a pair, common[firsts[pair] : firsts[pair + 1]] are those to drop; an empty range drops none.
    The notes of a pair begin at notes[noted[pair]]: first the left text's, then the right one's.
    """
    scratch = make_scratch(starts, sizes, pairs, low, high)
    for place in range(low, high):
        left, right = pairs[place]
        lefts, rights = share_pair(tokens, starts, sizes, left, right, scratch)
        for shared in range(firsts[place + 1] - firsts[place]):
            if common[firsts[place] + shared]:
                scratch.states[scratch.left_slots[shared]] |= COMMON
        _mark(lefts, scratch.left_codes, scratch.left_slots, 0, sizes[left], quoted_grams, scratch)
        _mark(rights, scratch.right_codes, scratch.right_slots, 1, sizes[right], quoted_grams, scratch)
        middle = noted[place] + sizes[left]
        left_notes, right_notes = notes[noted[place] : middle], notes[middle:]
        one, raw_one, own = _measure(0, flags, starts[left], sizes[left], fragment, floor, scratch, left_notes)
        two, raw_two, other = _measure(1, flags, starts[right], sizes[right], fragment, floor, scratch, right_notes)
        found[place, 0], found[place, 1] = sqrt(one * two), min(raw_one, raw_two)
        found[place, 2], found[place, 3], found[place, 4] = one, two, min(own, other)
