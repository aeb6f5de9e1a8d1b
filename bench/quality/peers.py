"""What public tools find at their published settings, verified by their own estimate and grouped by our rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bench.quality.measure import Result, result_of
from dedupe.records import ArticleText, Match

Signatures = NDArray[np.uint32]
NUM_PERM = 128


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool with its settings."""

    name: str
    find: Callable[[Sequence[ArticleText]], Result]


def shingles(text: str, size: int) -> list[str]:
    """Word n-grams, lower case."""
    words = text.lower().split()
    return [" ".join(words[at : at + size]) for at in range(max(len(words) - size + 1, 1))]


def by_lsh(
    size: int, threshold: float, num_perm: int = NUM_PERM, bands: tuple[int, int] | None = None
) -> Callable[[Sequence[ArticleText]], Result]:
    """datasketch's MinHashLSH over word n-grams: what falls into one bucket is a pair, as the tools take it."""

    def find(articles: Sequence[ArticleText]) -> Result:
        from datasketch import MinHash, MinHashLSH

        index = MinHashLSH(threshold=threshold, num_perm=num_perm, params=bands)
        grams = [[gram.encode() for gram in shingles(article.text, size)] for article in articles]
        signatures = MinHash.bulk(grams, num_perm=num_perm, hashfunc=crc32)
        found = []
        for number, signature in enumerate(signatures):
            found += [(other, number, signature.jaccard(signatures[other])) for other in index.query(signature)]
            index.insert(number, signature)
        return _result(articles, found)

    return find


def by_rensa(size: int, threshold: float) -> Callable[[Sequence[ArticleText]], Result]:
    """rensa's RMinHash, all pairs above a threshold of its estimate."""

    def find(articles: Sequence[ArticleText]) -> Result:
        from rensa import RMinHash

        signatures = []
        for article in articles:
            one = RMinHash(num_perm=NUM_PERM, seed=1)
            one.update(shingles(article.text, size))
            signatures.append(one.digest())
        return _above(articles, np.array(signatures, np.uint32), threshold)

    return find


def sign(articles: Sequence[ArticleText], size: int) -> Signatures:
    """datasketch's signatures, shape (articles, NUM_PERM)."""
    from datasketch import MinHash

    grams = [[gram.encode() for gram in shingles(article.text, size)] for article in articles]
    return np.array([one.hashvalues for one in MinHash.bulk(grams, num_perm=NUM_PERM, hashfunc=crc32)])


def above(articles: Sequence[ArticleText], size: int, threshold: float) -> Result:
    """All pairs whose estimated Jaccard similarity reaches a threshold: what the best LSH could give."""
    return _above(articles, sign(articles, size), threshold)


def _above(articles: Sequence[ArticleText], signatures: Signatures, threshold: float) -> Result:
    found = []
    for number in range(1, len(signatures)):
        similar = (signatures[:number] == signatures[number]).mean(axis=1)
        found += [(int(other), number, float(similar[other])) for other in np.flatnonzero(similar >= threshold)]
    return _result(articles, found)


def _result(articles: Sequence[ArticleText], found: Sequence[tuple[int, int, float]]) -> Result:
    return result_of(articles, [_match(articles[a].id, articles[b].id, score) for a, b, score in found])


def _match(left: str, right: str, score: float) -> Match:
    return Match(
        left_id=left, right_id=right, relation="copy", score=round(score, 6), jaccard=score, coverage_left=score,
        coverage_right=score, quotation_agreement=0.5, ordered_share=0.0, probability=0.5, passages=(),
    )  # fmt: skip


PEERS = (
    Peer("datasketch MinHashLSH, 5-grams, .5", by_lsh(5, 0.5)),
    Peer("datasketch MinHashLSH, 5-grams, .8", by_lsh(5, 0.8)),
    Peer("text-dedup's parameters: 5-grams, 250 permutations, .7", by_lsh(5, 0.7, num_perm=250)),
    Peer("datatrove's parameters: 5-grams, 14 bands of 8", by_lsh(5, 0.7, num_perm=112, bands=(14, 8))),
    Peer("rensa RMinHash, 5-grams, .5", by_rensa(5, 0.5)),
)
SIZES, THRESHOLDS = (1, 2, 3, 4, 5), tuple(round(0.04 * step, 2) for step in range(1, 16))
