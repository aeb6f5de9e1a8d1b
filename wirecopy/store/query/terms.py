"""What a search asks for: words, "phrases" and beginnings* of words, in the form of an index and of a scan.

Both forms mean the same: case does not matter, a word is a run of letters, marks and digits, and in scripts that put no
space between words each letter counts as one. So a phrase is found whatever stands between its words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

MOST: Final = 8
SHORTEST: Final = 2  # characters, where one is no word
SHORTEST_BEGINNING: Final = 3  # of a word that ends with *: shorter ones begin thousands of words
TERM: Final = re.compile(r'"([^"]+)"|(\S+)')
# Thai, Lao, Burmese, Khmer, kana and Chinese characters.
UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
LONE: Final = re.compile(f"([{UNSPACED}])")
IN_A_WORD: Final = ("L", "M", "N")  # Unicode categories, by their first letter
APART: Final = r"[^\p{L}\p{M}\p{N}]"  # for RE2: what stands between words
EDGE: Final = f"{APART}|[{UNSPACED}]"


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or words that follow each other."""

    words: tuple[str, ...]  # in lower case; of unspaced scripts single letters
    open: bool = False  # the last one is a beginning

    @property
    def longest(self) -> str:
        """A string that every text with the term has, in lower case."""
        return max(self.words, key=len)

    @property
    def match(self) -> str:
        """The term for SQLite's FTS5: words have no quotation marks."""
        return f'"{" ".join(self.words)}"' + (" *" if self.open else "")

    @property
    def pattern(self) -> str:
        """The term for RE2, as DuckDB takes it."""
        first, last = self.words[0], self.words[-1]
        start = "" if LONE.match(first) else f"(?:^|{EDGE})"
        end = "" if self.open or LONE.match(last) else f"(?:$|{EDGE})"
        return f"(?i){start}{self._joined(APART)}{end}"

    def find(self, text: str) -> re.Match[str] | None:
        """Where it stands first in *text*."""
        first, last = self.words[0], self.words[-1]
        start = "" if LONE.match(first) else rf"(?:(?<!\w)|(?<=[{UNSPACED}]))"
        end = "" if self.open or LONE.match(last) else rf"(?!(?![{UNSPACED}])\w)"
        return re.search(start + self._joined(r"\W") + end, text, re.IGNORECASE)

    def _joined(self, between: str) -> str:
        gaps = [f"{between}{'*' if LONE.match(a) or LONE.match(b) else '+'}" for a, b in pairwise(self.words)]
        words = [re.escape(word) for word in self.words]
        return words[0] + "".join(gap + word for gap, word in zip(gaps, words[1:], strict=True))


def terms_of(text: str) -> list[Term]:
    """The terms of *text*; what is too short to look for is left out."""
    found = (_term(phrase or word) for phrase, word in TERM.findall(text))
    return list(dict.fromkeys(term for term in found if term))[:MOST]


def spaced(text: str) -> str:
    """*text* with spaces around each letter of an unspaced script, so that an index takes it as a word."""
    return LONE.sub(r" \1 ", text)


def _term(text: str) -> Term | None:
    words = tuple(_words(spaced(text.lower())))
    if not words or (len("".join(words)) < SHORTEST and not LONE.match(words[0])):
        return None
    wants_more = text.endswith("*") and len(words[-1]) >= SHORTEST_BEGINNING
    return Term(words, wants_more)


def _words(text: str) -> list[str]:
    return "".join(one if unicodedata.category(one)[0] in IN_A_WORD else " " for one in text).split()
