"""Codepoints → tokens with their flags, and lines: compiled, what `words`, `lines`, `quotations` and `reading` do.

Only for scripts that write spaces, and without the rule of pasted posts: a text that may hold one is named.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from dedupe.kernels.lib.cache import kernel
from dedupe.kernels.lib.types import I64, U32
from dedupe.kernels.text.codepoints import (
    DIGIT,
    DOUBLE_MARK,
    ENDING,
    FINAL,
    JOINER,
    LETTER,
    NEWLINE,
    POINT,
    SIGN,
    SINGLE_MARK,
    SPACE,
    TAIL,
    TERMINAL,
)
from dedupe.kernels.text.marks import (
    COLON,
    COMMA,
    DOT,
    RAISED,
    RIGHT_CORNER,
    RIGHT_WHITE,
    SINGLE_CLOSE,
    SINGLE_OPEN,
    SINGLE_STRAIGHT,
    SLASH,
    find_spans,
    find_speech,
    is_among,
    is_dash,
    is_inner,
)
from dedupe.text.flags import BLOCK, HEADING, MARKED, SENTENCE
from dedupe.text.quotations import BLOCK_MARKED, BLOCK_WORDS

INNER = LETTER | POINT | JOINER
ARABIC = (0x66B, 0x66C)  # decimal and thousands separator
MARK = DOUBLE_MARK | SINGLE_MARK
SEED, FACTOR = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)


@nb.njit
def _flag_quoted(starts, flags, low, high, spans, many):
    """MARKED for the tokens [low, high) of a line that start inside a span; how many."""
    at, marked = 0, 0
    for token in range(low, high):
        while at < many and spans[at, 1] <= starts[token]:
            at += 1
        if at < many and spans[at, 0] <= starts[token]:
            marked += not flags[token] & MARKED
            flags[token] |= MARKED
    return marked


@nb.njit
def _end_of_digits(kinds, at, end):
    while at < end and kinds[at] & DIGIT:
        at += 1
    return at


@nb.njit
def _end_of_groups(codes, kinds, at, end):
    """Where a number ends whose digits are grouped by blanks or apostrophes; *at* if it is none."""
    last = _end_of_digits(kinds, at, end)
    if last - at > 3:
        return at
    first = last
    while last + 1 < end and is_among(codes[last], 0x20, SINGLE_STRAIGHT, SINGLE_CLOSE, SINGLE_CLOSE):
        group = _end_of_digits(kinds, last + 1, end)
        if group - last != 4:
            break
        last = group
    if last == first:
        return at
    decimal = last + 1 < end and is_among(codes[last], DOT, COMMA, *ARABIC) and kinds[last + 1] & DIGIT
    return _end_of_digits(kinds, last + 1, end) if decimal else last


@nb.njit
def _end_of_token(codes, kinds, at, end):
    """Where the token ends that begins at a digit or letter."""
    if kinds[at] & DIGIT:
        grouped = _end_of_groups(codes, kinds, at, end)
        if grouped > at:
            return grouped
        while True:
            at = _end_of_digits(kinds, at, end)
            between = at + 1 < end and (is_among(codes[at], DOT, COMMA, *ARABIC) or codes[at] == COLON)
            if not (between and kinds[at + 1] & DIGIT):
                return at
            at += 1
    while True:
        while at < end and kinds[at] & INNER:
            at += 1
        apostrophe = at + 1 < end and codes[at] in (SINGLE_STRAIGHT, SINGLE_CLOSE, 0x2BC, 0x2BB, SINGLE_OPEN)
        if not (apostrophe and kinds[at + 1] & LETTER):
            return at
        at += 1


@nb.njit
def _may_be_post(codes, at):
    """Whether a pasted post may show itself at *at*, a SIGN: a handle, a tag, ://, .co/ or .tw."""
    code = codes[at]
    if code == 0x40 or code == 0x23:
        return True
    if code == SLASH:
        return (codes[at - 1] == SLASH and codes[at - 2] == COLON) or (codes[at - 1] == 0x6F and codes[at - 2] == 0x63)
    return code == 0x77 and codes[at - 1] == 0x74 and codes[at - 2] == DOT


@nb.njit
def _measure_line(codes, kinds, start, stop, marks):
    """(end of the line's last word or mark, where to go on, marks of quotation, whether it may hold a post).

    A line begins with no space.
    """
    at, many, posted = start, 0, False
    while True:
        kind = kinds[at]
        if kind & (NEWLINE | MARK | SIGN):  # one test for nearly all
            if kind & NEWLINE:
                break
            if kind & SIGN:
                posted = posted or _may_be_post(codes, at)
            elif not (stop > at + 1 and is_inner(codes, kinds, at)):
                marks[many] = at
                many += 1
        at += 1
    end = at
    while kinds[end - 1] & SPACE:
        end -= 1
    return end, at, many, posted


@nb.njit
def _hash(codes, at, end):
    """Hash of a spelling, two codepoints at a time: each multiplication waits for the one before."""
    key = SEED
    while at + 1 < end:
        key = (key ^ (np.uint64(codes[at]) | np.uint64(codes[at + 1]) << np.uint64(32))) * FACTOR
        key ^= key >> np.uint64(32)
        at += 2
    if at < end:
        key = (key ^ np.uint64(codes[at])) * FACTOR
        key ^= key >> np.uint64(32)
    return key


@kernel(
    nb.int64(
        U32, U32, I64, nb.int64, nb.int64, nb.uint64[::1],
        nb.int32[::1], nb.int32[::1], nb.uint8[::1], nb.int32[::1], nb.int32[::1], nb.int32[::1], nb.int32[::1],
        nb.int32[::1], nb.uint8[::1],
    )
)  # fmt: skip
def scan(
    codes, kinds, firsts, texts, short_words, keys, starts, ends, flags, line_starts, line_ends, line_tokens, sizes,
    line_sizes, posted,
):  # fmt: skip
    """Tokens and lines of the first *texts* texts that `decoding.decode` left; how many tokens there are.

    Of each token the hash of its spelling, its first codepoint and the one behind it, and its flags; of each line the
    same places and its tokens; of each text how many tokens and lines, and whether it may hold a pasted post.
    """
    longest = 1
    for text in range(texts):
        longest = max(longest, firsts[text + 1] - firsts[text])
    marks, following = np.empty(longest, np.int64), np.empty(longest, np.int64)
    spans = np.empty((longest, 2), np.int64)
    gap = kinds[firsts[0] - 1]
    tokens, lines = 0, 0
    for text in range(texts):
        at, stop = firsts[text], firsts[text + 1] - 1
        first_token, first_line = tokens, lines
        sentence, before, colon = at, at - 1, False
        posted[text] = 0
        while at < stop:
            if kinds[at] & SPACE:
                at += 1
                continue
            start = at
            end, following_line, many, post = _measure_line(codes, kinds, start, stop, marks)
            posted[text] |= post
            low = tokens
            while at < end:
                if kinds[at] & (DIGIT | LETTER):
                    last = _end_of_token(codes, kinds, at, end)
                    keys[tokens], starts[tokens], ends[tokens] = _hash(codes, at, last), at, last
                    flags[tokens] = SENTENCE if tokens == first_token or sentence > before else 0
                    before = at
                    tokens += 1
                    at = last
                elif kinds[at] & TAIL:
                    terminal = False
                    while at < end and kinds[at] & TAIL:
                        terminal = terminal or kinds[at] & TERMINAL != 0
                        at += 1
                    if terminal and kinds[at] & SPACE:
                        sentence = at
                else:
                    if kinds[at] & ENDING:
                        sentence = at + 1
                    at += 1
            sentence = end
            marked = 0
            if many:
                found = find_spans(codes, kinds, gap, start, end, marks, many, following, spans)
                marked = _flag_quoted(starts, flags, low, tokens, spans, found)
            if is_dash(codes[start]):
                found = find_speech(codes, kinds, start, end, spans)
                marked += _flag_quoted(starts, flags, low, tokens, spans, found)
            block = colon and tokens - low >= BLOCK_WORDS and marked <= BLOCK_MARKED * (tokens - low)
            closer = is_among(codes[start], RAISED, RIGHT_CORNER, RIGHT_WHITE, SINGLE_CLOSE)
            block = block and (closer or not kinds[start] & MARK)
            heading = tokens - low < short_words and not kinds[end - 1] & FINAL
            for token in range(low, tokens):
                flags[token] |= (BLOCK if block else 0) | (HEADING if heading else 0)
            colon = codes[end - 1] == COLON
            line_starts[lines], line_ends[lines], line_tokens[lines] = start, end, tokens - low
            lines += 1
            at = following_line
        sizes[text] = tokens - first_token
        line_sizes[text] = lines - first_line
    return tokens
