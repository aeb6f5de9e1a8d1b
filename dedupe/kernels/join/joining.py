"""Candidates by compiled code, equal to `dedupe.pairs.candidates.find_candidates`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.shingles import sorted_unique
from dedupe.corpus.tables import TextTable
from dedupe.corpus.tokenstore import TokenStore
from dedupe.kernels.join import postings
from dedupe.kernels.lib import blocks, keysets
from dedupe.kernels.lib.filters import ALL, empty_filter, fill_filter
from dedupe.kernels.lib.keys import KEY_BITS
from dedupe.pairs.candidates import Candidates, is_crowded
from dedupe.params import Params

RANGE_KEYS = 12_000_000  # hashes per range of the key space: a range in work costs about 40 bytes for each
BIN_BITS = 8  # ranges are made of bins
BIN_SHIFT = KEY_BITS - BIN_BITS

Bools = NDArray[np.bool_]
Sizes = NDArray[np.int32]
Numbers = NDArray[np.int64]
Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Postings:
    """Posting lists of all ranges, and for each text the lists that it joins."""

    firsts: Numbers  # (ranges, texts + 1): the entries of a text in `places`
    places: NDArray[np.uint32]  # where an entry's list begins, from the base of its range
    bases: Numbers  # (ranges,), places in `lists`
    lists: Sizes


@dataclass(frozen=True, slots=True)
class Pieces:
    """Hashes piece by piece of the key space, each with its place among the hashes as they were collected."""

    keys: Hashes
    entries: Sizes
    firsts: Numbers  # (pieces + 1,)


class Join:
    """The join of the texts of one context."""

    def __init__(self, token_store: TokenStore, params: Params) -> None:
        self.token_store, self.params = token_store, params
        self.limit = np.uint64((1 << KEY_BITS) // params.sketch_rate)

    def candidates(self, wanted: Bools) -> Candidates:
        """Candidates of which at least one text is *wanted*."""
        if 4 * np.count_nonzero(wanted) >= len(wanted):
            return self._all.of(wanted)
        lists = self._post_hits(*self._hits(wanted))
        sizes = np.zeros(len(wanted), np.int32)
        near = np.zeros(len(wanted), np.bool_)
        near[self._count(wanted, lists, sizes).pairs] = True  # of no size: whatever they share of it is enough
        sizes[near] = self._sizes(np.flatnonzero(near))
        return self._count(wanted, lists, sizes)

    @cached_property
    def _all(self) -> Candidates:
        """All candidates."""
        return self._count(np.ones(len(self.token_store), np.bool_), *self._post_all())

    def _texts(self, table: TextTable) -> tuple[object, ...]:
        """The columns of some texts, as each kernel reads them."""
        return table.tokens, table.starts, table.sizes, table.words, self.params.whole_sketch_words, self.limit

    def _sizes(self, texts: Numbers) -> Sizes:
        """Distinct hashes of the sketches of *texts*, in their order."""
        parts = blocks.run(
            lambda block: postings.count_distinct(*self._texts(self.token_store.gather(texts[slice(*block)]))),
            blocks.cut(len(texts)),
        )
        return np.concatenate([*parts, np.empty(0, np.int32)])

    def _count(self, wanted: Bools, found: Postings, sizes: Sizes) -> Candidates:
        """The pairs that share enough."""
        flags, behind = wanted.view(np.uint8), np.zeros(len(sizes), np.int32)
        least, share = self.params.candidate_shared, self.params.candidate_share
        cap = self.params.posting_cap
        parts = blocks.run(
            lambda block: postings.count_pairs(
                sizes, found.firsts, found.places, found.bases, found.lists, flags, least, share, cap, *block, behind
            ),
            blocks.cut(len(sizes)),
        )
        rows = np.concatenate([*parts, np.empty((0, 3), np.int64)])
        rows = rows[np.argsort(rows[:, 0] * len(sizes) + rows[:, 1])]
        crowded = is_crowded(behind.astype(np.int64), sizes.astype(np.int64), self.params)
        return Candidates(np.ascontiguousarray(rows[:, :2]), rows[:, 2], crowded)

    def _hits(self, wanted: Bools) -> tuple[Hashes, Sizes]:
        """The hashes that the sketches of *wanted* texts hold, wherever they stand, with the texts that hold them."""
        own, _ = self._sift(np.flatnonzero(wanted), ALL)
        own = sorted_unique(own)
        words = empty_filter(len(own))
        fill_filter(own, words)
        held = keysets.empty_set(len(own))
        keysets.put_keys(own, held)
        return self._sift(np.arange(len(wanted)), words, held)

    def _sift(self, texts: Numbers, words: Hashes, held: Hashes | None = None) -> tuple[Hashes, Sizes]:
        """The hashes of *texts* that pass a filter and are *held*, and whose they are: text k of them is number k."""

        def sift(block: tuple[int, int]) -> tuple[Hashes, Sizes]:
            table = self.token_store.gather(texts[slice(*block)])
            keys, owners = postings.sift(*self._texts(table), words, block[0])
            kept = slice(None) if held is None else keysets.among(keys, held)
            return keys[kept], owners[kept]

        parts = blocks.run(sift, blocks.cut(len(texts)))
        keys, owners = zip(*parts, strict=True) if parts else ((), ())
        return np.concatenate([*keys, np.empty(0, np.uint64)]), np.concatenate([*owners, np.empty(0, np.int32)])

    def _post_hits(self, keys: Hashes, owners: Sizes) -> Postings:
        """Postings of a few hashes, text after text."""
        count = len(self.token_store)
        firsts, places = np.empty((1, count + 1), np.int64), np.empty(len(keys), np.uint32)
        lists = np.empty(len(keys) * 3 // 2 + 1, np.int32)
        ends = np.concatenate(([0], np.cumsum(np.bincount(owners, minlength=count))))
        self._post(_spread(keys, (0, 1 << KEY_BITS)), owners, ends, (firsts[0], places, 0, lists))
        return Postings(firsts, places, np.zeros(1, np.int64), lists)

    def _post_all(self) -> tuple[Postings, Sizes]:
        """Postings of all hashes, range by range, and the distinct hashes of each text."""
        cut = blocks.cut(len(self.token_store))
        counts = np.sum([np.zeros(1 << BIN_BITS, np.int64), *blocks.run(self._count_block, cut)], axis=0)
        edges = _cut_ranges(counts)
        ends = np.concatenate(([0], np.cumsum(counts)))[edges]
        firsts = np.empty((len(edges) - 1, len(self.token_store) + 1), np.int64)
        places = np.empty(int(ends[-1]), np.uint32)  # too long, but untouched pages cost no memory
        lists = np.empty(int(ends[-1]) * 3 // 2 + 1, np.int32)
        list_bases = ends[:-1] * 3 // 2
        distinct = blocks.run(
            lambda number: self._post_range(
                (int(edges[number]) << BIN_SHIFT, int(edges[number + 1]) << BIN_SHIFT),
                int(ends[number + 1] - ends[number]),
                (firsts[number], places, int(ends[number]), lists[list_bases[number] :]),
            ),
            range(len(edges) - 1),
        )
        return Postings(firsts, places, list_bases, lists), np.sum(distinct, axis=0, dtype=np.int32)

    def _blocks(self) -> Iterator[tuple[int, TextTable]]:
        """All texts, some thousand at a time, each time with the number of the first."""
        for low, high in blocks.cut(len(self.token_store)):
            yield low, self.token_store.gather(np.arange(low, high))

    def _count_block(self, block: tuple[int, int]) -> Numbers:
        """Hashes of a block of texts in each bin."""
        counts = np.zeros(1 << BIN_BITS, np.int64)
        postings.count_sampled(*self._texts(self.token_store.gather(np.arange(*block))), BIN_BITS, counts)
        return counts

    def _post_range(
        self, span: tuple[int, int], count: int, found: tuple[Numbers, NDArray[np.uint32], int, Sizes]
    ) -> Sizes:
        """Fills (firsts, places, base, lists) of one range, that of the *count* hashes from span[0] to span[1]."""
        keys, owners = np.empty(count + 1, np.uint64), np.empty(count + 1, np.int32)
        firsts = np.zeros(len(self.token_store) + 1, np.int64)
        used = 0
        for first, table in self._blocks():
            used = postings.collect(*self._texts(table), *span, first, used, keys, owners, firsts)
        pieces = _spread(keys[:count], span)
        del keys  # 100 MB, while the postings are made
        return self._post(pieces, owners[:count], firsts, found)

    def _post(
        self, pieces: Pieces, owners: Sizes, firsts: Numbers, found: tuple[Numbers, NDArray[np.uint32], int, Sizes]
    ) -> Sizes:
        """Fills (firsts, places, base, lists); how many of these hashes each text has, each counted once."""
        own_places, distinct = np.zeros(len(owners), np.uint32), np.empty(len(firsts) - 1, np.int32)
        packed_firsts, packed, base, lists = found
        postings.post(pieces.keys, pieces.entries, pieces.firsts, owners, self.params.posting_cap, own_places, lists)
        postings.pack(own_places, firsts, base, packed, packed_firsts, distinct)
        return distinct


def _cut_ranges(counts: Numbers) -> Numbers:
    """Edges of ranges of bins that hold about RANGE_KEYS hashes each; *counts*: those of each bin.

    Of unequal width: the upper half of the key space holds none but those of short texts.
    """
    sums = np.cumsum(counts)
    ranges = max(-(-int(sums[-1]) // RANGE_KEYS), 1)
    inner = np.searchsorted(sums, sums[-1] * np.arange(1, ranges) // ranges) + 1
    return np.unique(np.concatenate(([0], inner, [len(counts)])))


def _spread(keys: Hashes, span: tuple[int, int]) -> Pieces:
    """Spreads *keys*, which lie in [span[0], span[1]), over pieces of the key space."""
    low, high = span
    pieces = max(len(keys) >> postings.PIECE_BITS, 1)
    shift = (high - low - 1).bit_length() - pieces.bit_length()
    count = ((high - low - 1) >> shift) + 1
    found = Pieces(np.empty(len(keys), np.uint64), np.empty(len(keys), np.int32), np.zeros(count + 1, np.int64))
    postings.spread(keys, low, shift, found.keys, found.entries, found.firsts)
    return found
