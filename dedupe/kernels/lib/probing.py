"""Open addressing, and room for what is found: the parts that the tables of all kernels share.

Each table chooses itself which bits of a key say where to begin: keys that were sampled or cut into pieces by their
high bits have only others left.
"""

from __future__ import annotations

import numba as nb
import numpy as np


@nb.njit
def room(entries, least):
    """A power of two, not under *entries* and *least* (a power of two)."""
    slots = least
    while slots < entries:
        slots *= 2
    return slots


@nb.njit
def probe(table, taken, mask, begin, key):
    """The slot of *key*, or the free one where it would stand; a slot that is *taken* holds a key."""
    slot = np.int64(begin) & mask
    while taken[slot] and table[slot] != key:
        slot = (slot + 1) & mask
    return slot


@nb.njit
def probe_stamped(table, stamps, stamp, mask, begin, key):
    """`probe` in a table that is never emptied: the slots that bear this *stamp* are taken."""
    slot = np.int64(begin) & mask
    while stamps[slot] == stamp and table[slot] != key:
        slot = (slot + 1) & mask
    return slot


@nb.njit
def grown(items, used, size):
    """*items*, of which *used* are filled, in an array that has room for *size*."""
    larger = np.empty(size, items.dtype)
    larger[:used] = items[:used]
    return larger
