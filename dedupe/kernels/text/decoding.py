"""UTF-8 → codepoints of the NFKC form and their kinds, for many texts at once."""

from __future__ import annotations

import numba as nb
import numpy as np

from dedupe.kernels.lib.cache import kernel
from dedupe.kernels.lib.types import I64, U8
from dedupe.kernels.text.codepoints import AFTER, BEFORE, CLASS_SHIFT, SINGLE, SLOW, UNKNOWN, WIDTH_BITS

WIDTH_MASK = (1 << WIDTH_BITS) - 1
UNSPACED = SINGLE | BEFORE | AFTER  # of a script without spaces: its texts go the plain way
END_OF_TEXT = 10  # a newline behind each text: no line, and no look at a neighbour, leaves its text
SIGNATURE = nb.types.UniTuple(nb.int64, 2)(
    U8,
    I64,
    nb.int64,
    nb.int32[::1],
    nb.uint32[::1],
    nb.uint32[::1],
    nb.uint32[::1],
    nb.uint32[::1],
    nb.int64[::1],
    nb.boolean[::1],
)


@nb.njit
def _codepoint(data, at, lead):
    """(codepoint, bytes) of the sequence that begins with *lead*; the input is valid UTF-8, as Arrow demands."""
    if lead < 0xE0:
        return (lead & 31) << 6 | (data[at + 1] & 63), 2
    if lead < 0xF0:
        return (lead & 15) << 12 | (data[at + 1] & 63) << 6 | (data[at + 2] & 63), 3
    return (lead & 7) << 18 | (data[at + 1] & 63) << 12 | (data[at + 2] & 63) << 6 | (data[at + 3] & 63), 4


@kernel(SIGNATURE)
def decode(data, offsets, text, states, kinds, expansions, codes, code_kinds, firsts, slow):
    """Decodes texts of UTF-8 *data* from *text* on, up to the first with a codepoint that is not known yet.

    Returns (first text not decoded, codepoint to be learnt or -1). Text i is codes[firsts[i] : firsts[i + 1] - 1],
    with a newline before and behind it; a *slow* text is left empty. *codes*: twice the bytes, and one for each text.
    """
    if text == 0:
        codes[0], code_kinds[0], firsts[0] = END_OF_TEXT, kinds[END_OF_TEXT], 1
    used = firsts[text]
    while text + 1 < len(offsets):
        at, end = offsets[text], offsets[text + 1]
        first = used
        rank = np.uint32(0)  # combining class of the codepoint before
        declined = False
        while at < end:
            if data[at] < 128:  # known, itself, and of class 0
                while at < end and data[at] < 128:
                    codes[used], code_kinds[used] = data[at], kinds[data[at]]
                    at += 1
                    used += 1
                rank = np.uint32(0)
                continue
            code, width = _codepoint(data, at, np.int64(data[at]))
            at += width
            state = states[code]
            if state == UNKNOWN:
                return text, code
            if state == SLOW or kinds[code] & UNSPACED:
                declined = True
                break
            size = 1 if state == 0 else state & WIDTH_MASK
            for place in range(size):
                char = np.uint32(code) if state == 0 else expansions[(state >> WIDTH_BITS) + place]
                codes[used] = char
                code_kinds[used] = kinds[char]
                own = kinds[char] >> np.uint32(CLASS_SHIFT)
                declined = declined or (own > 0 and own < rank)  # marks out of order: NFKC moves them
                declined = declined or kinds[char] & UNSPACED != 0
                rank = own
                used += 1
        if declined:
            used = first
        slow[text] = declined
        codes[used] = END_OF_TEXT
        code_kinds[used] = kinds[END_OF_TEXT]
        used += 1
        firsts[text + 1] = used
        text += 1
    return text, -1
