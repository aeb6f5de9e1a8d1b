"""How far two texts agree on the numbers that stand beside what they share: few in common show a template.

A paper may round what another gives in full, so a number before "million" agrees with one that begins alike.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedupe.text.flags import NUMBER, SENTENCE
from dedupe.text.numbers import roundings, scale_stems
from dedupe.text.words import OWN_BITS, STEM_SHIFT, fold, hash_word

CODES = OWN_BITS + 1
# Bits of a code: a full number may round to it, a rounded one may, and one was rounded to it.
FULL, ROUNDED, LEFT_OF = 1, 2, 4
ENTRY = NUMBER | SENTENCE  # flags of the clock time with which an entry of a live blog begins
TWO_DIGITS = 10  # a code with one digit only is too common to say that two rounded numbers are one


class Number(NamedTuple):
    """A number of a text."""

    token: int
    rounded: bool  # a word such as "million" follows


@cache
def scales() -> NDArray[np.uint32]:
    """The stems of the words behind a rounded number, sorted."""
    return np.array(scale_stems(lambda word: hash_word(fold(word)) >> STEM_SHIFT), np.uint32)


@cache
def clocks() -> NDArray[np.uint32]:
    """The tokens of all clock times as papers write them in figures (9:05, 09.05), sorted."""
    times = [
        f"{hour:{wide}}{mark}{minute:02}"
        for wide in ("", "02") for mark in ":." for hour in range(24) for minute in range(60)
    ]  # fmt: skip
    return np.unique(np.array([hash_word(fold(time)) for time in times], np.uint32))


@cache
def rounding_table() -> NDArray[np.int64]:
    """The codes that a number of each code may round to, shape (CODES, 6)."""
    return np.array([roundings(code) for code in range(CODES)], np.int64)


def numbers_shared(left: Collection[Number], right: Collection[Number], least: int) -> float:
    """Share of the numbers of the text with fewer that the other has too; 1.0 if one has under *least* of them."""
    sizes = [len({number.token for number in own}) for own in (left, right)]
    if min(sizes) < least:
        return 1.0
    shares = (_told(left, right) / sizes[0], _told(right, left) / sizes[1])
    return max(shares) if sizes[0] == sizes[1] else shares[sizes[0] > sizes[1]]


def _told(own: Collection[Number], other: Collection[Number]) -> int:
    """How many numbers of a text the other has, in full or rounded."""
    exact = {number.token for number in other}
    notes = _note(other) if any(number.rounded for number in (*own, *other)) else None
    return len({
        number.token for number in own if number.token in exact or (notes is not None and _agrees(number, notes))
    })  # fmt: skip


def _note(numbers: Collection[Number]) -> NDArray[np.uint8]:
    """What the *numbers* of a text may be rounded to, and were; uint8, shape (CODES,)."""
    notes = np.zeros(CODES, np.uint8)
    for number in numbers:
        code = number.token & OWN_BITS
        notes[rounding_table()[code]] |= ROUNDED if number.rounded else FULL
        if number.rounded:
            notes[code] |= LEFT_OF
    return notes


def _agrees(number: Number, notes: NDArray[np.uint8]) -> bool:
    """Whether one of the noted numbers may be *number*, if one of the two was rounded."""
    code = number.token & OWN_BITS
    for rest in rounding_table()[code].tolist():
        if notes[rest] & LEFT_OF and (not number.rounded or rest >= TWO_DIGITS):
            return True
    return number.rounded and bool(notes[code] & (FULL | (ROUNDED if code >= TWO_DIGITS else 0)))
