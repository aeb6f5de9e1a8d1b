"""The texts of some pairs, in memory, as the kernels take them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dedupe.corpus.tables import TextTable
from dedupe.corpus.tokenstore import TokenStore
from dedupe.pairs.measures import Pairs


@dataclass(frozen=True, slots=True)
class PairTexts:
    """Pairs, and a table of their texts."""

    table: TextTable
    pairs: Pairs  # places in the table

    @property
    def columns(self) -> tuple[object, ...]:
        """The columns of the texts, as each kernel reads them."""
        return self.table.tokens, self.table.flags, self.table.starts, self.table.sizes


def gather_pairs(token_store: TokenStore, pairs: Pairs) -> PairTexts:
    """The texts of *pairs*, places in the shelf; each text once."""
    units, places = np.unique(pairs, return_inverse=True)
    return PairTexts(token_store.gather(units), np.ascontiguousarray(places.reshape(-1, 2), np.int64))
