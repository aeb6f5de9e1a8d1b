"""Marked stretches of tokens in many texts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Stretches:
    """k stretches of tokens, sorted by text."""

    texts: NDArray[np.int64]  # (k,), places in a shelf
    begins: NDArray[np.int64]  # (k,), tokens of the text before it
    sizes: NDArray[np.int32]  # (k,), tokens

    def tokens(self, starts: NDArray[np.int64]) -> NDArray[np.int64]:
        """The place of each of their tokens, if text i begins at starts[i]."""
        return places(starts[self.texts] + self.begins, self.sizes)


def places(begins: NDArray[np.int64], sizes: NDArray[np.int32]) -> NDArray[np.int64]:
    """begins[0], begins[0] + 1, … of all stretches, one behind the other."""
    ends = np.cumsum(sizes, dtype=np.int64)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(begins - ends + sizes, sizes)
