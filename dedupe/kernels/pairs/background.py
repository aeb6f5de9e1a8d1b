"""Third texts, compiled: which of the keys that two texts share does a text have that resembles neither?

The keys of all grey pairs are looked for in the context at once: Bloom filters let pass what may be one of them, first
of their 2-grams, then of the keys, and piece by piece of the key space a hash table says whose it is.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from dedupe.kernels.lib.cache import kernel
from dedupe.kernels.lib.filters import passes
from dedupe.kernels.lib.keys import KEY_BITS, key_of, two_gram
from dedupe.kernels.lib.probing import grown, probe_stamped, room
from dedupe.kernels.lib.types import I32, I64, I64_2D, U32, U64

FEW = np.uint32(0xFFFFFFFF)  # an entry with a key that no third text has


@nb.njit
def _list_codes(tokens, start, size, grams, known, codes):
    """Lists the codes (4 · token + pattern) of the keys of a text of which no neighbours are strangers; how many.

    That is one look into a filter for each token instead of four, and few keys are left to look up.
    """
    mask = len(grams) - 1
    for at in range(size - 1):
        known[at] = passes(grams, mask, two_gram(tokens[start + at], tokens[start + at + 1]))
    known[max(size - 1, 0) : size] = 0  # behind the last token there is none
    used = 0
    for at in range(size - 3):
        first, second, third, fourth = known[at], known[at + 1], known[at + 2], known[at + 3]
        patterns = first & second & third | (third & fourth) << 1 | (first & fourth) << 2 | (first & second) << 3
        if at + 4 == size:
            patterns &= np.uint64(1)  # no fifth token
        if patterns:
            for pattern in range(4):
                codes[used] = 4 * at + pattern
                used += patterns >> pattern & 1
    return used


@kernel(nb.types.Tuple((nb.uint64[::1], nb.int32[::1]))(U32, I64, I32, U64, U64, nb.int64))
def scan(tokens, starts, sizes, words, grams, first):
    """All keys (`shingles.PATTERNS`) of texts that pass the filter *words*, with the numbers of their texts, from
    *first*. *grams*: a filter of the 2-grams of the keys in *words*.
    """
    mask = len(words) - 1
    longest = 8
    for text in range(len(starts)):
        longest = max(longest, sizes[text])
    known, codes = np.empty(longest, np.uint8), np.empty(4 * longest + 1, np.int32)
    keys, texts = np.empty(1 << 16, np.uint64), np.empty(1 << 16, np.int32)
    used = 0
    for text in range(len(starts)):
        listed = _list_codes(tokens, starts[text], np.int64(sizes[text]), grams, known, codes)
        if used + listed >= len(keys):
            keys, texts = grown(keys, used, 2 * (used + listed)), grown(texts, used, 2 * (used + listed))
        for code in codes[:listed]:
            keys[used], texts[used] = key_of(tokens, starts[text], code), first + text
            used += passes(words, mask, keys[used])
    return keys[:used].copy(), texts[:used].copy()


@kernel(nb.void(U64, nb.int64, nb.int64[::1]))
def count_pieces(keys, bits, counts):
    """Keys in each of the 2**bits pieces of the key space, added to *counts*."""
    for key in keys:
        counts[np.int64(key >> np.uint64(KEY_BITS - bits))] += 1


@kernel(nb.void(U64, I32, nb.int64, nb.int64[::1], nb.uint64[::1], nb.int32[::1]))
def spread(keys, names, bits, filled, spread_keys, spread_names):
    """Spreads keys and what they belong to over the pieces, whose next free places are *filled*; their order stays."""
    for entry in range(len(keys)):
        piece = np.int64(keys[entry] >> np.uint64(KEY_BITS - bits))
        at = filled[piece]
        spread_keys[at], spread_names[at] = keys[entry], names[entry]
        filled[piece] = at + 1


@kernel(nb.int64(U64, I32, I64, U64, I32, I64, nb.int64, nb.int64, nb.int64, nb.uint32[::1], nb.int32[::1]))
def find_lists(asked, entries, firsts, keys, texts, key_firsts, low, high, cap, places, lists):
    """For the asked keys of the pieces [low, high): the first *cap* texts that have each, if they are three or more.

    places[entry] becomes where the list of its key begins in *lists* (its length, then the texts), else FEW. The lists
    begin at key_firsts[low], counted with the asked keys before, for there is room. Returns the end of the last.
    """
    most = 1
    for piece in range(low, high):
        most = max(most, firsts[piece + 1] - firsts[piece])
    width = room(2 * most, 2)
    table, stamps = np.empty(width, np.uint64), np.zeros(width, np.int64)
    last, count, begin = np.empty(width, np.int32), np.empty(width, np.int32), np.empty(width, np.int64)
    mask = width - 1
    used = key_firsts[low] + firsts[low]
    for piece in range(low, high):
        for entry in range(firsts[piece], firsts[piece + 1]):
            slot = probe_stamped(table, stamps, piece + 1, mask, asked[entry] >> np.uint64(8), asked[entry])
            if stamps[slot] != piece + 1:
                stamps[slot], table[slot], last[slot], count[slot], begin[slot] = piece + 1, asked[entry], -1, 0, -1
        for step in range(2):
            for entry in range(key_firsts[piece], key_firsts[piece + 1]):
                slot = probe_stamped(table, stamps, piece + 1, mask, keys[entry] >> np.uint64(8), keys[entry])
                if stamps[slot] != piece + 1:
                    continue
                if step == 0:
                    count[slot] += last[slot] != texts[entry]
                    last[slot] = texts[entry]
                elif count[slot] > 2:
                    if begin[slot] < 0:
                        begin[slot] = used
                        lists[used] = 0
                        used += min(count[slot], cap) + 1
                    filled = lists[begin[slot]]
                    if filled < cap and (filled == 0 or lists[begin[slot] + filled] != texts[entry]):
                        lists[begin[slot]] = filled + 1
                        lists[begin[slot] + filled + 1] = texts[entry]
        for entry in range(firsts[piece], firsts[piece + 1]):
            slot = probe_stamped(table, stamps, piece + 1, mask, asked[entry] >> np.uint64(8), asked[entry])
            places[entries[entry]] = np.uint32(begin[slot]) if begin[slot] >= 0 else FEW
    return used


@kernel(nb.void(I64_2D, I64, U32, I32, I64, I32, nb.int64, nb.int64, nb.int64, nb.uint8[::1]))
def find_common(pairs, firsts, places, lists, neighbour_firsts, neighbours, low, high, units, common):
    """Which shared keys of the pairs [low, high) a text has that is neither of them nor of their kin."""
    near = np.zeros(units, np.int64)
    for place in range(low, high):
        stamp = place + 1
        for unit in pairs[place]:
            near[unit] = stamp
            for other in neighbours[neighbour_firsts[unit] : neighbour_firsts[unit + 1]]:
                near[other] = stamp
        for entry in range(firsts[place], firsts[place + 1]):
            if places[entry] == FEW:
                continue
            begin = np.int64(places[entry])
            for at in range(begin + 1, begin + 1 + lists[begin]):
                if near[lists[at]] != stamp:
                    common[entry] = 1
                    break


@kernel(nb.int64[::1](I64_2D, I64, U32, I32, nb.int64, nb.int64, nb.int64))
def list_meetings(pairs, firsts, places, lists, low, high, units):
    """Codes of the units of the pairs [low, high) with each text that has a shared key of the pair."""
    met = np.zeros(units, np.int64)
    codes = np.empty(4096, np.int64)
    used = 0
    for place in range(low, high):
        left, right = pairs[place]
        met[left] = met[right] = place + 1
        for entry in range(firsts[place], firsts[place + 1]):
            if places[entry] == FEW:
                continue
            begin = np.int64(places[entry])
            for text in lists[begin + 1 : begin + 1 + lists[begin]]:
                if met[text] == place + 1:
                    continue
                met[text] = place + 1
                if used + 2 > len(codes):
                    codes = grown(codes, used, 2 * used)
                codes[used] = min(left, text) * units + max(left, text)
                codes[used + 1] = min(right, text) * units + max(right, text)
                used += 2
    return codes[:used].copy()
