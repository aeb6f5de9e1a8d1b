"""Lines of one text: where they lie, and which are headings.

Lines are never cut out of a text; they are flags at verification, like quotations.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.flags import HEADING
from dedupe.params import Params
from dedupe.words import Words

NEWLINES = "\n\r\v\f\x85\u2028\u2029"
LINE = re.compile(rf"[^\s](?:[^{NEWLINES}]*[^\s])?")
FINAL = frozenset(".!?…:;\"'”’»。！？」』)؟।")


@dataclass(frozen=True, slots=True)
class Lines:
    """The non-empty lines of one text; m lines."""

    spans: list[tuple[int, int]]  # characters of the normalised text
    tokens: list[int]  # first token of each line, and the number of tokens: m + 1 values


def find_lines(words: Words) -> Lines:
    """The lines of a text with their tokens."""
    spans = [match.span() for match in LINE.finditer(words.normal)]
    firsts = np.searchsorted(words.starts, np.array([start for start, _ in spans], np.int64)).tolist()
    return Lines(spans, [*firsts, len(words.starts)])


def flag_headings(words: Words, lines: Lines, params: Params) -> NDArray[np.uint8]:
    """HEADING for each token of a line with few words and no final mark, uint8, shape (n,)."""
    flags = np.zeros(len(words.starts), np.uint8)
    share = words.count / max(len(words.starts), 1)  # words per token
    for (_, end), low, high in zip(lines.spans, lines.tokens, lines.tokens[1:], strict=False):
        if (high - low) * share < params.short_line_words and words.normal[end - 1] not in FINAL:
            flags[low:high] = HEADING
    return flags
