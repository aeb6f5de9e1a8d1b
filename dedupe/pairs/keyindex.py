"""The keys of a whole context: which occur in more than one text, where, in which texts, and which are quoted.

Sorted once for the context, so that comparing a pair is only looking up small integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.sampling import is_quoted
from dedupe.corpus.shingles import PATTERNS, Hashes, combine
from dedupe.params import Params

RANGE_KEYS = 4_000_000  # keys sorted at a time: about 200 MB at the peak
BLOCK_TOKENS = 500_000  # tokens whose keys are computed at a time


@dataclass(frozen=True, slots=True)
class TextKeys:
    """The shared keys of one text of n tokens, in the order of their slots."""

    size: int  # n
    plain: int  # how many of the keys are plain 4-grams: they come first
    slots: NDArray[np.int32]  # pattern · n + token
    numbers: NDArray[np.int32]  # 1..k

    def plain_row(self, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The numbers of the *chosen* plain keys at their tokens, else 0; shape (n,)."""
        row = np.zeros(self.size, np.int64)
        row[self.slots[: self.plain][chosen]] = self.numbers[: self.plain][chosen]
        return row


@dataclass(frozen=True, slots=True)
class KeyIndex:
    """Numbers 1..k for the keys that at least two texts have; 0 stands for no such key."""

    texts: list[TextKeys]
    first: NDArray[np.int64]  # (k + 2,): the texts of key x are posting[first[x]:first[x + 1]]
    posting: NDArray[np.int32]  # texts in order, at most `background_cap` per key
    quoted: NDArray[np.bool_]  # (k + 1,): some text of the context shows this 4-gram as a quotation


@dataclass(frozen=True, slots=True)
class Entries:
    """Occurrences of keys."""

    keys: Hashes
    texts: NDArray[np.int32]
    places: NDArray[np.int64]  # pattern · T + token, T tokens in all


def index_keys(hashes: Sequence[Hashes], flags: Sequence[NDArray[np.uint8]], params: Params) -> KeyIndex:
    """Builds the index over the token *hashes* and quotation *flags* of all texts of the context, in their order."""
    sizes = np.array([len(own) for own in hashes], np.int64)
    tokens = np.concatenate([*hashes, np.empty(0, np.uint64)])
    owners = np.repeat(np.arange(len(hashes), dtype=np.int32), sizes)
    ranges = 1 + 4 * len(tokens) // RANGE_KEYS
    numbers = np.zeros(4 * len(tokens), np.int32)
    lengths, postings, count = [np.zeros(1, np.int64)], [np.empty(0, np.int32)], 0
    for number in range(ranges):
        found, shared = _number(_collect(tokens, owners, sizes, number, ranges))
        numbers[found.places] = found.keys + np.uint64(count)
        length, posting = _post(found, shared, params.background_cap)
        count += shared
        lengths.append(length)
        postings.append(posting)
    first = np.concatenate(([0], np.cumsum(np.concatenate(lengths))))
    texts = _split(numbers.reshape(4, -1), sizes)
    return KeyIndex(texts, first, np.concatenate(postings), _quoted(texts, flags, count, params.transfer_tokens))


def _collect(tokens: Hashes, owners: NDArray[np.int32], sizes: NDArray[np.int64], number: int, ranges: int) -> Entries:
    """All keys of one range of the key space; keys never reach from one text into the next."""
    width = (1 << 63) // ranges + 1
    low, high = np.uint64(number * width), np.uint64(min((number + 1) * width, 1 << 63))
    ends = np.cumsum(sizes)
    keys, places = [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
    for begin in range(0, len(tokens), BLOCK_TOKENS):
        block = tokens[begin : begin + BLOCK_TOKENS + 4]
        room = ends[owners[begin : begin + BLOCK_TOKENS]] - np.arange(begin, min(begin + BLOCK_TOKENS, len(tokens)))
        for row, pattern in enumerate(PATTERNS):
            own = combine(block, pattern)[:BLOCK_TOKENS]
            chosen = np.flatnonzero((own >= low) & (own < high) & (room[: len(own)] > pattern[-1]))
            keys.append(own[chosen])
            places.append(chosen + (row * len(tokens) + begin))
    placed = np.concatenate(places)
    return Entries(np.concatenate(keys), owners[placed % max(len(tokens), 1)], placed)


def _number(entries: Entries) -> tuple[Entries, int]:
    """The entries whose key at least two texts have, with the key replaced by its number from 1, and how many such
    keys there are.
    """
    order = np.argsort(entries.keys)
    keys, texts = entries.keys[order], entries.texts[order]
    if not len(keys):
        return entries, 0
    new = np.concatenate(([True], keys[1:] != keys[:-1]))
    starts = np.flatnonzero(new)
    shared = np.maximum.reduceat(texts, starts) != np.minimum.reduceat(texts, starts)
    numbers = np.repeat(np.where(shared, np.cumsum(shared), 0), np.diff(np.concatenate((starts, [len(keys)]))))
    kept = numbers > 0
    return Entries(numbers[kept].astype(np.uint64), texts[kept], entries.places[order[kept]]), int(shared.sum())


def _post(entries: Entries, count: int, cap: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Posting lists of the keys 1..count: (length of each, texts in order, each once, at most *cap*)."""
    codes = np.sort(entries.keys.astype(np.int64) << np.int64(32) | entries.texts)
    codes = codes[np.concatenate(([True], codes[1:] != codes[:-1]))] if len(codes) else codes
    owner = codes >> np.int64(32)
    first = np.searchsorted(owner, np.arange(1, count + 1))
    kept = np.arange(len(codes)) - first[owner - 1] < cap if len(codes) else np.empty(0, np.bool_)
    return np.bincount(owner[kept], minlength=count + 1)[1:], (codes[kept] & np.int64(0xFFFFFFFF)).astype(np.int32)


def _split(numbers: NDArray[np.int32], sizes: NDArray[np.int64]) -> list[TextKeys]:
    """Cuts the numbers of all tokens, shape (4, T), into texts, and keeps the keys that are there."""
    texts = []
    end = 0
    for size in sizes.tolist():
        own = numbers[:, end : end + size].ravel()
        slots = np.flatnonzero(own).astype(np.int32)
        texts.append(TextKeys(size, int(np.searchsorted(slots, size)), slots, own[slots]))
        end += size
    return texts


def _quoted(
    texts: Sequence[TextKeys], flags: Sequence[NDArray[np.uint8]], count: int, longest: int
) -> NDArray[np.bool_]:
    """Which keys some text shows as a quotation: a passage quoted once is a quotation in all texts of the context."""
    quoted = np.zeros(count + 1, np.bool_)
    for text, marks in zip(texts, flags, strict=True):
        inside = is_quoted(marks, longest)
        quoted[text.numbers[: text.plain][inside[text.slots[: text.plain]]]] = True
    return quoted
