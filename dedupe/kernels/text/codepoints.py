"""Properties of codepoints for the kernels: class, combining class, NFKC form. Filled in pages, as they occur."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from threading import Lock
from typing import Final

import numpy as np

from dedupe.text.lines import FINAL as FINAL_MARKS
from dedupe.text.lines import NEWLINES
from dedupe.text.quotations import DOUBLES, SINGLES
from dedupe.text.reading import ENDINGS, TAIL_MARKS, TERMINALS
from dedupe.text.words import character_classes

# Bits of a kind; the highest byte is the canonical combining class.
SPACE: Final = 1
NEWLINE: Final = 1 << 1
ALNUM: Final = 1 << 2
LOWER: Final = 1 << 3
DIGIT: Final = 1 << 4
LETTER: Final = 1 << 5  # of a word; never of a script without spaces
POINT: Final = 1 << 6  # combining mark
JOINER: Final = 1 << 7
SINGLE: Final = 1 << 8
BEFORE: Final = 1 << 9
AFTER: Final = 1 << 10
FINAL: Final = 1 << 11
DOUBLE_MARK: Final = 1 << 12
SINGLE_MARK: Final = 1 << 13
TERMINAL: Final = 1 << 14
TAIL: Final = 1 << 15
ENDING: Final = 1 << 16
SIGN: Final = 1 << 17  # what pasted posts have and few other lines: see scanning
CLASS_SHIFT: Final = 24

# States of a codepoint; a positive one is place << WIDTH_BITS | width of its NFKC form among the expansions.
ITSELF: Final = 0
SLOW: Final = -1  # its NFKC form depends on its neighbours: the text goes the plain way
UNKNOWN: Final = -2
WIDTH_BITS: Final = 5

PAGE: Final = 256
PLANES_THAT_COMPOSE: Final = 0x20000  # no codepoint from here on decomposes into two
HANGUL_PARTS: Final = range(0x1161, 0x11C3)  # vowels and finals; composed by rule, not by table
SETS = {
    NEWLINE: NEWLINES,
    FINAL: FINAL_MARKS,
    DOUBLE_MARK: DOUBLES,
    SINGLE_MARK: SINGLES,
    TERMINAL: TERMINALS,
    TAIL: TAIL_MARKS,
    ENDING: ENDINGS,
    SIGN: "@#/w",
}


class Codepoints:
    """Tables over all codepoints; untouched pages cost no memory."""

    def __init__(self) -> None:
        self.kinds = np.zeros(0x110000, np.uint32)
        self.states = np.full(0x110000, UNKNOWN, np.int32)
        self.expansions = np.zeros(1 << 15, np.uint32)  # all of NFKC needs 11,000
        self._lock = Lock()
        self._used = 1  # place 0 stays free, so that no state is ITSELF by accident
        self.fill(0)

    def fill(self, codepoint: int) -> None:
        """Learns the page of *codepoint*."""
        first = codepoint // PAGE * PAGE
        with self._lock:
            for code in range(first, first + PAGE):
                if self.states[code] == UNKNOWN:
                    self._learn(code)

    def _learn(self, code: int) -> None:
        char = chr(code)
        normal = unicodedata.normalize("NFKC", char)
        self.kinds[code] = kind(char)
        if normal == char:
            self.states[code] = SLOW if is_slow(char) else ITSELF
        elif any(is_slow(part) for part in normal) or len(normal) > 2 * len(char.encode()):
            self.states[code] = SLOW
        else:
            self._expand(code, normal)

    def _expand(self, code: int, normal: str) -> None:
        for at, part in enumerate(normal, self._used):
            self.expansions[at] = ord(part)
            self.kinds[ord(part)] = kind(part)
        self.states[code] = self._used << WIDTH_BITS | len(normal)
        self._used += len(normal)


@cache
def shared_codepoints() -> Codepoints:
    """One for the process."""
    return Codepoints()


@cache
def _seconds() -> frozenset[int]:
    """Codepoints that can combine with the one before them."""
    found = set(HANGUL_PARTS)
    for code in range(PLANES_THAT_COMPOSE):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and parts[0][0] != "<":
            found.add(int(parts[1], 16))
    return frozenset(found)


def is_slow(char: str) -> bool:
    """Whether the codepoint's NFKC form may depend on what stands before it, by more than the order of marks."""
    return ord(char) in _seconds() or "\ud800" <= char <= "\udfff"


@cache
def _classes() -> list[tuple[int, re.Pattern[str]]]:
    """Bit → the very character class that the plain path's patterns are made of."""
    bits = {
        "digit": DIGIT,
        "letter": LETTER,
        "mark": POINT,
        "joiner": JOINER,
        "single": SINGLE,
        "before": BEFORE,
        "after": AFTER,
    }
    return [(bit, re.compile(character_classes()[name])) for name, bit in bits.items()]


def kind(char: str) -> int:
    """Class bits and combining class of a character, uint32."""
    found = SPACE * char.isspace() | ALNUM * char.isalnum() | LOWER * char.islower()
    for bit, pattern in _classes():
        found |= bit * (pattern.match(char) is not None)
    for bit, chars in SETS.items():
        found |= bit * (char in chars)
    return found | unicodedata.combining(char) << CLASS_SHIFT
