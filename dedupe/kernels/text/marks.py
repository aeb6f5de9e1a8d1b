"""The begin and end of quotations in a line, compiled: equal to `dedupe.text.quotations._line_spans`."""

from __future__ import annotations

import numba as nb
import numpy as np

from dedupe.kernels.text.codepoints import ALNUM, DIGIT, LOWER, SINGLE_MARK, SPACE
from dedupe.text.quotations import ELISIONS, LONGEST_ELISION

STRAIGHT, LOW, OPEN, CLOSE, RAISED = 0x22, 0x201E, 0x201C, 0x201D, 0x201F
LEFT_ANGLE, RIGHT_ANGLE = 0xAB, 0xBB
LEFT_CORNER, RIGHT_CORNER, LEFT_WHITE, RIGHT_WHITE = 0x300C, 0x300D, 0x300E, 0x300F
SINGLE_STRAIGHT, SINGLE_OPEN, SINGLE_CLOSE = 0x27, 0x2018, 0x2019
HEBREW_FIRST, HEBREW_LAST = 0x5D0, 0x5EA
DASH, LONG_DASH, BAR, HYPHEN = 0x2013, 0x2014, 0x2015, 0x2D
COLON, SLASH, DOT, COMMA, BLANK = 0x3A, 0x2F, 0x2E, 0x2C, 0x20


# Each elision as one number, a byte for each letter.
ELIDED = tuple(sorted(int.from_bytes(word.encode()) for word in ELISIONS))


@nb.njit
def is_inner(codes, kinds, mark):
    """`quotations._is_inner` of a mark that is not the last of its text."""
    code, before, after = codes[mark], codes[mark - 1], codes[mark + 1]
    if code in (STRAIGHT, CLOSE):
        return HEBREW_FIRST <= before <= HEBREW_LAST and HEBREW_FIRST <= after <= HEBREW_LAST
    return kinds[mark] & SINGLE_MARK != 0 and kinds[mark - 1] & ALNUM != 0 and kinds[mark + 1] & ALNUM != 0


@nb.njit
def _is_elision(codes, kinds, mark, end):
    """`quotations._is_elision`."""
    last, word = mark + 1, np.int64(0)
    while last < end and kinds[last] & ALNUM and last - mark <= LONGEST_ELISION:
        word = word << 8 | (np.int64(codes[last]) if codes[last] < 128 else 0)
        last += 1
    size = last - mark - 1
    year = size in (2, 3) and kinds[mark + 1] & DIGIT != 0 and kinds[mark + 2] & DIGIT != 0
    year = year and (size == 2 or codes[last - 1] == 0x73)
    if not (year or word in ELIDED):
        return False
    return not (last < end and (kinds[last] & ALNUM != 0 or codes[last] in (SINGLE_STRAIGHT, SINGLE_CLOSE)))


@nb.njit
def is_dash(code):
    """Whether a codepoint is one of `quotations.DASHES`."""
    return code in (LONG_DASH, DASH, BAR, HYPHEN)


@nb.njit
def _stops(code):
    """Whether a codepoint is one of `quotations.SPEECH_STOPS`."""
    return code in (COMMA, DOT, 0x21, 0x3F, 0x2026, RIGHT_ANGLE, CLOSE, STRAIGHT, SINGLE_STRAIGHT, SINGLE_CLOSE)


@nb.njit
def _ends_speech(code):
    """Whether a codepoint is one of `quotations.SPEECH_ENDS`."""
    return code in (DOT, 0x21, 0x3F, 0x2026, RIGHT_ANGLE, CLOSE, STRAIGHT)


@nb.njit
def _turns(codes, kinds, dash):
    """`quotations._turns`."""
    before, after = kinds[dash - 1], kinds[dash + 1]
    if before & SPACE != 0 and after & SPACE != 0:
        return _stops(codes[dash - 2])
    if codes[dash] == HYPHEN:
        return False
    resumed = codes[dash + 1] in (DOT, COMMA, 0x3B, COLON, 0x21, 0x3F, 0x2026)
    return (before & SPACE != 0 and after & ALNUM != 0) or (before & ALNUM != 0 and resumed)


@nb.njit
def find_speech(codes, kinds, start, end, spans):
    """`quotations.speech_spans` of a line that begins with a dash; how many."""
    found, opened = 0, start
    for at in range(start + 1, end - 1):
        if is_dash(codes[at]) and _turns(codes, kinds, at):
            if opened >= 0:
                spans[found, 0], spans[found, 1] = opened, at
                found += 1
                opened = -1
            else:
                opened = at
    whole = codes[start] in (LONG_DASH, BAR) and _ends_speech(codes[end - 1])
    if (found or whole) and opened >= 0:
        spans[found, 0], spans[found, 1] = opened, end
        found += 1
    return found


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
        return after & SPACE == 0 and before & ALNUM == 0
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
            if opened < 0 and not before & ALNUM and begins and not _is_elision(codes, kinds, mark, end):
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
