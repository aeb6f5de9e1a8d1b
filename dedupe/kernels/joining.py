"""Candidates by compiled code: what `candidates.find_candidates` finds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dedupe.kernels import blocks, postings
from dedupe.kernels.filters import ALL, empty_filter
from dedupe.measures import Pairs
from dedupe.params import Params
from dedupe.tables import TextTable

RANGE_KEYS = 8_000_000  # hashes per range of the key space: a range in work costs about 40 bytes for each
MOST_RANGE_BITS = 8

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Postings:
    """Posting lists of all ranges, and for each text the lists that it joins."""

    firsts: NDArray[np.int64]  # (ranges, texts + 1): the entries of a text in `places`
    places: NDArray[np.uint32]  # where an entry's list begins, from the base of its range
    bases: NDArray[np.int64]  # (ranges,), places in `lists`
    lists: NDArray[np.int32]


class Join:
    """The join of the texts of one context."""

    def __init__(self, table: TextTable, params: Params) -> None:
        self.table, self.params = table, params
        self.limit = np.uint64((1 << postings.KEY_BITS) // params.sketch_rate)

    @property
    def _texts(self) -> tuple[object, ...]:
        """What each kernel reads."""
        table = self.table
        return table.tokens, table.starts, table.sizes, table.words, self.params.whole_sketch_words, self.limit

    @cached_property
    def sizes(self) -> NDArray[np.int32]:
        """Distinct hashes of each sketch; int32, shape (texts,)."""
        found = np.zeros(len(self.table), np.int32)
        blocks.run(
            lambda block: postings.count_distinct(*self._texts, *block, found),
            blocks.cut(len(found)),
        )
        return found

    def pairs(self, wanted: Bools) -> Pairs:
        """Candidate pairs of which at least one text is *wanted*, sorted."""
        if 4 * np.count_nonzero(wanted) < len(wanted):
            return self._pairs(wanted, self._filter(np.flatnonzero(wanted)))
        return self._all[wanted[self._all].any(axis=1)]

    @cached_property
    def _all(self) -> Pairs:
        """All candidate pairs."""
        return self._pairs(np.ones(len(self.table), np.bool_), ALL)

    def _pairs(self, wanted: Bools, words: NDArray[np.uint64]) -> Pairs:
        found, sizes, flags = self._post(words), self.sizes, wanted.view(np.uint8)
        least, share = self.params.candidate_shared, self.params.candidate_share
        parts = blocks.run(
            lambda block: postings.count_pairs(
                sizes, found.firsts, found.places, found.bases, found.lists, flags, least, share, *block
            ),
            blocks.cut(len(sizes)),
        )
        pairs = np.concatenate([*parts, np.empty((0, 2), np.int64)])
        return pairs[np.argsort(pairs[:, 0] * len(sizes) + pairs[:, 1])]

    def _filter(self, texts: NDArray[np.int64]) -> NDArray[np.uint64]:
        """A Bloom filter of the sketches of *texts*: no other hash can be shared with them."""
        words = empty_filter(int(self.table.sizes[texts].sum()))
        postings.fill_filter(*self._texts, texts, words)
        return words

    def _post(self, words: NDArray[np.uint64]) -> Postings:
        """Postings of the hashes that pass the filter of *words*."""
        parts = blocks.run(lambda block: self._count(words, block), blocks.cut(len(self.table)))
        fine = np.sum([np.zeros(1 << MOST_RANGE_BITS, np.int64), *parts], axis=0)
        bits = min((int(fine.sum()) // RANGE_KEYS).bit_length(), MOST_RANGE_BITS)
        counts = fine.reshape(1 << bits, -1).sum(axis=1)
        ends = np.cumsum(counts)
        bases = ends - counts
        firsts = np.empty((1 << bits, len(self.table) + 1), np.int64)
        places = np.empty(int(ends[-1]), np.uint32)  # too long, but what is not touched costs no memory
        lists = np.empty(int(ends[-1]) * 3 // 2 + 1, np.int32)
        list_bases = bases * 3 // 2
        blocks.run(
            lambda number: self._post_range(
                words, bits, number, counts[number],
                (firsts[number], places, int(bases[number]), lists[list_bases[number] :]),
            ),
            range(1 << bits),
        )  # fmt: skip
        return Postings(firsts, places, list_bases, lists)

    def _count(self, words: NDArray[np.uint64], block: tuple[int, int]) -> NDArray[np.int64]:
        """Hashes of a block of texts in the finest ranges."""
        counts = np.zeros(1 << MOST_RANGE_BITS, np.int64)
        postings.count_sampled(*self._texts, words, MOST_RANGE_BITS, *block, counts)
        return counts

    def _post_range(
        self, words: NDArray[np.uint64], bits: int, number: int, count: int,
        found: tuple[NDArray[np.int64], NDArray[np.uint32], int, NDArray[np.int32]],
    ) -> None:  # fmt: skip
        """Fills (firsts, places, base, lists) of one range."""
        keys, owners = np.empty(count, np.uint64), np.empty(count, np.int32)
        firsts = np.empty(len(self.table) + 1, np.int64)
        postings.collect(*self._texts, words, bits, number, keys, owners, firsts)
        piece_bits = max(int(count) >> postings.PIECE_BITS, 1).bit_length()
        spread_keys, entries = np.empty(count, np.uint64), np.empty(count, np.int32)
        pieces = np.zeros((1 << piece_bits) + 1, np.int64)
        postings.spread(keys, bits, piece_bits, spread_keys, entries, pieces)
        del keys
        own_places = np.zeros(count, np.uint32)
        packed_firsts, packed, base, lists = found
        postings.post(spread_keys, entries, pieces, owners, self.params.posting_cap, own_places, lists)
        postings.pack(own_places, firsts, base, packed, packed_firsts)
