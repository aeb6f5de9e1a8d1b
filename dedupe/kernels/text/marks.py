"""Where quotations begin and end in a line, compiled: what `quotations._line_spans` finds."""

from __future__ import annotations

import numba as nb
import numpy as np

from dedupe.kernels.text.codepoints import ALNUM, LOWER, SINGLE_MARK, SPACE

STRAIGHT, LOW, OPEN, CLOSE, RAISED = 0x22, 0x201E, 0x201C, 0x201D, 0x201F
LEFT_ANGLE, RIGHT_ANGLE = 0xAB, 0xBB
LEFT_CORNER, RIGHT_CORNER, LEFT_WHITE, RIGHT_WHITE = 0x300C, 0x300D, 0x300E, 0x300F
SINGLE_STRAIGHT, SINGLE_OPEN, SINGLE_CLOSE = 0x27, 0x2018, 0x2019
COLON, SLASH, DOT, COMMA, BLANK = 0x3A, 0x2F, 0x2E, 0x2C, 0x20


@nb.njit
def is_among(code, one, two, three, four):
    """Whether a codepoint is one of four."""
    return code in (one, two, three, four)


@nb.njit
def _opens(char, before, after, kind):
    """`quotations._opens`; *before* and *after* are kinds."""
    if char in (OPEN, LOW, RAISED, LEFT_CORNER, LEFT_WHITE):
        return not (char == OPEN and kind == LOW)
    if char == STRAIGHT:
        return not after & SPACE
    if char == LEFT_ANGLE:
        return before & SPACE != 0 or not before & ALNUM
    return (char in (RIGHT_ANGLE, CLOSE)) and not before & ALNUM and after & ALNUM != 0


@nb.njit
def _closes(char, kind):
    """`quotations._closes`."""
    if char in (OPEN, LOW, RAISED, LEFT_CORNER, LEFT_WHITE):
        return char == OPEN and kind == LOW
    if char == LEFT_ANGLE:
        return kind == RIGHT_ANGLE
    return char not in (RIGHT_CORNER, RIGHT_WHITE) or kind in (LEFT_CORNER, LEFT_WHITE)


@nb.njit
def _single_closes(codes, kinds, gap, mark, start, end, last):
    """`quotations._single_closes`; *gap* is the kind of a blank."""
    before = kinds[mark - 1] if mark > start else gap
    after = kinds[mark + 1] if mark + 1 < end else gap
    code_before = np.int64(codes[mark - 1]) if mark > start else BLANK
    code_after = np.int64(codes[mark + 1]) if mark + 1 < end else BLANK
    if after & ALNUM or before & SPACE:
        return False
    beside = after & SPACE != 0 or is_among(code_before, DOT, COMMA, 0x21, 0x3F)
    beside = beside or is_among(code_before, 0x2026, 0x2D, 0x2013, 0x2013)  # … - –
    beside = beside or is_among(code_after, DOT, COMMA, 0x3B, COLON) or is_among(code_after, 0x21, 0x3F, 0x29, 0x2014)
    if not (beside or is_among(code_after, 0x2013, 0x2D, 0x2D, 0x2D)):
        return False
    possessive = code_before == 0x73 and code_after == BLANK and mark + 2 < end
    return not (possessive and kinds[mark + 2] & LOWER and last > mark)


@nb.njit
def find_spans(codes, kinds, gap, start, end, marks, many, following, spans):
    """`quotations._line_spans`: spans (start, end) of one line; how many. *following*: room for as many as marks."""
    last = -1
    for place in range(many):
        if codes[marks[place]] == SINGLE_STRAIGHT or codes[marks[place]] == SINGLE_CLOSE:
            last = marks[place]
    close = -1
    for place in range(many - 1, -1, -1):
        following[place] = close
        code = codes[marks[place]]
        closes = code in (SINGLE_STRAIGHT, SINGLE_CLOSE)
        if closes and _single_closes(codes, kinds, gap, marks[place], start, end, last):
            close = marks[place]
    found = 0
    opened, kind, resume = -1, 0, start
    for place in range(many):
        mark = marks[place]
        char = np.int64(codes[mark])
        if mark < resume:
            continue
        before = kinds[mark - 1] if mark > start else gap
        after = kinds[mark + 1] if mark + 1 < end else gap
        code_after = np.int64(codes[mark + 1]) if mark + 1 < end else BLANK
        if kinds[mark] & SINGLE_MARK:
            begins = after & ALNUM != 0 or is_among(code_after, 0x5B, 0x28, DOT, 0x2026)  # [ ( . …
            if opened < 0 and not before & ALNUM and begins:
                stop = following[place]
                if stop < 0:
                    stop = end if char == SINGLE_OPEN or mark == start else mark
                if stop - mark > 2:
                    spans[found, 0], spans[found, 1] = mark, stop
                    found += 1
                resume = max(resume, stop + 1)
        elif opened < 0:
            if _opens(char, before, after, kind):
                opened, kind = mark, char
        elif _closes(char, kind):
            spans[found, 0], spans[found, 1] = opened, mark
            found += 1
            opened = -1
    if opened >= 0:
        spans[found, 0], spans[found, 1] = opened, end
        found += 1
    return found
