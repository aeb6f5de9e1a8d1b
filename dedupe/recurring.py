"""Lines that recur on a publisher's pages: menus, appeals, notes about the author."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
class _Lines:
    """Every line of every page; a page is a text as one publisher printed it."""

    pages: NDArray[np.int64]
    keys: NDArray[np.uint64]  # of publisher and line
    tokens: NDArray[np.int32]
    places: NDArray[np.int64]  # in the table
    texts: NDArray[np.int64]


def flag_recurring(table: TextTable, printed: Sequence[tuple[int, str]], params: Params) -> NDArray[np.uint8]:
    """The flags of *table* with RECURRING added: a copy, or the very flags if no line recurs.

    *printed*: (text, publisher) for every publisher that printed a text. A long line counts only on pages that are
    mostly their own: three versions of one story share their paragraphs too, and those are narrative.
    """
    lines = _printed_lines(table, printed)
    places, texts = _distinct(lines, _is_frequent(lines, len(printed), params))
    if not len(places):
        return table.flags
    flags = table.flags.copy()
    ends = np.cumsum(table.line_tokens, dtype=np.int64)
    before = ends - table.line_tokens  # tokens of all lines before each
    starts = table.starts[texts] + before[places] - before[table.line_starts[texts]]
    for start, size in zip(starts.tolist(), table.line_tokens[places].tolist(), strict=True):
        flags[start : start + size] |= RECURRING
    return flags


def _distinct(lines: _Lines, chosen: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(place, text) of the *chosen* lines, each once though several publishers printed its text."""
    places, first = np.unique(lines.places[chosen], return_index=True)
    return places, lines.texts[chosen][first]


def _printed_lines(table: TextTable, printed: Sequence[tuple[int, str]]) -> _Lines:
    texts = np.array([text for text, _ in printed], np.int64)
    names: dict[str, int] = {}
    publishers = np.array([names.setdefault(name, len(names)) for _, name in printed], np.uint64)
    sizes = table.line_sizes[texts] if len(texts) else np.empty(0, np.int32)
    pages = np.repeat(np.arange(len(texts)), sizes)
    first = np.cumsum(sizes, dtype=np.int64) - sizes
    places = np.arange(len(pages)) - first[pages] + table.line_starts[texts][pages]
    keys = table.line_keys[places] ^ (publishers[pages] + np.uint64(1)) * np.uint64(FACTOR)
    return _Lines(pages, keys, table.line_tokens[places], places, texts[pages])


def _is_frequent(lines: _Lines, pages: int, params: Params) -> NDArray[np.bool_]:
    """Whether each line recurs."""
    order = np.lexsort((lines.pages, lines.keys))
    keys, page = lines.keys[order], lines.pages[order]
    new_key, new_page = np.ones((2, len(keys)), np.bool_)
    new_key[1:] = keys[1:] != keys[:-1]
    new_page[1:] = new_key[1:] | (page[1:] != page[:-1])
    group = np.cumsum(new_key) - 1
    seen = np.bincount(group, new_page)[group]
    tokens = lines.tokens[order]
    alone = np.bincount(page, tokens * (seen == 1), pages)
    own_page = 2 * alone >= np.bincount(page, tokens, pages)  # at least half of it stands on no other page
    own = np.bincount(group, new_page & own_page[page])[group]
    frequent = np.empty(len(keys), np.bool_)
    pages_with = np.where(tokens < params.recurring_free_words, seen, own)
    frequent[order] = (pages_with >= params.recurring_pages) & (tokens > 0)
    return frequent
