"""Third texts of grey pairs by compiled code: which of the shared keys has a text that resembles neither?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.kernels import blocks, sharing, witnesses
from dedupe.kernels.filters import empty_filter
from dedupe.measures import Kin, Pairs
from dedupe.params import Params
from dedupe.tables import TextTable

PIECE_KEYS = 1 << 13  # asked keys of a piece of the key space: its table stays in the cache
MOST_PIECE_BITS = 16

Hashes = NDArray[np.uint64]
Numbers = NDArray[np.int64]


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


def find_common(table: TextTable, grey: Pairs, kin: Kin, params: Params) -> Common:
    """The common keys of *grey* pairs, of which no text among *kin* is a witness."""
    counts = np.zeros(len(grey), np.int64)
    cut = blocks.cut(len(grey))
    listed = blocks.run(
        lambda block: sharing.list_shared(table.tokens, table.starts, table.sizes, grey, *block, counts), cut
    )
    firsts = np.concatenate(([0], np.cumsum(counts)))
    common = np.zeros(int(firsts[-1]), np.uint8)
    if len(common):
        places, lists = _post(table, np.concatenate(listed), params.witness_cap)
        blocks.run(
            lambda block: witnesses.find_common(
                grey, firsts, places, lists, kin.first, kin.units, *block, len(table), common
            ),
            cut,
        )
    return Common(firsts, common)


def _post(table: TextTable, asked: Hashes, cap: int) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
    """Where the list of the texts that have each of the *asked* keys begins, and the lists."""
    words = empty_filter(len(asked))
    witnesses.fill_filter(asked, words)
    bits = min((len(asked) // PIECE_KEYS).bit_length(), MOST_PIECE_BITS)
    entries = _spread([(asked, np.arange(len(asked), dtype=np.int32))], bits)
    found = _spread(
        blocks.run(
            lambda block: witnesses.scan(table.tokens, table.starts, table.sizes, words, *block),
            blocks.cut(len(table)),
        ),
        bits,
    )
    places = np.empty(len(asked), np.uint32)
    lists = np.empty(len(found.keys) + len(asked) + 1, np.int32)
    blocks.run(
        lambda block: witnesses.find_lists(
            entries.keys, entries.names, entries.firsts, found.keys, found.names, found.firsts, *block, cap, places,
            lists,
        ),
        blocks.cut(1 << bits, least=1),
    )  # fmt: skip
    return places, lists


def _spread(parts: list[tuple[Hashes, NDArray[np.int32]]], bits: int) -> Spread:
    """Spreads *parts* of (keys, names), one after the other, over 2**bits pieces."""
    counts = np.zeros(1 << bits, np.int64)
    for keys, _ in parts:
        witnesses.count_pieces(keys, bits, counts)
    firsts = np.concatenate(([0], np.cumsum(counts)))
    filled = firsts[:-1].copy()
    keys_found, names_found = np.empty(int(firsts[-1]), np.uint64), np.empty(int(firsts[-1]), np.int32)
    while parts:
        keys, names = parts.pop(0)
        witnesses.spread(keys, names, bits, filled, keys_found, names_found)
    return Spread(keys_found, names_found, firsts)
