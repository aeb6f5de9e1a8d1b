"""The longest passages that two texts share, with their places in both original texts: the evidence of a match."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.pairs.runs import Run
from dedupe.records import Passage
from dedupe.text.oddmarks import usual_marks
from dedupe.text.offsets import original_spans
from dedupe.text.words import Vocabulary, read_words


@dataclass(frozen=True, slots=True)
class TokenOffsets:
    """A text whose tokens have been found again in the original."""

    starts: NDArray[np.int32]  # (n,), characters of the original text
    ends: NDArray[np.int32]


def locate_tokens(text: str, found: tuple[NDArray[np.int32], NDArray[np.int32]] | None = None) -> TokenOffsets:
    """Where each token stands in the original *text*; *found*: the places in its NFKC form, (starts, ends)."""
    if found is None:
        words = read_words(usual_marks(text), Vocabulary())
        found = words.starts, words.ends
    if text.isascii():
        return TokenOffsets(*found)
    _, starts, ends = original_spans(usual_marks(text))
    return TokenOffsets(starts[found[0]], ends[found[1] - 1])


def show(runs: Sequence[Run], left: TokenOffsets, right: TokenOffsets) -> tuple[Passage, ...]:
    """The runs as passages."""
    return tuple(
        Passage(
            left_start=int(left.starts[run.left]),
            left_end=int(left.ends[run.left + run.left_size - 1]),
            right_start=int(right.starts[run.right]),
            right_end=int(right.ends[run.right + run.right_size - 1]),
            words=run.shared,
            quotation=run.quotation,
        )
        for run in runs
    )
