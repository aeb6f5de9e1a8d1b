"""The interface for the tokens of a window's texts, in memory or in files."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.stretches import Stretches
from dedupe.corpus.tables import TextTable


class TokenStore(Protocol):
    """Texts to compare, with tokens in memory (`TextTable`) or in files."""

    @property
    def sizes(self) -> NDArray[np.int32]:
        """Tokens of each text."""

    @property
    def words(self) -> NDArray[np.int32]:
        """Words of each text."""

    @property
    def line_keys(self) -> NDArray[np.uint64]:
        """Hashes of the lines of all texts."""

    @property
    def line_tokens(self) -> NDArray[np.int32]:
        """Tokens of each of them."""

    @property
    def line_starts(self) -> NDArray[np.int64]:
        """Where the lines of each text begin."""

    @property
    def line_sizes(self) -> NDArray[np.int32]:
        """How many lines each text has."""

    def __len__(self) -> int:
        """How many texts."""

    def take(self, numbers: NDArray[np.int64]) -> TokenStore:
        """The texts *numbers*, in that order."""

    def gather(self, numbers: NDArray[np.int64]) -> TextTable:
        """The texts *numbers*, in that order, in memory."""

    def flagged(self, stretches: Stretches, flag: int) -> TokenStore:
        """With *flag* on these stretches, beside the flags that are there."""
