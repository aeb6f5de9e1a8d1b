"""Spellings that were met, by the hash of their codepoints: to fold and hash a spelling costs once per process."""

from __future__ import annotations

from functools import cache

import numba as nb
import numpy as np
from numpy.typing import NDArray

from dedupe.kernels.cache import kernel
from dedupe.kernels.probing import probe
from dedupe.kernels.types import FLAGS, KEYS, TOKENS
from dedupe.words import learn

ROOM = 1 << 18  # slots at first
MOST = 3_000_000  # spellings; with more the process forgets them and begins anew (under 120 MB)
TAKEN = 0x80  # bit of a kind beside CONTENT and NUMBER: the slot holds a spelling


@nb.njit
def _slot(table, kinds, key):
    return probe(table, kinds, len(table) - 1, key >> np.uint64(20), key)


@kernel(nb.int64(KEYS, KEYS, TOKENS, FLAGS, nb.uint32[::1], nb.uint8[::1], nb.int64[::1]))
def look_up(keys, table, tokens, kinds, found, flags, unknown):
    """Token of each key, and its bits added to *flags*. Lists the places of *unknown* keys; how many there are."""
    missing = 0
    for place in range(len(keys)):
        slot = _slot(table, kinds, keys[place])
        if kinds[slot]:
            found[place] = tokens[slot]
            flags[place] |= kinds[slot] & ~TAKEN
        else:
            unknown[missing] = place
            missing += 1
    return missing


@kernel(nb.void(KEYS, TOKENS, FLAGS, nb.uint64[::1], nb.uint32[::1], nb.uint8[::1]))
def insert(keys, own_tokens, own_kinds, table, tokens, kinds):
    """Puts keys with a kind into the table."""
    for place in range(len(keys)):
        if own_kinds[place]:
            slot = _slot(table, kinds, keys[place])
            table[slot], tokens[slot], kinds[slot] = keys[place], own_tokens[place], own_kinds[place]


class Lexicon:
    """Token hashes and kinds of spellings. Belongs to one thread."""

    def __init__(self) -> None:
        self._begin(ROOM)

    def _begin(self, room: int) -> None:
        self._table, self._tokens = np.zeros(room, np.uint64), np.zeros(room, np.uint32)
        self._kinds, self._used = np.zeros(room, np.uint8), 0

    def tokens(
        self, keys: NDArray[np.uint64], codes: NDArray[np.uint32], starts: NDArray[np.int32], ends: NDArray[np.int32],
        flags: NDArray[np.uint8],
    ) -> NDArray[np.uint32]:  # fmt: skip
        """Token hash of the spellings codes[starts:ends], shape (len(keys),); adds CONTENT and NUMBER to *flags*."""
        found, unknown = np.empty(len(keys), np.uint32), np.empty(len(keys), np.int64)
        missing = look_up(keys, self._table, self._tokens, self._kinds, found, flags, unknown)
        if missing:
            _, first = np.unique(keys[unknown[:missing]], return_index=True)
            new = unknown[first]
            self._learn(keys[new], [_spell(codes[starts[at] : ends[at]]) for at in new.tolist()])
            rest, own = np.empty(missing, np.uint32), flags[unknown[:missing]]
            again = keys[unknown[:missing]]
            look_up(again, self._table, self._tokens, self._kinds, rest, own, np.empty(missing, np.int64))
            found[unknown[:missing]], flags[unknown[:missing]] = rest, own
        return found

    def _learn(self, keys: NDArray[np.uint64], spellings: list[str]) -> None:
        if self._used + len(keys) > MOST:
            self._begin(ROOM)
        self._used += len(keys)
        if 2 * self._used > len(self._table):
            self._grow()
        learnt = [learn(spelling) for spelling in spellings]
        tokens = np.array([token for token, _ in learnt], np.uint32)
        kinds = np.array([kind | TAKEN for _, kind in learnt], np.uint8)
        insert(keys, tokens, kinds, self._table, self._tokens, self._kinds)

    def _grow(self) -> None:
        old = self._table, self._tokens, self._kinds
        used = self._used
        self._begin(1 << (4 * used).bit_length())
        self._used = used
        insert(*old, self._table, self._tokens, self._kinds)


def _spell(codes: NDArray[np.uint32]) -> str:
    return codes.astype("<u4", copy=False).tobytes().decode("utf-32-le", "surrogatepass")


@cache
def shared_lexicon() -> Lexicon:
    """One for the process."""
    return Lexicon()
