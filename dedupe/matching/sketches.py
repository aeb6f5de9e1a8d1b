"""Sketches: the columns that the store keeps of a text. A sketch is a function of one text and the parameters only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.backends import read_texts, sign_table
from dedupe.corpus.tables import TextTable
from dedupe.params import DEFAULTS, Params
from dedupe.records import Article


@dataclass(frozen=True, slots=True)
class Sketches:
    """Column by column, in the order of the articles; n articles."""

    ids: list[str]
    minhash: NDArray[np.uint32]  # (n, 128)
    table: TextTable  # all that comparing needs
    content_hash: list[str]
    params_hash: str


def sketch_articles(articles: Sequence[Article], params: Params = DEFAULTS) -> Sketches:
    """The sketches of *articles*, in their order."""
    table = read_texts([article.text for article in articles], params)
    return Sketches(
        ids=[article.id for article in articles],
        minhash=sign_table(table, params),
        table=table,
        content_hash=list(table.content_hashes()),
        params_hash=params.sketch_hash,
    )
