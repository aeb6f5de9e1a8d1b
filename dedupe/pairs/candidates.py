"""Candidates: pairs of texts that share enough sampled 4-grams to be worth a look.

An equality join. Per hash every text is joined with the first 64 that have it: that is bounded, depends on the set
alone, and finds the 65th copy too, which dropping frequent hashes would lose (docs/decisions/candidates.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.shingles import Hashes
from dedupe.params import Params

EMISSIONS = 4_000_000  # pairs counted at a time: 32 MB

Pairs = NDArray[np.int64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Candidates:
    """k candidate pairs among u texts."""

    pairs: Pairs  # (k, 2), left < right, sorted
    shared: Counts  # (k,): hashes that both have, among the first `posting_cap` texts that have each
    crowded: NDArray[np.bool_]  # (u,): so much of it stands in `posting_cap` earlier texts that further ones are unseen

    def of(self, wanted: NDArray[np.bool_]) -> Candidates:
        """Those of which at least one text is *wanted*, bool (u,)."""
        kept = wanted[self.pairs].any(axis=1)
        return Candidates(self.pairs[kept], self.shared[kept], self.crowded)


def is_crowded(behind: Counts, sizes: Counts, params: Params) -> NDArray[np.bool_]:
    """Whether *behind*, the hashes of each text that `posting_cap` earlier ones have, are many of its *sizes*."""
    found: NDArray[np.bool_] = (sizes > 0) & (behind >= np.maximum(params.crowd_share * sizes, 1))
    return found


def find_candidates(sketches: Sequence[Hashes], params: Params) -> Candidates:
    """The candidate pairs of texts that come in the order (date, published_at with null last, id)."""
    sizes = np.array([len(own) for own in sketches], np.int64)
    texts, firsts, ranks = _postings(sketches, sizes, params.posting_cap)
    found = [np.empty((0, 3), np.int64)]
    emitted = np.concatenate(([0], np.cumsum(ranks[1])))
    for low, high in _blocks(texts, emitted):
        found.append(_count_block(texts[low:high], firsts[low:high], ranks[1][low:high], ranks[0], sizes, params))
    rows = np.concatenate(found)
    rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
    behind = np.bincount(texts[ranks[1] == params.posting_cap], minlength=len(sizes))
    return Candidates(np.ascontiguousarray(rows[:, :2]), rows[:, 2], is_crowded(behind, sizes, params))


def _postings(
    sketches: Sequence[Hashes], sizes: NDArray[np.int64], cap: int
) -> tuple[NDArray[np.int32], NDArray[np.int64], tuple[NDArray[np.int32], NDArray[np.int64]]]:
    """Entries (text, hash) by text:
    the text, where its hash's list begins, and (all lists, how many of the list come before it, capped).
    """
    hashes = np.concatenate([*sketches, np.empty(0, np.uint64)])
    owners = np.repeat(np.arange(len(sketches), dtype=np.int32), sizes)
    order = np.argsort(hashes, kind="stable")  # stable: texts stay in order within a hash
    hashes, listed = hashes[order], owners[order]
    new = np.concatenate(([True], hashes[1:] != hashes[:-1])) if len(hashes) else np.empty(0, np.bool_)
    firsts = np.flatnonzero(new)[np.cumsum(new) - 1] if len(hashes) else np.empty(0, np.int64)
    ranks = np.minimum(np.arange(len(hashes)) - firsts, cap)
    joined = ranks > 0
    by_text = np.argsort(listed[joined], kind="stable")
    return listed[joined][by_text], firsts[joined][by_text], (listed, ranks[joined][by_text])


def _blocks(texts: NDArray[np.int32], emitted: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Cuts the entries between texts, so that a block emits few enough pairs."""
    blocks: list[tuple[int, int]] = []
    low = 0
    while low < len(texts):
        high = int(np.searchsorted(emitted, emitted[low] + EMISSIONS))
        high = max(high, low + 1)
        if high < len(texts):
            cut = int(np.searchsorted(texts, texts[high]))
            high = cut if cut > low else int(np.searchsorted(texts, texts[high], side="right"))
        high = min(high, len(texts))
        blocks.append((low, high))
        low = high
    return blocks


def _count_block(
    texts: NDArray[np.int32],
    firsts: NDArray[np.int64],
    ranks: NDArray[np.int64],
    listed: NDArray[np.int32],
    sizes: NDArray[np.int64],
    params: Params,
) -> Pairs:
    """Rows (left, right, shared hashes): the pairs whose later text lies in the block, and that share enough."""
    total = int(ranks.sum())
    if not total:
        return np.empty((0, 3), np.int64)
    begins = np.cumsum(ranks) - ranks
    places = np.arange(total) - np.repeat(begins - firsts, ranks)
    codes = np.sort(np.repeat(texts.astype(np.int64), ranks) * len(sizes) + listed[places])
    new = np.flatnonzero(np.concatenate(([True], codes[1:] != codes[:-1])))
    shared = np.diff(np.concatenate((new, [total])))
    right, left = np.divmod(codes[new], len(sizes))
    enough = (shared >= params.candidate_shared) & (
        shared >= params.candidate_share * np.sqrt(sizes[left] * sizes[right])
    )
    return np.stack((left[enough], right[enough], shared[enough]), axis=1)
