"""Spellings that were met, by the hash of their codepoints: to fold and hash a spelling costs once per process."""

from __future__ import annotations

from functools import cache

import numba as nb
import numpy as np
from numpy.typing import NDArray

from dedupe.kernels.lib.cache import kernel
from dedupe.kernels.lib.probing import probe
from dedupe.kernels.lib.types import U64, U64_2D
from dedupe.text.words import learn

ROOM = 1 << 18  # slots at first
MOST = 3_000_000  # spellings; with more the process forgets them and begins anew (under 120 MB)
TOKEN_BITS = 32  # a spelling's value: its token, and above it the bits of its kind
TAKEN = 0x80  # bit of a kind beside CONTENT and NUMBER: the slot holds a spelling


@nb.njit
def _slot(table, key):
    """Where the row (key, worth) of *key* stands or would stand in a table of uint64, (slots, 2): one cache line."""
    return probe(table[:, 0], table[:, 1], len(table) - 1, key >> np.uint64(20), key)


@kernel(nb.int64(U64, U64_2D, nb.uint32[::1], nb.uint8[::1], nb.int64[::1]))
def look_up(keys, table, found, flags, unknown):
    """Token of each key, and its bits added to *flags*. Lists the places of *unknown* keys; how many there are."""
    missing = 0
    for place in range(len(keys)):
        worth = table[_slot(table, keys[place]), 1]
        found[place] = np.uint32(worth)
        flags[place] |= np.uint8(worth >> np.uint64(TOKEN_BITS)) & np.uint8(~TAKEN & 0xFF)
        unknown[missing] = place
        missing += worth == 0
    return missing


@kernel(nb.void(U64_2D, nb.uint64[:, ::1]))
def insert(rows, table):
    """Puts the rows that hold a spelling into the table."""
    for place in range(len(rows)):
        if rows[place, 1]:
            table[_slot(table, rows[place, 0])] = rows[place]


class Lexicon:
    """Token hashes and kinds of spellings. Belongs to one thread."""

    def __init__(self) -> None:
        self._begin(ROOM)

    def _begin(self, room: int) -> None:
        self._table, self._used = np.zeros((room, 2), np.uint64), 0

    def tokens(
        self,
        keys: NDArray[np.uint64],
        codes: NDArray[np.uint32],
        starts: NDArray[np.int32],
        ends: NDArray[np.int32],
        flags: NDArray[np.uint8],
    ) -> NDArray[np.uint32]:
        """Token hash of the spellings codes[starts:ends], shape (len(keys),); adds CONTENT and NUMBER to *flags*."""
        found, unknown = np.empty(len(keys), np.uint32), np.empty(len(keys) + 1, np.int64)
        missing = look_up(keys, self._table, found, flags, unknown)
        if missing:
            _, first = np.unique(keys[unknown[:missing]], return_index=True)
            new = unknown[first]
            self._learn(keys[new], [_spell(codes[starts[at] : ends[at]]) for at in new.tolist()])
            rest, own = np.empty(missing, np.uint32), flags[unknown[:missing]]
            again = keys[unknown[:missing]]
            look_up(again, self._table, rest, own, np.empty(missing + 1, np.int64))
            found[unknown[:missing]], flags[unknown[:missing]] = rest, own
        return found

    def _learn(self, keys: NDArray[np.uint64], spellings: list[str]) -> None:
        if self._used + len(keys) > MOST:
            self._begin(ROOM)
        self._used += len(keys)
        if 2 * self._used > len(self._table):
            self._grow()
        worth = [(kind | TAKEN) << TOKEN_BITS | token for token, kind in map(learn, spellings)]
        insert(np.stack((keys, np.array(worth, np.uint64)), axis=1), self._table)

    def _grow(self) -> None:
        old, used = self._table, self._used
        self._begin(1 << (4 * used).bit_length())
        self._used = used
        insert(old, self._table)


def _spell(codes: NDArray[np.uint32]) -> str:
    return codes.astype("<u4", copy=False).tobytes().decode("utf-32-le", "surrogatepass")


@cache
def shared_lexicon() -> Lexicon:
    """One for the process."""
    return Lexicon()
