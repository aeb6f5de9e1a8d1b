"""Flags the tokens that are quotation: the narrative between quotations separates copies from independent reports.

Four signs, per line (a line of an extracted text is a paragraph): double marks, single marks, a block that a colon
announces, and pasted posts. The fifth, transfer from other texts of the context, is made in `verify`. All scans are
linear: a hostile page of apostrophes costs no more than another page of its length.
"""

from __future__ import annotations

import re
from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from dedupe.text.flags import BLOCK, MARKED
from dedupe.text.lines import Lines
from dedupe.text.words import Words, is_single

OPENING = "“„‟「『"
CLOSING = "」』"
DOUBLES = OPENING + CLOSING + '"”«»'
SINGLES = "'‘’"
MARK = re.compile(f"[{DOUBLES}{SINGLES}]")
APOSTROPHES = "'’"  # the singles that close
BEFORE_END = ".,!?…-–"
AFTER_END = ".,;:!?)—–-"
ACRONYM_MARKS = '"”'  # a mark between two Hebrew letters belongs to an acronym
HEBREW = ("\u05d0", "\u05ea")
# Words that begin with an apostrophe (Afrikaans 'n, Dutch 's, English 'em): it opens nothing. So do years: the '90s.
ELISIONS = frozenset({"n", "s", "t", "k", "m", "r", "d", "em", "er", "til", "till", "tis", "twas", "cause", "bout"})
LONGEST_ELISION = 5
DASHES = "—–―-"  # direct speech between dashes, as in Russian, Spanish and French
LONG_DASHES = "—―"
SPEECH_ENDS = '.!?…»”"'
SPEECH_STOPS = ",.!?…»”\"'’"
POST = re.compile(r"@\w|#\w|https?://|pic\.twitter|t\.co/")
SIGNATURE = re.compile(r"\s*[—–-]+\s*.{1,60}\(@")  # "— Name (@handle": the line before it is the post
POST_CHARACTERS = 400
BLOCK_WORDS = 8
BLOCK_MARKED = 0.5
ALL_QUOTED = 0.9  # a text with a larger share of quotation, such as a release behind a colon, tells it as its own

Span = tuple[int, int]


def flag_quotations(words: Words, lines: Lines) -> NDArray[np.uint8]:
    """MARKED and BLOCK bits of each token, uint8, shape (n,)."""
    marked = _inside(words, quotation_spans(words.normal, lines)) | _inside(words, speech_spans(words.normal, lines))
    flags = np.where(marked, MARKED, 0).astype(np.uint8)
    for line in sorted(find_posts(words.normal, lines) | _blocks(words.normal, lines, marked)):
        flags[lines.tokens[line] : lines.tokens[line + 1]] |= BLOCK
    return flags if np.count_nonzero(flags) <= ALL_QUOTED * len(flags) else np.zeros_like(flags)


def _inside(words: Words, spans: list[Span]) -> NDArray[np.bool_]:
    """Whether each token starts inside one of *spans*, which are sorted and do not overlap."""
    if not spans:
        return np.zeros(len(words.starts), np.bool_)
    edges = np.array(spans, np.int64)
    at = np.searchsorted(edges[:, 0], words.starts, side="right") - 1
    inside: NDArray[np.bool_] = (at >= 0) & (words.starts < edges[np.maximum(at, 0), 1])
    return inside


def quotation_spans(text: str, lines: Lines) -> list[Span]:
    """Character spans between quotation marks, sorted; a span never leaves its line."""
    marks = [match.start() for match in MARK.finditer(text) if not _is_inner(text, match.start())]
    if not marks:
        return []
    spans: list[Span] = []
    at = 0
    for start, end in lines.spans:
        first = at
        while at < len(marks) and marks[at] < end:
            at += 1
        if at > first:
            spans += _line_spans(text, start, end, [mark for mark in marks[first:at] if mark >= start])
    return spans


def _is_inner(text: str, mark: int) -> bool:
    """An apostrophe between two letters is no mark of quotation, nor is the mark of a Hebrew acronym."""
    if not 0 < mark < len(text) - 1:
        return False
    before, after = text[mark - 1], text[mark + 1]
    if text[mark] in ACRONYM_MARKS:
        return _is_hebrew(before) and _is_hebrew(after)
    return text[mark] in SINGLES and before.isalnum() and after.isalnum()


def _is_hebrew(char: str) -> bool:
    return HEBREW[0] <= char <= HEBREW[1]


def _line_spans(text: str, start: int, end: int, marks: list[int]) -> list[Span]:
    """Quotations of one line: a state machine for double marks, and for single marks a look for their end."""
    spans: list[Span] = []
    ends = _single_ends(text, start, end, marks)
    opened, kind, resume = -1, "", start
    for mark in marks:
        char = text[mark]
        before = text[mark - 1] if mark > start else " "
        after = text[mark + 1] if mark + 1 < end else " "
        if mark < resume:
            continue
        if char in SINGLES:
            begins = after.isalnum() or after in "[(.…"
            if opened < 0 and not before.isalnum() and begins and not _is_elision(text, mark, end):
                close = _close_of(mark, char, start, end, ends)
                if close - mark > 2:
                    spans.append((mark, close))
                resume = max(resume, close + 1)
        elif opened < 0:
            if _opens(char, before, after, kind):
                opened, kind = mark, char
        elif _closes(char, before, after, kind):
            spans.append((opened, mark))
            opened = -1
    if opened >= 0:  # never closed: the quotation runs on to the end of its paragraph
        spans.append((opened, end))
    return spans


def _opens(char: str, before: str, after: str, kind: str) -> bool:
    """Whether a double mark outside of a quotation begins one; *kind* is the mark that opened the one before."""
    if char in OPENING:
        return not (char == "“" and kind == "„")  # German closes with the mark that English opens with
    if char == '"':  # not behind a letter or a number, where it stands for inches or seconds
        return not after.isspace() and (not before.isalnum() or is_single(before))
    if char == "«":
        return before.isspace() or not before.isalnum()
    return char in "»”" and not before.isalnum() and after.isalnum()  # »Danish« and ”Swedish”


def _closes(char: str, before: str, after: str, kind: str) -> bool:
    """Whether a double mark inside of a quotation ends it; an opening mark of the same kind does not."""
    if char in OPENING:
        return char == "“" and kind == "„"
    if char == "«":
        return kind == "»"
    return char not in CLOSING or kind in "「『"


def _is_elision(text: str, mark: int, end: int) -> bool:
    """Whether a word begins with the apostrophe at *mark*; one that is closed at once is quoted all the same."""
    last = mark + 1
    while last < end and text[last].isalnum() and last - mark <= LONGEST_ELISION:
        last += 1
    word = text[mark + 1 : last]
    known = word in ELISIONS or (len(word) in (2, 3) and word[:2].isdecimal() and word[2:] in ("", "s"))
    return known and not (last < end and (text[last].isalnum() or text[last] in APOSTROPHES))


def speech_spans(text: str, lines: Lines) -> list[Span]:
    """Character spans of direct speech in lines that begin with a dash and have another that ends or resumes it; or
    that begin with a long dash and end as a sentence does. Items of lists have short dashes.
    """
    spans: list[Span] = []
    for start, end in lines.spans:
        if text[start] in DASHES:
            turns = [at for at in range(start + 1, end - 1) if text[at] in DASHES and _turns(text, at)]
            edges = [start, *turns, end] if len(turns) % 2 == 0 else [start, *turns]
            whole = text[start] in LONG_DASHES and text[end - 1] in SPEECH_ENDS
            spans += zip(edges[::2], edges[1::2], strict=True) if turns or whole else []
    return spans


def _turns(text: str, dash: int) -> bool:
    """Whether speech ends or goes on at a dash inside a line: "…, — said she", "—said she—.", never in "A — B"."""
    before, after = text[dash - 1], text[dash + 1]
    if before.isspace() and after.isspace():
        return text[dash - 2] in SPEECH_STOPS
    if text[dash] == "-":
        return False  # joins words
    return (before.isspace() and after.isalnum()) or (before.isalnum() and after in ".,;:!?…")


def _close_of(mark: int, char: str, start: int, end: int, ends: list[int]) -> int:
    """Where the single-quoted stretch from *mark* ends; *mark* itself if it is an apostrophe after all."""
    at = bisect_right(ends, mark)
    if at < len(ends):
        return ends[at]
    return end if char == "‘" or mark == start else mark


def _single_ends(text: str, start: int, end: int, marks: list[int]) -> list[int]:
    """The single marks of a line that can end a quotation, sorted."""
    closing = [mark for mark in marks if text[mark] in APOSTROPHES]
    last = closing[-1] if closing else -1
    return [mark for mark in closing if _single_closes(text, mark, start, end, last)]


def _single_closes(text: str, mark: int, start: int, end: int, last: int) -> bool:
    """A closing mark follows a non-space, precedes a non-letter, and has punctuation or a gap beside it."""
    before = text[mark - 1] if mark > start else " "
    after = text[mark + 1] if mark + 1 < end else " "
    if after.isalnum() or before.isspace() or not (before in BEFORE_END or after in AFTER_END or after.isspace()):
        return False
    possessive = before == "s" and after == " " and mark + 2 < end and text[mark + 2].islower() and last > mark
    return not possessive


def find_posts(text: str, lines: Lines) -> set[int]:
    """Lines that are pasted posts: handles, tags and links in a short line, or the line before a signature."""
    if not POST.search(text):
        return set()
    found: set[int] = set()
    for number, (start, end) in enumerate(lines.spans):
        signed = SIGNATURE.match(text, start, end) is not None
        if signed and number:
            found.add(number - 1)
        if signed or (end - start < POST_CHARACTERS and POST.search(text, start, end)):
            found.add(number)
    return found


def _blocks(text: str, lines: Lines, marked: NDArray[np.bool_]) -> set[int]:
    """Lines that the line before announces with a colon, if they are long and not marked as quotation already."""
    found: set[int] = set()
    for number in range(1, len(lines.spans)):
        if text[lines.spans[number - 1][1] - 1] != ":":
            continue
        low, high = lines.tokens[number], lines.tokens[number + 1]
        free = text[lines.spans[number][0]] not in "\"“„«»”「『‘'"
        if high - low >= BLOCK_WORDS and free and marked[low:high].sum() <= BLOCK_MARKED * (high - low):
            found.add(number)
    return found
