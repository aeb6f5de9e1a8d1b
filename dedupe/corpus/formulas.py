"""Formulas: what one publisher prints on several dates, whatever the news of the day is.

The weather of each day, telegrams of congratulation, case counts, market reports: one frame, with other names and
numbers in its slots. Instalments share nearly all their words and are no copies of each other: the slots tell.
So a 4-gram that one publisher prints on `Params.formula_dates` dates of a window is a formula in all its texts, and
leaves numerator and denominator of the score, if each time it stands in a frame: other words follow soon
(`Params.formula_longest`), and what recurs is a good part of its text (`Params.formula_share`). A paragraph that a
running story carries on over days has no slots, and a phrase of its reports is little of them: these are no formulas.
It takes dates: what is published several times on one or two days is a running story, and its versions are copies. A
new store learns a formula within as many days as it takes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.shingles import PATTERNS, Hashes, four_grams, member, sorted_unique
from dedupe.corpus.stretches import Stretches
from dedupe.corpus.tokenstore import TokenStore
from dedupe.params import Params

Numbers = NDArray[np.int64]

RESIDUES = 8  # dates of a window: their numbers differ modulo eight


@dataclass(frozen=True, slots=True)
class Prints:
    """Texts as publishers first printed them; p prints, sorted by publisher. A text counts once for each publisher."""

    texts: Numbers  # (p,), places in the token_store
    publishers: Numbers  # (p,), a number for each
    days: Numbers  # (p,), since 1970

    def of_regulars(self, dates: int) -> list[Prints]:
        """The prints of each publisher that has some on so many dates."""
        cuts = np.flatnonzero(np.diff(self.publishers)) + 1
        parts = (Prints(*own) for own in zip(*(np.split(one, cuts) for one in self._columns()), strict=True))
        return [part for part in parts if len(part.texts) >= dates and len(np.unique(part.days)) >= dates]

    def _columns(self) -> tuple[Numbers, Numbers, Numbers]:
        return self.texts, self.publishers, self.days

    def bits(self) -> NDArray[np.uint8]:
        """The date of each print as one bit of eight."""
        return np.left_shift(1, self.days % RESIDUES).astype(np.uint8)


def find_formulas(token_store: TokenStore, prints: Prints, params: Params) -> Stretches:
    """The stretches of all texts that formulas cover."""
    parts = [_grams(token_store, own, params) for own in prints.of_regulars(params.formula_dates)]
    formulas = sorted_unique(np.concatenate([np.empty(0, np.uint64), *parts]))
    return cover(token_store, formulas) if len(formulas) else no_stretches()


def _grams(token_store: TokenStore, prints: Prints, params: Params) -> Hashes:
    """The formulas of one publisher."""
    table = token_store.gather(prints.texts)
    texts = [table.row(number).tokens.astype(np.uint64) for number in range(len(table))]
    printed = _on_dates([four_grams(own) for own in texts], prints, params.formula_dates)
    if not len(printed):
        return printed
    return _on_dates([_in_frames(own, printed, params) for own in texts], prints, params.formula_dates)


def _on_dates(grams: list[Hashes], prints: Prints, dates: int) -> Hashes:
    """Those *grams*, text by text, that are printed on so many *dates*."""
    own = [sorted_unique(one) for one in grams]
    return on_dates(np.concatenate(own), np.repeat(prints.bits(), [len(one) for one in own]), dates)


def _in_frames(tokens: Hashes, printed: Hashes, params: Params) -> Hashes:
    """The 4-grams of a text that lie in the stretches of its frame; *printed*: those on enough dates."""
    begins, sizes = _covered(tokens, printed)
    short = sizes <= params.formula_longest
    if sizes[short].sum() < params.formula_share * len(tokens):
        return np.empty(0, np.uint64)
    return four_grams(tokens)[frame_places(begins[short], sizes[short])]


def frame_places(begins: Numbers, sizes: Numbers) -> Numbers:
    """Where the 4-grams of stretches begin."""
    counts = sizes - 3
    return np.repeat(begins - np.cumsum(counts) + counts, counts) + np.arange(int(counts.sum()))


def on_dates(grams: Hashes, bits: NDArray[np.uint8], dates: int) -> Hashes:
    """The *grams* that occur with so many different *bits*: sorted, distinct."""
    order = np.argsort(grams, kind="stable")
    grams, bits = grams[order], bits[order]
    firsts = np.flatnonzero(np.concatenate(([True], grams[1:] != grams[:-1]))) if len(grams) else np.empty(0, np.int64)
    if not len(firsts):
        return grams
    counts = np.bitwise_count(np.bitwise_or.reduceat(bits, firsts))
    return grams[firsts[counts >= dates]]


def cover(token_store: TokenStore, formulas: Hashes) -> Stretches:
    """The stretches of the texts that *formulas* cover."""
    table = token_store.gather(np.arange(len(token_store)))
    found = [_covered(table.row(number).tokens, formulas) for number in range(len(table))]
    counts = [len(begins) for begins, _ in found]
    begins, sizes = (np.concatenate([np.empty(0, np.int64), *column]) for column in zip(*found, strict=True))
    return Stretches(np.repeat(np.arange(len(table)), counts), begins, sizes.astype(np.int32))


def _covered(tokens: NDArray[np.uint32] | Hashes, formulas: Hashes) -> tuple[Numbers, Numbers]:
    """(begins, sizes) of the stretches of one text."""
    hit = member(four_grams(tokens.astype(np.uint64)), formulas)
    covered = np.zeros(len(tokens) + 2, np.int8)
    for place in PATTERNS[0]:
        covered[1 + place : 1 + place + len(hit)] |= hit
    edges = np.flatnonzero(np.diff(covered))
    return edges[::2], edges[1::2] - edges[::2]


def no_stretches() -> Stretches:
    """Nothing is marked."""
    return Stretches(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int32))
