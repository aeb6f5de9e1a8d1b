"""Third texts of grey pairs by compiled code: which of the shared keys has a text that resembles neither?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.tokenstore import TokenStore
from dedupe.kernels.lib import blocks
from dedupe.kernels.lib.filters import empty_filter, fill_filter
from dedupe.kernels.pairs import background, sharing
from dedupe.kernels.pairs.pairtexts import PairTexts, gather_pairs
from dedupe.pairs.measures import Neighbours, Pairs
from dedupe.params import Params

PIECE_KEYS = 1 << 13  # searched keys of a piece of the key space: its table stays in the cache
MOST_PIECE_BITS = 16
GRAM_WORDS = 1 << 17  # of the filter of 2-grams: a megabyte, which stays in the second cache
KEYS_AT_ONCE = 1 << 24  # keys that the pairs asked at once share at most: with the texts that have them about 1 GB

Hashes = NDArray[np.uint64]
Numbers = NDArray[np.int64]


class Strangers(Protocol):
    """What may turn out to be kin."""

    def __call__(self, known: Neighbours, *, of_left: bool) -> Numbers:
        """The pairs, as codes, of left or right texts of grey pairs with possible witnesses against their pair, as far
        as neighbours are *known*; sorted, distinct.
        """


NeighboursOf = Callable[[Strangers], Neighbours]
"""Neighbours of the units of grey pairs: at least those that decide whether a text is a witness."""


@dataclass(frozen=True, slots=True)
class Common:
    """Which shared keys of k pairs are common language: those of pair i are common[firsts[i] : firsts[i + 1]]."""

    firsts: Numbers  # (k + 1,)
    common: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Spread:
    """Keys by piece of the key space, with what they belong to; inside a piece their order stays."""

    keys: Hashes
    names: NDArray[np.int32]
    firsts: Numbers  # (pieces + 1,)


def find_common(token_store: TokenStore, grey: Pairs, neighbours_of: NeighboursOf, params: Params) -> Common:
    """The common keys of *grey* pairs, of which no kin is a witness."""
    counts, parts = [np.zeros(1, np.int64)], [np.empty(0, np.uint8)]
    for low, high in _batches(token_store, grey):
        count, common = _find_common(token_store, grey[low:high], neighbours_of, params)
        counts.append(count)
        parts.append(common)
    return Common(np.cumsum(np.concatenate(counts)), np.concatenate(parts))


def _batches(token_store: TokenStore, grey: Pairs) -> list[tuple[int, int]]:
    """Stretches of the pairs that share at most about KEYS_AT_ONCE keys, if a pair shares a third of what it may."""
    if not len(grey):
        return []
    most = np.cumsum(token_store.sizes[grey].min(axis=1), dtype=np.int64)
    edges = np.searchsorted(most, np.arange(KEYS_AT_ONCE, most[-1], KEYS_AT_ONCE))
    return list(pairwise(sorted({0, *edges.tolist(), len(grey)})))


def _find_common(
    token_store: TokenStore, grey: Pairs, neighbours_of: NeighboursOf, params: Params
) -> tuple[Numbers, NDArray[np.uint8]]:
    """How many shared keys each pair has, and which of them are common."""
    texts, cut = gather_pairs(token_store, grey), blocks.cut(len(grey))
    parts = zip(*blocks.run(lambda block: _list_shared(texts, block), cut), strict=True)
    keys, counts, grams = np.concatenate(next(parts)), np.concatenate(next(parts)), np.bitwise_or.reduce(next(parts))
    firsts = np.concatenate(([0], np.cumsum(counts)))
    common = np.zeros(len(keys), np.uint8)
    if len(keys):
        places, lists = _post(token_store, keys, grams, params.background_cap)
        neighbours = neighbours_of(partial(_list_strangers, grey, firsts, places, lists, len(token_store)))
        blocks.run(
            lambda block: background.find_common(
                grey, firsts, places, lists, neighbours.first, neighbours.units, *block, len(token_store), common
            ),
            cut,
        )
    return counts, common


def _list_strangers(
    grey: Pairs, firsts: Numbers, places: NDArray[np.uint32], lists: NDArray[np.int32], units: int,
    known: Neighbours, *, of_left: bool,
) -> Numbers:  # fmt: skip
    """Codes (earlier · units + later) of the left, or the right, texts of *grey* pairs with each text that has a key of
    the pair and is no *known* kin of the left text (of either); sorted.
    """
    work = background.list_left_strangers if of_left else background.list_right_strangers
    parts = blocks.run(
        lambda block: work(grey, firsts, places, lists, known.first, known.units, *block, units),
        blocks.cut(len(grey)),
    )
    return np.unique(np.concatenate(parts))


def _list_shared(texts: PairTexts, block: tuple[int, int]) -> tuple[Hashes, Numbers, Hashes]:
    """The shared keys of a block of pairs, pair after pair; how many each has; a filter of their 2-grams."""
    low, high = block
    table, counts, grams = texts.table, np.empty(high - low, np.int64), np.zeros(GRAM_WORDS, np.uint64)
    keys = sharing.list_shared(table.tokens, table.starts, table.sizes, texts.pairs[low:high], counts, grams)
    return keys, counts, grams


def _post(
    token_store: TokenStore, asked: Hashes, grams: Hashes, cap: int
) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
    """Where the list of the texts that have each of the *asked* keys begins, and the lists; *grams*: a filter of their
    2-grams.
    """
    words = empty_filter(len(asked))
    fill_filter(asked, words)
    bits = min((len(asked) // PIECE_KEYS).bit_length(), MOST_PIECE_BITS)
    entries = _spread([(asked, np.arange(len(asked), dtype=np.int32))], bits)
    scanned = blocks.run(lambda block: _scan(token_store, (words, grams), block), blocks.cut(len(token_store)))
    found = _spread(scanned, bits)
    places = np.empty(len(asked), np.uint32)
    lists = np.empty(len(found.keys) + len(asked) + 1, np.int32)
    blocks.run(
        lambda block: background.find_lists(
            entries.keys,
            entries.names,
            entries.firsts,
            found.keys,
            found.names,
            found.firsts,
            *block,
            cap,
            places,
            lists,
        ),
        blocks.cut(1 << bits, least=1),
    )
    return places, lists


def _scan(
    token_store: TokenStore, filters: tuple[Hashes, Hashes], block: tuple[int, int]
) -> tuple[Hashes, NDArray[np.int32]]:
    """The keys of a block of texts that may be asked for, and whose they are."""
    table = token_store.gather(np.arange(*block))
    return background.scan(table.tokens, table.starts, table.sizes, *filters, block[0])  # type: ignore[no-any-return]


def _spread(parts: list[tuple[Hashes, NDArray[np.int32]]], bits: int) -> Spread:
    """Spreads *parts* of (keys, names), one after the other, over 2**bits pieces."""
    counts = np.zeros(1 << bits, np.int64)
    for keys, _ in parts:
        background.count_pieces(keys, bits, counts)
    firsts = np.concatenate(([0], np.cumsum(counts)))
    filled = firsts[:-1].copy()
    keys_found, names_found = np.empty(int(firsts[-1]), np.uint64), np.empty(int(firsts[-1]), np.int32)
    while parts:
        keys, names = parts.pop(0)
        background.spread(keys, names, bits, filled, keys_found, names_found)
    return Spread(keys_found, names_found, firsts)
