"""Sketches: what the store keeps of a text. A sketch is a function of one text and the parameters, of nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.flags import QUOTED
from dedupe.kernels import pays
from dedupe.minhash import sign
from dedupe.params import DEFAULTS, Params
from dedupe.records import Article
from dedupe.shingles import Hashes, five_grams, sorted_unique
from dedupe.tables import TextTable, read_texts


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


def sign_table(table: TextTable, params: Params) -> NDArray[np.uint32]:
    """MinHash signatures, uint32, shape (len(table), permutations): of many texts by compiled code."""
    if pays(len(table)):
        from dedupe.kernels.signing import sign_table as sign_many

        return sign_many(table, count=params.minhash_permutations, seed=params.minhash_seed)
    shingles = [five_grams(table.row(number).tokens.astype(np.uint64)) for number in range(len(table))]
    return sign(shingles, count=params.minhash_permutations, seed=params.minhash_seed)


def sample(grams: Hashes, words: int, params: Params) -> Hashes:
    """FracMinHash: the 4-grams whose hash lies in the lowest 1/rate of its range, all of them for a short text;
    sorted, distinct.
    """
    if words >= params.whole_sketch_words:
        grams = grams[grams < np.uint64((1 << 63) // params.sketch_rate)]
    return sorted_unique(grams)


def is_quoted(flags: NDArray[np.uint8], longest: int) -> NDArray[np.bool_]:
    """Whether each 4-gram lies in a quotation of at most *longest* tokens (its first and last token do), shape
    (max(n - 3, 0),). What is longer is no quotation of a report but the report.
    """
    edges = np.flatnonzero(np.diff((flags & QUOTED) > 0, prepend=False, append=False))
    quoted = np.zeros(len(flags), np.bool_)
    for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        quoted[begin:end] = end - begin <= longest
    return quoted[:-3] & quoted[3:]
