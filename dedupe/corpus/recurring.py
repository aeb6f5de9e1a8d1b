"""Lines that recur: a publisher's menus, appeals and notes about authors, and lines shared by otherwise different
texts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.stretches import Stretches
from dedupe.corpus.tokenstore import TokenStore
from dedupe.params import Params
from dedupe.text.lines import FACTOR


@dataclass(frozen=True, slots=True)
class Pages:
    """Texts as publishers printed them; p pages, each text once per publisher."""

    texts: NDArray[np.int64]  # (p,), places in the table
    publishers: NDArray[np.int64]  # (p,), a number for each
    copies: NDArray[np.int64]  # (p,), articles of that publisher with that text


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of all pages that may stand elsewhere too; most lines stand nowhere else, and are only counted."""

    pages: NDArray[np.int32]  # (l,)
    places: NDArray[np.int32]  # (l,), in the table
    keys: NDArray[np.uint64]  # (l,), of publisher and line
    tokens: NDArray[np.int32]  # (l,)
    whole: NDArray[np.float64]  # (p,), tokens of each page
    alone: NDArray[np.float64]  # (p,), those of them in lines left out here


@dataclass(frozen=True, slots=True)
class _Seen:
    """The occurrences of each line, shape (l,)."""

    articles: NDArray[np.float64]  # articles with it
    pages: NDArray[np.float64]  # pages with it
    own_pages: NDArray[np.float64]  # those of them of which enough stands on no other page


def find_printed_often(table: TokenStore, pages: Pages, params: Params) -> Stretches:
    """The lines that one publisher prints again and again.

    A long line counts only on pages that are mostly their own, because three versions of one story share their
    paragraphs too, and those are narrative; unless it stands in dozens of articles.
    """
    lines = _lines_of(table, pages)
    seen = _count(lines, pages.copies, 0.5)
    often = np.where(lines.tokens < params.recurring_free_words, seen.pages, seen.own_pages) >= params.recurring_pages
    return _distinct(table, lines, pages.texts, often | (seen.articles >= params.recurring_always))


def find_common(table: TokenStore, params: Params) -> Stretches:
    """The lines that texts share which are otherwise their own, whoever printed them: background, legal notices,
    requests for consent.
    """
    count = len(table)
    pages = Pages(np.arange(count), np.zeros(count, np.int64), np.ones(count, np.int64))
    lines = _lines_of(table, pages)
    seen = _count(lines, pages.copies, params.common_own)
    return _distinct(table, lines, pages.texts, seen.own_pages >= params.common_pages)


def is_boilerplate(table: TokenStore, often: Stretches, params: Params) -> NDArray[np.bool_]:
    """Whether nearly all of a text is what `find_printed_often` found, shape (texts,); a consent page is."""
    recurring = np.bincount(often.texts, often.sizes, len(table))
    mostly: NDArray[np.bool_] = recurring >= params.boilerplate_share * np.maximum(table.sizes, 1)
    return mostly


def _distinct(table: TokenStore, lines: _Lines, texts: NDArray[np.int64], chosen: NDArray[np.bool_]) -> Stretches:
    """The *chosen* lines that have words, each once though several publishers printed its text."""
    found = np.flatnonzero(chosen & (lines.tokens > 0))
    places, first = np.unique(lines.places[found], return_index=True)
    owners = texts[lines.pages[found[first]]]
    order = np.argsort(owners, kind="stable")
    owners, places = owners[order], places[order]
    before = np.cumsum(table.line_tokens, dtype=np.int64) - table.line_tokens  # tokens of all lines before each
    return Stretches(owners, before[places] - before[table.line_starts[owners]], table.line_tokens[places])


def _lines_of(table: TokenStore, printed: Pages) -> _Lines:
    sizes = table.line_sizes[printed.texts]
    pages = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    places = np.arange(len(pages), dtype=np.int32)
    places += np.repeat((table.line_starts[printed.texts] - np.cumsum(sizes) + sizes).astype(np.int32), sizes)
    names = (printed.publishers + 1).astype(np.uint64) * np.uint64(FACTOR)
    keys = table.line_keys[places] ^ names[pages]
    tokens = table.line_tokens[places]
    whole: NDArray[np.float64] = np.bincount(pages, tokens, len(sizes))  # type: ignore[assignment]
    kept = _occur_twice(keys) | (printed.copies > 1)[pages]
    alone = whole - np.bincount(pages[kept], tokens[kept], len(sizes))
    return _Lines(pages[kept], places[kept], keys[kept], tokens[kept], whole, alone)


def _occur_twice(keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether each key occurs again, shape (l,). Values are sorted, not places: a window of a million has nine million
    lines, few of them twice, and a table of their low bits leaves few keys to look up.
    """
    ordered = np.sort(keys)
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    mask = np.uint64((1 << (8 * len(repeated)).bit_length()) - 1)
    table = np.zeros(int(mask) + 1, np.bool_)
    table[repeated & mask] = True
    found: NDArray[np.bool_] = table[keys & mask]
    places = np.flatnonzero(found)
    if len(places):
        found[places] = repeated[np.minimum(np.searchsorted(repeated, keys[places]), len(repeated) - 1)] == keys[places]
    return found


def _count(lines: _Lines, copies: NDArray[np.int64], own_share: float) -> _Seen:
    """Counts each line over its pages; a page is its own if *own_share* of its tokens stands on no other page."""
    order = np.lexsort((lines.pages, lines.keys))
    keys, page = lines.keys[order], lines.pages[order]
    new_key, new_page = np.ones((2, len(keys)), np.bool_)
    new_key[1:] = keys[1:] != keys[:-1]
    new_page[1:] = new_key[1:] | (page[1:] != page[:-1])
    group = np.cumsum(new_key) - 1
    seen = np.bincount(group, new_page)[group]
    alone = lines.alone + np.bincount(page, lines.tokens[order] * (seen == 1), len(lines.whole))
    own_page = alone >= own_share * lines.whole
    found = np.empty((3, len(keys)))
    found[0, order] = np.bincount(group, new_page * copies[page])[group]
    found[1, order] = seen
    found[2, order] = np.bincount(group, new_page & own_page[page])[group]
    return _Seen(*found)
