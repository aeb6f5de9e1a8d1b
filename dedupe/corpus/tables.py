"""Many texts, read into columns: all that comparing them needs. The texts themselves are asked again only for the
places of what they share.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.stretches import Stretches

Tokens = NDArray[np.uint32]
Flags = NDArray[np.uint8]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class TextRow:
    """One text: n tokens, m lines."""

    tokens: Tokens  # (n,)
    flags: Flags  # (n,), bits of `flags`
    words: int
    line_keys: NDArray[np.uint64]  # (m,)
    line_tokens: NDArray[np.int32]  # (m,), tokens of each line

    def copied(self) -> TextRow:
        """The same, apart from the table that it is a view of."""
        return TextRow(
            self.tokens.copy(), self.flags.copy(), self.words, self.line_keys.copy(), self.line_tokens.copy()
        )


@dataclass(frozen=True, slots=True)
class TextTable:
    """n texts of N tokens and L lines in all.

    Text i is tokens[starts[i] : starts[i] + sizes[i]], so that a choice of texts shares the tokens of the whole.
    """

    tokens: Tokens  # (N,): 22 bits of the stem's hash, 10 of the word's
    flags: Flags  # (N,)
    starts: NDArray[np.int64]  # (n,)
    sizes: NDArray[np.int32]  # (n,), tokens
    words: NDArray[np.int32]  # (n,), words: tokens of scripts without spaces count half
    line_keys: NDArray[np.uint64]  # (L,)
    line_tokens: NDArray[np.int32]  # (L,), tokens of each line
    line_starts: NDArray[np.int64]  # (n,)
    line_sizes: NDArray[np.int32]  # (n,), lines

    def __len__(self) -> int:
        return len(self.sizes)

    def row(self, number: int) -> TextRow:
        """One text, as views."""
        tokens = slice(self.starts[number], self.starts[number] + self.sizes[number])
        lines = slice(self.line_starts[number], self.line_starts[number] + self.line_sizes[number])
        return TextRow(
            self.tokens[tokens], self.flags[tokens], int(self.words[number]), self.line_keys[lines],
            self.line_tokens[lines],
        )  # fmt: skip

    def take(self, numbers: NDArray[np.int64]) -> TextTable:
        """`TokenStore.take`; nothing is copied but the places."""
        return TextTable(
            self.tokens, self.flags, self.starts[numbers], self.sizes[numbers], self.words[numbers],
            self.line_keys, self.line_tokens, self.line_starts[numbers], self.line_sizes[numbers],
        )  # fmt: skip

    gather = take

    def flagged(self, stretches: Stretches, flag: int) -> TextTable:
        """`TokenStore.flagged`: the flags are copied."""
        flags = self.flags.copy()
        flags[stretches.tokens(self.starts)] |= flag
        return replace(self, flags=flags)

    def straightened(self) -> TextTable:
        """The same texts, one behind the other, and nothing else: a choice of texts has gaps, and another order."""
        straight = all(
            np.array_equal(starts, offsets(sizes)) and len(values) == sizes.sum()
            for starts, sizes, values in (
                (self.starts, self.sizes, self.tokens),
                (self.line_starts, self.line_sizes, self.line_keys),
            )
        )
        return self if straight else tabulate(self.row(number) for number in range(len(self)))

    def content_hashes(self) -> Iterator[str]:
        """Of each text 32 hex digits of its folded words in their order: case, blanks and punctuation do not count."""
        data = self.tokens.astype("<u4", copy=False).view(np.uint8).data
        for start, size in zip((4 * self.starts).tolist(), (4 * self.sizes).tolist(), strict=True):
            yield hashlib.blake2b(data[start : start + size], digest_size=16).hexdigest()


def tabulate(rows: Iterable[TextRow]) -> TextTable:
    """Rows, one behind the other."""
    kept = list(rows)
    sizes = np.array([len(row.tokens) for row in kept], np.int32)
    line_sizes = np.array([len(row.line_keys) for row in kept], np.int32)
    return TextTable(
        np.concatenate([*(row.tokens for row in kept), np.empty(0, np.uint32)]),
        np.concatenate([*(row.flags for row in kept), np.empty(0, np.uint8)]),
        offsets(sizes), sizes,
        np.array([row.words for row in kept], np.int32),
        np.concatenate([*(row.line_keys for row in kept), np.empty(0, np.uint64)]),
        np.concatenate([*(row.line_tokens for row in kept), np.empty(0, np.int32)]),
        offsets(line_sizes), line_sizes,
    )  # fmt: skip


def join(tables: Sequence[TextTable]) -> TextTable:
    """The texts of several tables, one table behind the other."""
    tokens = np.cumsum([0, *(len(table.tokens) for table in tables)])
    lines = np.cumsum([0, *(len(table.line_keys) for table in tables)])
    columns = {name: [getattr(table, name) for table in tables] for name in TextTable.__dataclass_fields__}
    columns["starts"] = [own + first for own, first in zip(columns["starts"], tokens, strict=False)]
    columns["line_starts"] = [own + first for own, first in zip(columns["line_starts"], lines, strict=False)]
    return TextTable(**{name: np.concatenate(parts) for name, parts in columns.items()}) if tables else tabulate([])


def offsets(sizes: NDArray[np.int32]) -> NDArray[np.int64]:
    """Start offsets of consecutive items of these *sizes*; shape (n,)."""
    return np.cumsum(sizes, dtype=np.int64) - sizes
