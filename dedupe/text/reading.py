"""One text, read once: tokens, flags and lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dedupe.params import Params
from dedupe.text.flags import SENTENCE
from dedupe.text.lines import Lines, find_lines, flag_headings
from dedupe.text.oddmarks import usual_marks
from dedupe.text.quotations import flag_quotations
from dedupe.text.words import Vocabulary, Words, read_words

TERMINALS = ".!?…"
TAIL_MARKS = TERMINALS + "\"'”’»)]"
ENDINGS = "。！？؟।"  # these end a sentence whatever follows
_TAIL = re.escape(TAIL_MARKS)
_CLOSERS = re.escape(TAIL_MARKS.removeprefix(TERMINALS))
# A whole run of marks, looked at once (from its first mark, and possessively: a megabyte of dots costs linear time),
# with a terminal in it and a gap behind it; or an ending.
SENTENCE_END = re.compile(rf"(?<![{_TAIL}])[{_CLOSERS}]*+[{TERMINALS}][{_TAIL}]*+(?=\s|$)|[{ENDINGS}]")


@dataclass(frozen=True, slots=True)
class Reading:
    """A text before its spellings are looked up; n tokens, m lines."""

    ids: NDArray[np.int32]  # (n,), places in the Vocabulary
    flags: NDArray[np.uint8]  # (n,), MARKED | BLOCK | HEADING | SENTENCE
    words: int
    line_tokens: NDArray[np.int32]  # (m,), tokens of each line


def read(text: str, vocabulary: Vocabulary, params: Params) -> Reading:
    """Reads *text* into the columns that verification needs."""
    words = read_words(usual_marks(text), vocabulary)
    lines = find_lines(words)
    flags = flag_quotations(words, lines) | flag_headings(words, lines, params) | flag_sentences(words, lines)
    sizes = np.array([last - first for first, last in pairwise(lines.tokens)], np.int32)
    return Reading(words.ids, flags, words.count, sizes)


def flag_sentences(words: Words, lines: Lines) -> NDArray[np.uint8]:
    """SENTENCE for the first token of each sentence, uint8, shape (n,); a sentence never leaves its line."""
    ends = [match.end() for match in SENTENCE_END.finditer(words.normal)] + [end for _, end in lines.spans]
    numbers = np.searchsorted(np.array(sorted(ends), np.int64), words.starts, side="right")
    return np.where(np.diff(numbers, prepend=-1) > 0, SENTENCE, 0).astype(np.uint8)
