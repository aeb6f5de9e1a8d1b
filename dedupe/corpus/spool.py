"""The texts of a large window out of memory while they are compared: a million are 2 GB of tokens, most of them read a
few times from front to back.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.stretches import Stretches
from dedupe.corpus.stretches import places as stretch_places
from dedupe.corpus.tables import TextTable, join, offsets
from dedupe.corpus.tokenstore import TokenStore

SPOOLED_FROM: Final = 60_000  # texts: 120 MB, and twice that while they are joined
NEAR: Final = 512  # tokens: a gap that is read over, because another call costs more
MAPPED_FROM: Final = 1 << 20  # bytes: a stretch as long is mapped instead of copied
CUT_SHORT: Final = "the texts that are compared were cut short on disk"

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Marks:
    """Stretches of tokens of the files with one more flag; m of them, ascending."""

    begins: Numbers  # (m,)
    sizes: NDArray[np.int32]  # (m,)
    flag: int


@dataclass(frozen=True, slots=True)
class SpooledTexts:
    """A `TokenStore` with tokens and flags in two unnamed files."""

    files: tuple[BinaryIO, BinaryIO]  # uint32 and uint8, text after text
    starts: Numbers  # (n,), tokens of the files before each text
    sizes: NDArray[np.int32]
    words: NDArray[np.int32]
    line_keys: NDArray[np.uint64]
    line_tokens: NDArray[np.int32]
    line_starts: Numbers
    line_sizes: NDArray[np.int32]
    marks: tuple[_Marks, ...] = ()

    def __len__(self) -> int:
        return len(self.sizes)

    def take(self, numbers: Numbers) -> SpooledTexts:
        """`TokenStore.take`; nothing is read."""
        return replace(
            self, starts=self.starts[numbers], sizes=self.sizes[numbers], words=self.words[numbers],
            line_starts=self.line_starts[numbers], line_sizes=self.line_sizes[numbers],
        )  # fmt: skip

    def flagged(self, stretches: Stretches, flag: int) -> SpooledTexts:
        """`TokenStore.flagged`: the flags are set when the texts are gathered."""
        begins = self.starts[stretches.texts] + stretches.begins
        order = np.argsort(begins)
        return replace(self, marks=(*self.marks, _Marks(begins[order], stretches.sizes[order], flag)))

    def gather(self, numbers: Numbers) -> TextTable:
        """`TokenStore.gather`. Raises OSError if the disk fails."""
        starts, ends = self.starts[numbers], self.starts[numbers] + self.sizes[numbers]
        order = np.argsort(starts, kind="stable")
        low, high = starts[order], np.maximum.accumulate(ends[order])  # an empty text may come after its neighbour
        new = np.ones(len(numbers), np.bool_)  # a text that begins a stretch of its own
        new[1:] = low[1:] > high[:-1] + NEAR
        begins, stretch = low[new], np.cumsum(new) - 1
        lasts = np.flatnonzero(np.append(new[1:], True)) if len(numbers) else np.empty(0, np.int64)
        lengths = high[lasts] - begins
        firsts = np.cumsum(lengths) - lengths
        tokens, flags = (
            _take(file, np.dtype(kind), begins, firsts, lengths)
            for file, kind in zip(self.files, (np.uint32, np.uint8), strict=True)
        )
        places = np.empty(len(numbers), np.int64)
        places[order] = low - begins[stretch] + firsts[stretch]
        for marks in self.marks:
            _mark(flags, places, starts, ends, marks)
        return TextTable(
            tokens, flags, places, self.sizes[numbers], self.words[numbers], self.line_keys, self.line_tokens,
            self.line_starts[numbers], self.line_sizes[numbers],
        )  # fmt: skip


def _take(file: BinaryIO, kind: np.dtype[Any], begins: Numbers, firsts: Numbers, lengths: Numbers) -> NDArray[Any]:
    """Stretches of a file, in values of a *kind*, as one column: one long stretch is not copied until it is changed."""
    size = kind.itemsize
    if len(lengths) == 1 and int(lengths[0]) * size >= MAPPED_FROM:
        begin = int(begins[0]) * size
        base = begin - begin % mmap.ALLOCATIONGRANULARITY
        try:
            length = begin - base + int(lengths[0]) * size
            mapped = mmap.mmap(file.fileno(), length, access=mmap.ACCESS_COPY, offset=base)
        except ValueError as error:  # the file is shorter
            raise OSError(CUT_SHORT) from error
        return np.frombuffer(mapped, kind, int(lengths[0]), begin - base)
    column = np.empty(int(lengths.sum()), kind)
    room = column.view(np.uint8).data
    for begin, first, length in zip((begins * size).tolist(), (firsts * size).tolist(), (lengths * size).tolist(),
                                    strict=True):  # fmt: skip
        done = 0
        while done < length:
            read = os.preadv(file.fileno(), [room[first + done : first + length]], begin + done)
            if not read:
                raise OSError(CUT_SHORT)
            done += read
    return column


def _mark(flags: NDArray[np.uint8], places: Numbers, starts: Numbers, ends: Numbers, marks: _Marks) -> None:
    """Sets the flag on the marked stretches of texts that begin at *places* of the column."""
    low, high = np.searchsorted(marks.begins, starts), np.searchsorted(marks.begins, ends)
    chosen = stretch_places(low, (high - low).astype(np.int32))  # of all texts, one behind the other
    moved = np.repeat(places - starts, high - low)
    flags[stretch_places(marks.begins[chosen] + moved, marks.sizes[chosen])] |= marks.flag


class Spool:
    """Takes tables of texts, one behind the other: few stay in memory, from SPOOLED_FROM on they go to two files.

    *make_file* makes a file to write and read, without a name, so that a killed process leaves nothing. The shelf can
    be used until the spool is closed. Raises OSError as the files do.
    """

    def __init__(self, make_file: Callable[[], BinaryIO]) -> None:
        self._make_file = make_file
        self._kept: list[TextTable] = []  # on disk: without their tokens and flags
        self._files: tuple[BinaryIO, BinaryIO] | None = None

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files or ():
            with suppress(OSError):  # data that a full disk did not take are not needed any more
                file.close()

    def add(self, table: TextTable) -> None:
        """Appends the texts of *table*."""
        self._kept.append(table.straightened())
        if self._files is not None:
            self._put(len(self._kept) - 1, self._files)
        elif sum(map(len, self._kept)) >= SPOOLED_FROM:
            self._files = self._make_file(), self._make_file()
            for number in range(len(self._kept)):
                self._put(number, self._files)

    def _put(self, number: int, files: tuple[BinaryIO, BinaryIO]) -> None:
        table = self._kept[number]
        files[0].write(table.tokens.astype("<u4", copy=False).data)
        files[1].write(table.flags.data)
        for file in files:
            file.flush()
        self._kept[number] = replace(table, tokens=np.empty(0, np.uint32), flags=np.empty(0, np.uint8))

    def token_store(self) -> TokenStore:
        """All texts, in the order in which they came."""
        if self._files is None:
            return join(self._kept)
        sizes = np.concatenate([table.sizes for table in self._kept])
        line_sizes = np.concatenate([table.line_sizes for table in self._kept])
        return SpooledTexts(
            self._files, offsets(sizes), sizes,
            np.concatenate([table.words for table in self._kept]),
            np.concatenate([table.line_keys for table in self._kept]),
            np.concatenate([table.line_tokens for table in self._kept]),
            offsets(line_sizes), line_sizes,
        )  # fmt: skip
