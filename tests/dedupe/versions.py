"""What ALGORITHM_VERSION and SKETCH_VERSION stand for: sketches, matches and clusters of fixed texts of our own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from dedupe.grouping.clusters import group
from dedupe.matching.matching import find_matches, read_library
from dedupe.matching.scoring import PairScorer
from dedupe.matching.sketches import sketch_articles
from dedupe.params import DEFAULTS
from dedupe.records import ArticleNode, ArticleText, Match
from tests.dedupe.fixed_texts import collections
from tests.pins import Case, Versioned

PINS = Path(__file__).parent / "versions.json"
DIGITS = 6  # of a score: the last bits of a logarithm depend on the processor


def _sketched(articles: Sequence[ArticleText]) -> list[list[object]]:
    """Per article, all that the store keeps of it."""
    made = sketch_articles(articles)
    rows = []
    for number, name in enumerate(made.ids):
        row = made.table.row(number)
        columns = (row.tokens, row.flags, row.line_tokens, row.line_keys, made.minhash[number])
        kept = hashlib.blake2b(b"".join(column.tobytes() for column in columns), digest_size=8).hexdigest()
        rows.append([name, row.words, made.content_hash[number], kept])
    return rows


def _grouped(articles: Sequence[ArticleText]) -> dict[str, object]:
    """Matches as all dates leave them, those and the withdrawals of each date, those without dates, and clusters."""
    matches = find_matches(articles)
    undated = [replace(article, date=None, published_at=None) for article in articles]
    dates = sorted({article.date for article in articles if article.date})
    nodes = [_node(article) for article in articles]
    return {
        "matches": [_rounded(asdict(match)) for match in matches],
        "by date": [[_pair(match) for match in find_matches(articles, date=date)] for date in dates],
        "undated": [_pair(match) for match in find_matches(undated)],
        "scores": _scores(undated),
        "clusters": [_rounded(asdict(row)) for row in group(nodes, matches)],
    }


def _scores(articles: Sequence[ArticleText]) -> list[list[object]]:
    """All that is measured of each candidate pair, matching or not."""
    context = read_library(articles, DEFAULTS).context(None)
    scorer = PairScorer(context)
    pairs = scorer.measures.candidates(np.ones(len(context.units), np.bool_))
    return [
        [scorer.article_id(one.left), scorer.article_id(one.right), _rounded(asdict(one.scores))]
        for one in scorer.measure(pairs, anyway=True)
    ]


def _pair(match: Match) -> tuple[str, str, str]:
    return match.left_id, match.right_id, match.relation


def _node(article: ArticleText) -> ArticleNode:
    return ArticleNode(
        id=article.id,
        date=article.date,
        published_at=article.published_at,
        publisher=article.publisher,
        agency="Meridian Wire" if "Meridian Wire" in article.text else None,
        word_count=len(article.text.split()),
    )


def _rounded(row: Mapping[str, object]) -> dict[str, object]:
    return {name: round(value, DIGITS) if isinstance(value, float) else value for name, value in row.items()}


def sketches() -> dict[str, Case]:
    """The sketches of the fixed texts."""
    return {name: Case(given=_given(texts), result=_sketched(texts)) for name, texts in collections().items()}


def matches_and_clusters() -> dict[str, Case]:
    """What is found among the fixed texts."""
    return {name: Case(given=_given(texts), result=_grouped(texts)) for name, texts in collections().items()}


def _given(articles: Sequence[ArticleText]) -> list[dict[str, object]]:
    return [asdict(article) for article in articles]


VERSIONED = (
    Versioned(
        name="sketches",
        raise_at="SKETCH_VERSION in dedupe/params.py",
        stamp=DEFAULTS.sketch_hash,
        file=PINS,
        cases=sketches,
    ),
    Versioned(
        name="matches and clusters",
        raise_at="ALGORITHM_VERSION in dedupe/params.py",
        stamp=DEFAULTS.hash,
        file=PINS,
        cases=matches_and_clusters,
    ),
)
