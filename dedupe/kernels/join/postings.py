"""The equality join of sketches, compiled: which texts share how many sampled 4-grams.

Hashes are joined range by range. In a range they are spread over pieces that stay in the cache, each piece becomes a
hash table and then posting lists; a text keeps, for each hash that an earlier text has too, where that list begins.
Counting goes through the texts one by one, so that no list of pairs is ever sorted.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from dedupe.kernels.lib.cache import kernel
from dedupe.kernels.lib.filters import passes
from dedupe.kernels.lib.keys import KEY_BITS, four_gram
from dedupe.kernels.lib.probing import grown, probe_stamped, room
from dedupe.kernels.lib.types import I32, I64, I64_2D, U8, U32, U64

END = np.int32(0x7FFFFFFF)  # behind each posting list: later than any text
REPEATED = np.uint32(0xFFFFFFFF)  # place of an entry whose hash its own text has once more
PIECE_BITS = 14  # keys of a piece: their table stays in the second cache


@kernel(nb.types.Tuple((nb.uint64[::1], nb.int32[::1]))(U32, I64, I32, I32, nb.int64, nb.uint64, U64, nb.int64))
def sift(tokens, starts, sizes, words, whole, limit, filled, first):
    """The sampled 4-grams of texts that pass the filter (of no words: all), with the numbers of their texts, from
    *first*.
    """
    mask = len(filled) - 1
    longest = 1
    for text in range(len(starts)):
        longest = max(longest, sizes[text])
    sampled = np.empty(longest, np.uint64)
    keys, owners = np.empty(4096, np.uint64), np.empty(4096, np.int32)
    used = 0
    for text in range(len(starts)):
        if used + sizes[text] > len(keys):
            keys, owners = grown(keys, used, 2 * (used + sizes[text])), grown(owners, used, 2 * (used + sizes[text]))
        count = 0
        for at in range(starts[text], starts[text] + sizes[text] - 3):
            key = four_gram(tokens, at)
            sampled[count] = key
            count += (key < limit) | (words[text] < whole)
        for key in sampled[:count]:  # the filter is checked for these alone: it is in a far cache
            keys[used], owners[used] = key, first + text
            used += passes(filled, mask, key)
    return keys[:used].copy(), owners[:used].copy()


@kernel(nb.int32[::1](U32, I64, I32, I32, nb.int64, nb.uint64))
def count_distinct(tokens, starts, sizes, words, whole, limit):
    """Sizes of the sketches (distinct sampled 4-grams) of texts."""
    found = np.empty(len(starts), np.int32)
    table, stamps = np.empty(1, np.uint64), np.zeros(1, np.int64)
    for text in range(len(starts)):
        if 2 * sizes[text] > len(table):
            slots = room(2 * sizes[text], 1)
            table, stamps = np.empty(slots, np.uint64), np.zeros(slots, np.int64)
        mask = min(room(2 * sizes[text], 64), len(table)) - 1
        count = 0
        for at in range(starts[text], starts[text] + sizes[text] - 3):
            key = four_gram(tokens, at)
            if key >= limit and words[text] >= whole:
                continue
            slot = probe_stamped(table, stamps, text + 1, mask, key >> np.uint64(24), key)
            if stamps[slot] != text + 1:
                stamps[slot] = text + 1
                table[slot] = key
                count += 1
        found[text] = count
    return found


@kernel(nb.void(U32, I64, I32, I32, nb.int64, nb.uint64, nb.int64, nb.int64[::1]))
def count_sampled(tokens, starts, sizes, words, whole, limit, bits, counts):
    """Sampled 4-grams of texts, repeats included, in each of the 2**bits bins of the key space."""
    shift = np.uint64(KEY_BITS - bits)
    for text in range(len(starts)):
        for at in range(starts[text], starts[text] + sizes[text] - 3):
            key = four_gram(tokens, at)
            counts[np.int64(key >> shift)] += (key < limit) | (words[text] < whole)


@kernel(
    nb.int64(U32, I64, I32, I32, nb.int64, nb.uint64, nb.uint64, nb.uint64, nb.int64, nb.int64,
             nb.uint64[::1], nb.int32[::1], nb.int64[::1])
)  # fmt: skip
def collect(tokens, starts, sizes, words, whole, limit, low, high, first, used, keys, owners, firsts):
    """The sampled 4-grams from *low* to under *high*, text after text, behind the *used* ones that are there.

    The texts are those from *first* on; those of a text begin at firsts[its number]. There is room for one more hash
    than there are. Returns how many are used now.
    """
    for text in range(len(starts)):
        firsts[first + text] = used
        end = high if words[text] < whole else min(high, limit)
        span = max(end, low) - low
        for at in range(starts[text], starts[text] + sizes[text] - 3):
            key = four_gram(tokens, at)
            keys[used], owners[used] = key, first + text  # no branch: it would be mispredicted every other time
            used += key - low < span
    firsts[first + len(starts)] = used
    return used


@kernel(nb.void(U64, nb.uint64, nb.int64, nb.uint64[::1], nb.int32[::1], nb.int64[::1]))
def spread(keys, low, shift, spread_keys, entries, firsts):
    """Spreads the keys, from *low* on, over pieces of 2**shift values; entries keep their order."""
    bits = np.uint64(shift)
    for key in keys:
        firsts[np.int64((key - low) >> bits) + 1] += 1
    for piece in range(len(firsts) - 1):
        firsts[piece + 1] += firsts[piece]
    filled = firsts[:-1].copy()
    for entry in range(len(keys)):
        piece = np.int64((keys[entry] - low) >> bits)
        spread_keys[filled[piece]] = keys[entry]
        entries[filled[piece]] = entry
        filled[piece] += 1


@kernel(nb.int64(U64, I32, I64, I32, nb.int64, nb.uint32[::1], nb.int32[::1]))
def post(keys, entries, firsts, owners, cap, places, lists):
    """Posting lists of all pieces, each closed by END, and for each entry whose hash an earlier text has the place
    of its list plus one; REPEATED for those whose hash their own text has once more. Returns how much of *lists* is
    filled.
    """
    largest = 1
    for piece in range(len(firsts) - 1):
        largest = max(largest, firsts[piece + 1] - firsts[piece])
    width = room(2 * largest, 2)
    table, stamps = np.empty(width, np.uint64), np.zeros(width, np.int32)
    last, count, begin = np.empty(width, np.int32), np.empty(width, np.int32), np.empty(width, np.int64)
    slots = np.empty(largest, np.int32)
    mask = width - 1
    used = 0
    for piece in range(len(firsts) - 1):
        low = firsts[piece]
        for entry in range(low, firsts[piece + 1]):
            key, text = keys[entry], owners[entries[entry]]
            slot = probe_stamped(table, stamps, piece + 1, mask, key >> np.uint64(8), key)
            if stamps[slot] != piece + 1:
                stamps[slot], table[slot], last[slot], count[slot], begin[slot] = piece + 1, key, -1, 0, -1
            repeated = last[slot] == text
            slots[entry - low] = -1 if repeated else slot
            last[slot] = text
            count[slot] += 0 if repeated else 1
        for entry in range(low, firsts[piece + 1]):
            slot = slots[entry - low]
            if slot < 0:
                places[entries[entry]] = REPEATED
            if slot < 0 or count[slot] < 2:
                continue
            text = owners[entries[entry]]
            if begin[slot] < 0:
                begin[slot] = used
                used += min(count[slot], cap) + 1
                lists[used - 1] = END
                lists[begin[slot]] = text
                last[slot] = 1
                continue
            if last[slot] < cap:
                lists[begin[slot] + last[slot]] = text
                last[slot] += 1
            places[entries[entry]] = begin[slot] + 1
    return used


@kernel(nb.int64(U32, I64, nb.int64, nb.uint32[::1], nb.int64[::1], nb.int32[::1]))
def pack(places, firsts, base, packed, packed_firsts, distinct):
    """Drops the entries without a place: those of a text are packed[packed_firsts[text] : packed_firsts[text + 1]].

    *distinct* becomes the number of each text's entries that are no repeats.
    """
    used = base
    for text in range(len(firsts) - 1):
        packed_firsts[text] = used
        repeats = 0
        for entry in range(firsts[text], firsts[text + 1]):
            if places[entry] == REPEATED:
                repeats += 1
            elif places[entry]:
                packed[used] = places[entry] - np.uint32(1)
                used += 1
        distinct[text] = firsts[text + 1] - firsts[text] - repeats
    packed_firsts[len(firsts) - 1] = used
    return used


@nb.njit
def _grown(pairs):
    larger = np.empty((2 * len(pairs), 3), np.int64)
    larger[: len(pairs)] = pairs
    return larger


@kernel(
    nb.int64[:, ::1](I32, I64_2D, U32, I64, I32, U8, nb.int64, nb.float64, nb.int64, nb.int64, nb.int64, nb.int32[::1])
)
def count_pairs(sizes, firsts, places, bases, lists, wanted, least, share, cap, low, high, behind):
    """Rows (earlier, later, shared hashes): pairs whose later text lies in [low, high), of which one is *wanted*, and
    that share enough. *behind* becomes, for these texts, how many of their hashes *cap* earlier texts have.
    """
    counts = np.zeros(high, np.uint16)
    touched = np.empty(high, np.int32)
    pairs = np.empty((1024, 3), np.int64)
    found = 0
    for later in range(low, high):
        many = 0
        for part in range(len(bases)):
            for entry in range(firsts[part, later], firsts[part, later + 1]):
                begin = bases[part] + np.int64(places[entry])
                at = begin
                while lists[at] < later:
                    earlier = lists[at]
                    at += 1
                    if wanted[later] or wanted[earlier]:
                        if counts[earlier] == 0:
                            touched[many] = earlier
                            many += 1
                        if counts[earlier] < 65535:
                            counts[earlier] += np.uint16(1)
                behind[later] += at - begin == cap
        for place in range(many):
            earlier = touched[place]
            shared = np.int64(counts[earlier])
            counts[earlier] = 0
            product = np.int64(sizes[earlier]) * np.int64(sizes[later])
            if shared >= least and shared >= share * np.sqrt(np.float64(product)):
                if found == len(pairs):
                    pairs = _grown(pairs)
                pairs[found, 0], pairs[found, 1], pairs[found, 2] = earlier, later, shared
                found += 1
    return pairs[:found].copy()
