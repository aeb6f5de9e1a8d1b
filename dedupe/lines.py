"""Lines: where they lie, which are headings, and which recur on a publisher's pages.

Lines are never cut out of a text; they are flags at verification, like quotations.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.params import Params
from dedupe.words import Words

HEADING = 4  # a short line without a final mark: menu, caption, heading
RECURRING = 8  # a line that the publisher prints on many pages

LINE = re.compile(r"[^\s](?:[^\n\r\v\f\x85\u2028\u2029]*[^\s])?")
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


def line_keys(words: Words, lines: Lines) -> NDArray[np.uint64]:
    """A hash of each line, case and inner blanks levelled; shape (m,)."""
    said = (" ".join(words.normal[start:end].casefold().split()) for start, end in lines.spans)
    digests = [hashlib.blake2b(line.encode("utf-8", "surrogatepass"), digest_size=8).digest() for line in said]
    return np.frombuffer(b"".join(digests), np.uint64)


@dataclass(frozen=True, slots=True)
class Page:
    """What the search for recurring lines needs of one text."""

    publishers: frozenset[str]
    keys: NDArray[np.uint64]  # of its m lines
    tokens: NDArray[np.int32]  # length of each line


def recurring_lines(pages: Sequence[Page], params: Params) -> list[NDArray[np.bool_]]:
    """For each page, which of its lines recur on the pages of one of its publishers; shapes (m,).

    A long line counts only on pages that are mostly their own: three versions of one story share
    their paragraphs too, and those are narrative.
    """
    flags = [np.zeros(len(page.keys), np.bool_) for page in pages]
    members: dict[str, list[int]] = {}
    for number, page in enumerate(pages):
        for publisher in page.publishers:
            members.setdefault(publisher, []).append(number)
    for numbers in members.values():
        if len(numbers) >= params.recurring_pages:
            _flag_publisher(pages, numbers, flags, params)
    return flags


def _flag_publisher(pages: Sequence[Page], numbers: list[int], flags: list[NDArray[np.bool_]], params: Params) -> None:
    """Adds to *flags* the lines that recur on the pages *numbers* of one publisher."""
    seen = _count(pages[number].keys for number in numbers)
    own = _count(pages[number].keys for number in numbers if _is_own(pages[number], seen))
    for number in numbers:
        page = pages[number]
        for line, key in enumerate(page.keys.tolist()):
            short = page.tokens[line] < params.recurring_free_words
            if (seen if short else own)[key] >= params.recurring_pages:
                flags[number][line] = True


def _count(keys: Iterable[NDArray[np.uint64]]) -> Counter[int]:
    """On how many pages each line stands."""
    found: Counter[int] = Counter()
    for page in keys:
        found.update(set(page.tolist()))
    return found


def _is_own(page: Page, seen: Counter[int]) -> bool:
    """Whether at least half of the page stands on no other page of the publisher."""
    alone = sum(int(length) for key, length in zip(page.keys.tolist(), page.tokens, strict=True) if seen[key] == 1)
    return 2 * alone >= int(page.tokens.sum())
