"""`corpus.formulas` for many texts, compiled: the texts of one publisher at a time, so that its table stays in a cache.

A first pass notes for each slot of a table which dates the 4-grams that fall there were printed on; a second lists the
few of slots with enough dates, and sorting them tells exactly.
"""

from __future__ import annotations

from functools import partial

import numba as nb
import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.formulas import Prints, frame_places, no_stretches, on_dates
from dedupe.corpus.shingles import FACTORS, PATTERNS, Hashes, sorted_unique
from dedupe.corpus.stretches import Stretches
from dedupe.corpus.tokenstore import TokenStore
from dedupe.kernels.lib import blocks, filters, keysets
from dedupe.kernels.lib.cache import kernel
from dedupe.kernels.lib.filters import passes
from dedupe.kernels.lib.keys import four_gram
from dedupe.kernels.lib.keysets import holds
from dedupe.kernels.lib.probing import grown, room
from dedupe.kernels.lib.types import I32, I64, U8, U32, U64
from dedupe.params import Params

SLOTS_PER_TOKEN = 2
MIX = np.uint64(0x9E3779B97F4A7C15)
LEAST_SLOTS = 1 << 10


def find_formulas(token_store: TokenStore, prints: Prints, params: Params) -> Stretches:
    """`formulas.find_formulas`."""
    parts = blocks.run(partial(_grams, token_store, params), prints.of_regulars(params.formula_dates))
    formulas = sorted_unique(np.concatenate([np.empty(0, np.uint64), *parts]))
    if not len(formulas):
        return no_stretches()
    known, words = _known(formulas)
    found = blocks.run(partial(_cover, token_store, known, words), blocks.cut(len(token_store)))
    texts, begins, sizes = (np.concatenate(column) for column in zip(*found, strict=True))
    return Stretches(texts.astype(np.int64), begins.astype(np.int64), sizes)


def _known(grams: Hashes) -> tuple[Hashes, NDArray[np.uint64]]:
    """A set of *grams*, and a filter of them."""
    known, words = keysets.empty_set(len(grams)), filters.empty_filter(len(grams))
    keysets.put_keys(grams, known)
    filters.fill_filter(grams, words)
    return known, words


def _grams(token_store: TokenStore, params: Params, prints: Prints) -> Hashes:
    """The formulas of one publisher."""
    table, dates = token_store.gather(prints.texts), params.formula_dates
    slots = room(SLOTS_PER_TOKEN * int(table.sizes.sum(dtype=np.int64)), LEAST_SLOTS)
    grams, bits = list_regular(table.tokens, table.starts, table.sizes, prints.bits(), dates, slots)
    printed = on_dates(grams, bits, dates)
    if not len(printed):
        return printed
    texts, begins, sizes = list_covered(table.tokens, table.starts, table.sizes, *_known(printed), 0).astype(np.int64)
    short = sizes <= params.formula_longest
    framed = np.bincount(texts[short], sizes[short], len(table)) >= params.formula_share * table.sizes
    short &= framed[texts]
    texts, begins, sizes = texts[short], begins[short], sizes[short]
    places = frame_places(table.starts[texts] + begins, sizes)
    return on_dates(_four_grams(table.tokens, places), np.repeat(prints.bits()[texts], sizes - 3), dates)


def _four_grams(tokens: NDArray[np.uint32], places: NDArray[np.int64]) -> Hashes:
    """The 4-grams that begin at *places*."""
    total = np.zeros(len(places), np.uint64)
    for place, factor in zip(PATTERNS[0], FACTORS, strict=False):
        total += tokens[places + place].astype(np.uint64) * np.uint64(factor)
    return total >> np.uint64(1)


def _cover(
    token_store: TokenStore, known: Hashes, words: NDArray[np.uint64], block: tuple[int, int]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """(text, begin, size) of the stretches of a block of texts."""
    table = token_store.gather(np.arange(*block))
    found = list_covered(table.tokens, table.starts, table.sizes, known, words, block[0])
    return found[0].copy(), found[1].copy(), found[2].copy()


@nb.njit
def _slot(key, mask):
    return np.int64((key * MIX) >> np.uint64(32)) & mask


@kernel(nb.types.Tuple((nb.uint64[::1], nb.uint8[::1]))(U32, I64, I32, U8, nb.int64, nb.int64))
def list_regular(tokens, starts, sizes, bits, dates, slots):
    """The 4-grams of texts that may have been printed on so many dates, with the bit of each print, repeats included.

    *bits*: of each text, its date. *slots*: a power of two.
    """
    seen, mask = np.zeros(slots, np.uint8), slots - 1
    for text in range(len(starts)):
        for at in range(starts[text], starts[text] + sizes[text] - 3):
            seen[_slot(four_gram(tokens, at), mask)] |= bits[text]
    for slot in range(slots):
        counted, left = 0, seen[slot]
        while left:
            left &= left - np.uint8(1)
            counted += 1
        seen[slot] = counted >= dates
    keys, dated = np.empty(4096, np.uint64), np.empty(4096, np.uint8)
    used = 0
    for text in range(len(starts)):
        if used + sizes[text] > len(keys):
            keys, dated = grown(keys, used, 2 * (used + sizes[text])), grown(dated, used, 2 * (used + sizes[text]))
        for at in range(starts[text], starts[text] + sizes[text] - 3):
            key = four_gram(tokens, at)
            keys[used], dated[used] = key, bits[text]
            used += seen[_slot(key, mask)]
    return keys[:used].copy(), dated[:used].copy()


@kernel(nb.int32[:, ::1](U32, I64, I32, U64, U64, nb.int64))
def list_covered(tokens, starts, sizes, known, words, first):
    """Stretches of the texts, numbered from *first*, that the 4-grams *known* cover: int32 (3, stretches), the text,
    where it begins and how many tokens it has. *words*: a filter of *known*.
    """
    mask = len(words) - 1
    found = np.empty((3, 1024), np.int32)
    used = 0
    for text in range(len(starts)):
        reach = 0  # tokens before it lie in the stretch that is open, if one is
        opened = False
        if used + sizes[text] + 1 > found.shape[1]:
            more = np.empty((3, 2 * (used + sizes[text] + 1)), np.int32)
            more[:, :used] = found[:, :used]
            found = more
        for at in range(sizes[text] - 3):
            key = four_gram(tokens, starts[text] + at)
            if not passes(words, mask, key) or not holds(known, key):
                continue
            if not opened or at > reach:
                if opened:
                    found[2, used] = reach - found[1, used]
                    used += 1
                found[0, used], found[1, used], opened = first + text, at, True
            reach = at + 4
        if opened:
            found[2, used] = reach - found[1, used]
            used += 1
    return found[:, :used].copy()
