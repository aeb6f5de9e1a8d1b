"""The formulas of `corpus.formulas`, as far as a traced text and its candidates have them.

Of each text only those 4-grams are known that the traced text or a candidate has too, so a frame is measured by these:
it is a little shorter than in `corpus.formulas` where the text of a series has words that none of them has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.formulas import RESIDUES
from dedupe.corpus.gramfinder import WIDTH, Hits
from dedupe.corpus.listing import UNKNOWN
from dedupe.corpus.shingles import member
from dedupe.params import Params
from dedupe.text.lines import FACTOR

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PrintedTexts:
    """What some texts of one date have of the known 4-grams; n texts."""

    hits: Hits
    sizes: NDArray[np.int32]  # (n,), tokens
    publishers: Numbers  # (n,)
    contents: NDArray[np.uint64]  # (n,)
    day: int  # since 1970

    @property
    def identities(self) -> NDArray[np.uint64]:
        """A number for each content of a publisher, shape (n,)."""
        return self.contents ^ ((self.publishers + 1).astype(np.uint64) * np.uint64(FACTOR))


def find_formulas(printed: list[PrintedTexts], grams: int, params: Params) -> Numbers:
    """Which of so many known *grams* are formulas: sorted, distinct; *printed*: earlier dates before later ones.

    A text counts once for each publisher, on the date when that first printed it.
    """
    firsts, known = [], np.empty(0, np.uint64)
    for one in printed:
        new = (one.publishers != UNKNOWN) & ~member(one.identities, known)
        firsts.append(one.hits.choose(new[one.hits.texts]))
        known = np.concatenate((known, one.identities[np.unique(firsts[-1].texts)]))
    codes = [one.publishers[own.texts] * grams + own.grams for one, own in zip(printed, firsts, strict=True)]
    often = _on_dates(codes, printed, params.formula_dates)
    framed = [
        own_codes[_in_frames(own.choose(np.isin(own_codes, often)), one.sizes, own, params)]
        for one, own, own_codes in zip(printed, firsts, codes, strict=True)
    ]
    return np.unique(_on_dates(framed, printed, params.formula_dates) % max(grams, 1))


def _on_dates(codes: list[Numbers], printed: list[PrintedTexts], dates: int) -> Numbers:
    """The codes, of a publisher and a 4-gram, that occur on so many dates."""
    dated = [np.unique(own * RESIDUES + one.day % RESIDUES) for own, one in zip(codes, printed, strict=True)]
    found, counts = np.unique(
        np.unique(np.concatenate([np.empty(0, np.int64), *dated])) // RESIDUES, return_counts=True
    )
    often: Numbers = found[counts >= dates]
    return often


def _in_frames(often: Hits, sizes: NDArray[np.int32], hits: Hits, params: Params) -> NDArray[np.bool_]:
    """Which of *hits* lie in the frame of their text: in its short stretches, if these are enough of it.

    *often*: those of them that are printed on enough dates.
    """
    if not len(often.texts):
        return np.zeros(len(hits.texts), np.bool_)
    apart = (np.diff(often.texts) != 0) | (np.diff(often.places) > WIDTH)
    begins, ends = np.concatenate(([0], np.flatnonzero(apart) + 1)), np.concatenate((np.flatnonzero(apart), [-1]))
    texts, long = often.texts[begins], often.places[ends] + WIDTH - often.places[begins]
    short = long <= params.formula_longest
    framed = np.bincount(texts[short], long[short], len(sizes)) >= params.formula_share * sizes
    kept = np.repeat(short & framed[texts], np.diff(np.concatenate((begins, [len(often.texts)]))))
    return np.isin(hits.places, often.places[kept])
