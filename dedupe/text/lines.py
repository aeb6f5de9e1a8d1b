"""Lines of one text: where they lie, and which are headings.

Lines are never cut out of a text; they are flags at verification, like quotations.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.params import Params
from dedupe.text.flags import HEADING
from dedupe.text.words import Words

NEWLINES = "\n\r\v\f\x85\u2028\u2029"
LINE = re.compile(rf"[^\s](?:[^{NEWLINES}]*[^\s])?")
FINAL = frozenset(".!?…:;\"'”’»。！？」』)؟।")
FACTOR = 0x9E3779B97F4A7C15
MIX = 0xBF58476D1CE4E5B9  # of splitmix64


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


def hash_lines(tokens: NDArray[np.uint32], line_tokens: NDArray[np.int32]) -> NDArray[np.uint64]:
    """A hash of the tokens of each line, uint64, shape (m,): Σ tokenᵢ · FACTORⁱ⁺¹, mixed. All tokens lie in lines."""
    keys = np.zeros(len(line_tokens), np.uint64)
    if len(tokens):
        starts = np.cumsum(line_tokens, dtype=np.int64) - line_tokens
        powers = np.cumprod(np.full(int(line_tokens.max()), FACTOR, np.uint64))
        terms = tokens * powers[np.arange(len(tokens)) - np.repeat(starts, line_tokens)]
        full = line_tokens > 0
        keys[full] = np.add.reduceat(terms, starts[full])
    keys = (keys ^ keys >> np.uint64(30)) * np.uint64(MIX)
    return keys ^ keys >> np.uint64(31)
