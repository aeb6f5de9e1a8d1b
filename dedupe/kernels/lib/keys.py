"""Shingles, made token by token by the kernels; `dedupe.corpus.shingles` makes them of whole texts."""

from __future__ import annotations

import numba as nb
import numpy as np

from dedupe.corpus.shingles import FACTORS

F0, F1, F2, F3, F4 = (np.uint64(factor) for factor in FACTORS)
ONE = np.uint64(1)
KEY_BITS = 63


@nb.njit
def four_gram(tokens, at):
    """`shingles.four_grams`: that of the token at *at*."""
    total = np.uint64(tokens[at]) * F0 + np.uint64(tokens[at + 1]) * F1
    total += np.uint64(tokens[at + 2]) * F2 + np.uint64(tokens[at + 3]) * F3
    return total >> ONE


@nb.njit
def two_gram(one, two):
    """63 bits of two tokens in a row."""
    return (np.uint64(one) * F0 + np.uint64(two) * F1) >> ONE


@nb.njit
def words_of(tokens, start, code):
    """The four tokens of the key 4 · token + pattern of the text at *start*; pattern p leaves out the p-th token behind
    the first.
    """
    at, skipped = start + (code >> 2), code & 3
    second, third = at + 1 + (skipped == 1), at + 2 + (skipped == 1 or skipped == 2)
    return tokens[at], tokens[second], tokens[third], tokens[at + 3 + (skipped > 0)]


@nb.njit
def key_of(tokens, start, code):
    """The key itself."""
    one, two, three, four = words_of(tokens, start, code)
    total = np.uint64(one) * F0 + np.uint64(two) * F1
    total += np.uint64(three) * F2 + np.uint64(four) * F3
    return total >> ONE


@nb.njit
def fill_keys(tokens, start, size, products, keys):
    """Keys of all `shingles.PATTERNS` at each token: four products per token, three additions per key."""
    one, two, three, four = products
    for at in range(size):
        token = np.uint64(tokens[start + at])
        one[at], two[at], three[at], four[at] = token * F0, token * F1, token * F2, token * F3
    plain, skip_1, skip_2, skip_3 = keys
    for at in range(size - 3):
        plain[at] = (one[at] + two[at + 1] + three[at + 2] + four[at + 3]) >> ONE
    for at in range(size - 4):
        skip_1[at] = (one[at] + two[at + 2] + three[at + 3] + four[at + 4]) >> ONE
        skip_2[at] = (one[at] + two[at + 1] + three[at + 3] + four[at + 4]) >> ONE
        skip_3[at] = (one[at] + two[at + 1] + three[at + 2] + four[at + 4]) >> ONE


@nb.njit
def length(size, pattern):
    """How many keys of a pattern a text of *size* tokens has."""
    return max(size - 3 - (pattern > 0), 0)
