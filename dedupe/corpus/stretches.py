"""Stretches of tokens in many texts: what a search marks in a collection."""

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
