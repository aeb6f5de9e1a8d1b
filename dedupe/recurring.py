"""Lines that recur: a publisher's menus, appeals and notes about authors, and what texts share that are their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dedupe.flags import RECURRING
from dedupe.params import Params

if TYPE_CHECKING:
    from dedupe.tables import TextTable

FACTOR = 0x9E3779B97F4A7C15
MIX = 0xBF58476D1CE4E5B9  # of splitmix64


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


@dataclass(frozen=True, slots=True)
class Pages:
    """Texts as publishers printed them; p pages, each text once per publisher."""

    texts: NDArray[np.int64]  # (p,), places in the table
    publishers: NDArray[np.int64]  # (p,), a number for each
    copies: NDArray[np.int64]  # (p,), articles of that publisher with that text


@dataclass(frozen=True, slots=True)
class _Lines:
    """Every line of every page."""

    pages: NDArray[np.int64]
    keys: NDArray[np.uint64]  # of publisher and line
    tokens: NDArray[np.int32]
    places: NDArray[np.int64]  # in the table
    texts: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Seen:
    """Where each line stands, shape (lines,)."""

    articles: NDArray[np.float64]  # articles with it
    pages: NDArray[np.float64]  # pages with it
    own_pages: NDArray[np.float64]  # those of them of which enough stands on no other page


def flag_printed_often(table: TextTable, pages: Pages, params: Params) -> TextTable:
    """*table* with RECURRING on the lines that one publisher prints again and again; the very table if there are none.

    A long line counts only on pages that are mostly their own, because three versions of one story share their
    paragraphs too, and those are narrative; unless it stands in dozens of articles.
    """
    lines = _lines_of(table, pages.texts, pages.publishers)
    seen = _count(lines, pages.copies, 0.5)
    often = np.where(lines.tokens < params.recurring_free_words, seen.pages, seen.own_pages) >= params.recurring_pages
    return _flag(table, *_distinct(lines, (often | (seen.articles >= params.recurring_always)) & (lines.tokens > 0)))


def flag_common(table: TextTable, params: Params) -> TextTable:
    """*table* with RECURRING on the lines that texts share which are otherwise their own, whoever printed them:
    background, legal notices, requests for consent; the very table if there are none.
    """
    lines = _lines_of(table, np.arange(len(table)), np.zeros(len(table), np.int64))
    seen = _count(lines, np.ones(len(table), np.int64), params.common_own)
    return _flag(table, *_distinct(lines, (seen.own_pages >= params.common_pages) & (lines.tokens > 0)))


def is_boilerplate(often: TextTable, params: Params) -> NDArray[np.bool_]:
    """Whether nearly all of a text is what `flag_printed_often` flagged, shape (texts,); a consent page is."""
    ends = np.concatenate(([0], np.cumsum((often.flags & RECURRING) > 0)))
    recurring = ends[often.starts + often.sizes] - ends[often.starts]
    mostly: NDArray[np.bool_] = recurring >= params.boilerplate_share * np.maximum(often.sizes, 1)
    return mostly


def _flag(table: TextTable, places: NDArray[np.int64], texts: NDArray[np.int64]) -> TextTable:
    """The table with these lines flagged; the very table if there are none."""
    if not len(places):
        return table
    flags = table.flags.copy()
    ends = np.cumsum(table.line_tokens, dtype=np.int64)
    before = ends - table.line_tokens  # tokens of all lines before each
    starts = table.starts[texts] + before[places] - before[table.line_starts[texts]]
    for start, size in zip(starts.tolist(), table.line_tokens[places].tolist(), strict=True):
        flags[start : start + size] |= RECURRING
    return replace(table, flags=flags)


def _distinct(lines: _Lines, chosen: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(place, text) of the *chosen* lines, each once though several publishers printed its text."""
    places, first = np.unique(lines.places[chosen], return_index=True)
    return places, lines.texts[chosen][first]


def _lines_of(table: TextTable, texts: NDArray[np.int64], publishers: NDArray[np.int64]) -> _Lines:
    sizes = table.line_sizes[texts]
    pages = np.repeat(np.arange(len(texts)), sizes)
    first = np.cumsum(sizes, dtype=np.int64) - sizes
    places = np.arange(len(pages)) - first[pages] + table.line_starts[texts][pages]
    names = (publishers[pages] + 1).astype(np.uint64)
    keys = table.line_keys[places] ^ names * np.uint64(FACTOR)
    return _Lines(pages, keys, table.line_tokens[places], places, texts[pages])


def _count(lines: _Lines, copies: NDArray[np.int64], own_share: float) -> _Seen:
    """Counts each line over its pages; a page is its own if *own_share* of its tokens stands on no other page."""
    order = np.lexsort((lines.pages, lines.keys))
    keys, page = lines.keys[order], lines.pages[order]
    new_key, new_page = np.ones((2, len(keys)), np.bool_)
    new_key[1:] = keys[1:] != keys[:-1]
    new_page[1:] = new_key[1:] | (page[1:] != page[:-1])
    group = np.cumsum(new_key) - 1
    seen = np.bincount(group, new_page)[group]
    tokens = lines.tokens[order]
    alone = np.bincount(page, tokens * (seen == 1), len(copies))
    own_page = alone >= own_share * np.bincount(page, tokens, len(copies))
    found = np.empty((3, len(keys)))
    found[0, order] = np.bincount(group, new_page * copies[page])[group]
    found[1, order] = seen
    found[2, order] = np.bincount(group, new_page & own_page[page])[group]
    return _Seen(*found)
