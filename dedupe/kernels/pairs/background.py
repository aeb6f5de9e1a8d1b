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
KIN_LISTS = 1 << 13  # lists of the keys of one text that are kept as done: more than most texts have keys


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


@nb.njit
def _mark_kin(unit, stamp, neighbour_firsts, neighbours, near):
    """Stamps a unit and its kin."""
    near[unit] = stamp
    for other in neighbours[neighbour_firsts[unit] : neighbour_firsts[unit + 1]]:
        near[other] = stamp


@nb.njit
def _slot(begin):
    """Where it is kept that a list holds kin of the open left text only: a later list may take the place."""
    return (begin * np.int64(0x9E3779B1) >> np.int64(12)) & (KIN_LISTS - 1)


@kernel(nb.void(I64_2D, I64, U32, I32, I64, I32, nb.int64, nb.int64, nb.int64, nb.uint8[::1]))
def find_common(pairs, firsts, places, lists, neighbour_firsts, neighbours, low, high, units, common):
    """Which shared keys of the pairs [low, high) a text has that is neither of them nor of their kin."""
    near_left, near_right, opened = np.zeros(units, np.int64), np.zeros(units, np.int64), 0
    kin = np.full(KIN_LISTS, -1, np.int64)
    for place in range(low, high):
        left, right = pairs[place]
        if place == low or left != pairs[place - 1, 0]:
            opened += 1
            _mark_kin(left, opened, neighbour_firsts, neighbours, near_left)
            kin[:] = -1
        _mark_kin(right, place + 1, neighbour_firsts, neighbours, near_right)
        for entry in range(firsts[place], firsts[place + 1]):
            if places[entry] == FEW:
                continue
            begin = np.int64(places[entry])
            if kin[_slot(begin)] == begin:
                continue
            only_kin = True
            for text in lists[begin + 1 : begin + 1 + lists[begin]]:
                if near_left[text] != opened:
                    only_kin = False
                    if near_right[text] != place + 1:
                        common[entry] = 1
                        break
            if only_kin:
                kin[_slot(begin)] = begin


@kernel(nb.int64[::1](I64_2D, I64, U32, I32, I64, I32, nb.int64, nb.int64, nb.int64))
def list_left_strangers(pairs, firsts, places, lists, neighbour_firsts, neighbours, low, high, units):
    """Codes (earlier · units + later) of the left texts of the pairs [low, high) with each text that has a shared key
    of a pair, and is no kin of the left text as far as *neighbours* tell.
    """
    met, opened = np.zeros(units, np.int64), 0
    done = np.full(KIN_LISTS, -1, np.int64)
    codes = np.empty(4096, np.int64)
    used = 0
    for place in range(low, high):
        left = pairs[place, 0]
        if place == low or left != pairs[place - 1, 0]:
            opened += 1
            _mark_kin(left, opened, neighbour_firsts, neighbours, met)
            done[:] = -1
        for entry in range(firsts[place], firsts[place + 1]):
            if places[entry] == FEW:
                continue
            begin = np.int64(places[entry])
            if done[_slot(begin)] == begin:
                continue
            done[_slot(begin)] = begin
            for text in lists[begin + 1 : begin + 1 + lists[begin]]:
                if met[text] != opened:
                    met[text] = opened
                    if used + 1 > len(codes):
                        codes = grown(codes, used, 2 * used)
                    codes[used] = min(left, text) * units + max(left, text)
                    used += 1
    return codes[:used].copy()


@kernel(nb.int64[::1](I64_2D, I64, U32, I32, I64, I32, nb.int64, nb.int64, nb.int64))
def list_right_strangers(pairs, firsts, places, lists, neighbour_firsts, neighbours, low, high, units):
    """Codes of the right texts of the pairs [low, high) with each text that has a shared key of the pair, and is kin of
    neither text.
    """
    near_left, near_right, opened = np.zeros(units, np.int64), np.zeros(units, np.int64), 0
    kin = np.full(KIN_LISTS, -1, np.int64)
    codes = np.empty(4096, np.int64)
    used = 0
    for place in range(low, high):
        left, right = pairs[place]
        if place == low or left != pairs[place - 1, 0]:
            opened += 1
            _mark_kin(left, opened, neighbour_firsts, neighbours, near_left)
            kin[:] = -1
        _mark_kin(right, place + 1, neighbour_firsts, neighbours, near_right)
        for entry in range(firsts[place], firsts[place + 1]):
            if places[entry] == FEW:
                continue
            begin = np.int64(places[entry])
            if kin[_slot(begin)] == begin:
                continue
            only_kin = True
            for text in lists[begin + 1 : begin + 1 + lists[begin]]:
                if near_left[text] == opened:
                    continue
                only_kin = False
                if near_right[text] != place + 1:
                    near_right[text] = place + 1
                    if used + 1 > len(codes):
                        codes = grown(codes, used, 2 * used)
                    codes[used] = min(right, text) * units + max(right, text)
                    used += 1
            if only_kin:
                kin[_slot(begin)] = begin
    return codes[:used].copy()
