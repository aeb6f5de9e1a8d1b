"""Sketches: what the store keeps of a text. A sketch is a function of one text and the parameters, of nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.minhash import sign
from dedupe.params import DEFAULTS, Params
from dedupe.quotations import BLOCK, MARKED
from dedupe.reading import hash_content, read
from dedupe.records import Article
from dedupe.shingles import Hashes, five_grams, four_grams, sorted_unique
from dedupe.words import Vocabulary


@dataclass(frozen=True, slots=True)
class Sketches:
    """Column by column, in the order of the articles; n articles. Hashes are below 2**63: `.view(np.int64)` is safe."""

    ids: list[str]
    minhash: NDArray[np.uint32]  # (n, 128)
    sketch: list[Hashes]  # sampled 4-grams, sorted, distinct
    quoted: list[Hashes]  # 4-grams inside quotations, sorted, distinct
    tokens: NDArray[np.int32]  # (n,)
    content_hash: list[str]
    params_hash: str


def sketch_articles(articles: Sequence[Article], params: Params = DEFAULTS) -> Sketches:
    """The sketches of *articles*, in their order."""
    vocabulary = Vocabulary()
    readings = [read(article.text, vocabulary, params) for article in articles]
    words = vocabulary.hashes()
    hashes = [words[reading.ids] for reading in readings]
    grams = [four_grams(own) for own in hashes]
    return Sketches(
        ids=[article.id for article in articles],
        minhash=sign([five_grams(own) for own in hashes], count=params.minhash_permutations, seed=params.minhash_seed),
        sketch=[sample(own, reading.words, params) for own, reading in zip(grams, readings, strict=True)],
        quoted=[sorted_unique(own[is_quoted(reading.flags)]) for own, reading in zip(grams, readings, strict=True)],
        tokens=np.array([len(reading.ids) for reading in readings], np.int32),
        content_hash=[hash_content(own) for own in hashes],
        params_hash=params.hash,
    )


def sample(grams: Hashes, words: int, params: Params) -> Hashes:
    """FracMinHash: the 4-grams whose hash lies in the lowest 1/rate of its range, all of them for a short text;
    sorted, distinct.
    """
    if words >= params.whole_sketch_words:
        grams = grams[grams < np.uint64((1 << 63) // params.sketch_rate)]
    return sorted_unique(grams)


def is_quoted(flags: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Whether each 4-gram lies in a quotation (its first and last token do), shape (max(n - 3, 0),)."""
    quoted = (flags & (MARKED | BLOCK)) > 0
    return quoted[:-3] & quoted[3:]
