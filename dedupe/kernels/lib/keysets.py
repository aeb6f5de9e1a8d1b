"""Sets of 63-bit keys by open addressing, compiled. A slot with 0 is free; key 0 is stored as 1."""

from __future__ import annotations

from typing import Final

import numba as nb
import numpy as np
from numpy.typing import NDArray

from dedupe.kernels.lib.cache import kernel
from dedupe.kernels.lib.keys import ONE
from dedupe.kernels.lib.types import U64

LEAST_SLOTS: Final = 64
LOW: Final = np.uint64(0xFFFFFFFF)


def empty_set(keys: int) -> NDArray[np.uint64]:
    """Room for so many keys."""
    return np.zeros(keys * 3 // 2 + LEAST_SLOTS, np.uint64)


@nb.njit
def _slot(key, slots):
    """The slot of *key*, or the free one where it would stand."""
    slot = np.int64(((key & LOW) * np.uint64(len(slots))) >> np.uint64(32))  # samples hold keys of low numbers only
    while slots[slot] and slots[slot] != max(key, ONE):
        slot = slot + 1 if slot + 1 < len(slots) else 0
    return slot


@nb.njit
def holds(slots, key):
    """Whether the set holds *key*."""
    return slots[_slot(key, slots)] != 0


@kernel(nb.void(U64, nb.uint64[::1]))
def put_keys(keys, slots):
    """Puts *keys* into a set."""
    for key in keys:
        slots[_slot(key, slots)] = max(key, ONE)


@kernel(nb.boolean[::1](U64, U64))
def among(keys, slots):
    """Whether the set holds each of *keys*."""
    found = np.empty(len(keys), np.bool_)
    for place in range(len(keys)):
        found[place] = holds(slots, keys[place])
    return found
