"""How many copies are found and how many pairs falsely, with intervals; over pairs, zones of the score, and kinds."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from math import sqrt

import numpy as np

from bench.quality.sets import LabelledSet, Pair
from dedupe.corpus.context import Context
from dedupe.grouping.clusters import group
from dedupe.matching.matching import find_matches, read_library
from dedupe.matching.scoring import PairScorer
from dedupe.pairs.relations import Scores
from dedupe.params import DEFAULTS
from dedupe.records import MERGING, ArticleNode, ArticleText, Match

RESAMPLED = 1_000
LOW, HIGH = 0.05, 0.95  # quantiles of the intervals
ZONES = ((0.0, 0.06), (0.06, 0.105), (0.105, 0.15), (0.15, 0.20), (0.20, 0.30), (0.30, 1.01))
FIRST_DAY = date(2026, 11, 1)

Found = Callable[[Pair], bool]


@dataclass(frozen=True, slots=True)
class Rates:
    """Weighted precision, recall and F1 of copies against independent pairs."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-9)

    def as_dict(self) -> dict[str, float]:
        """For a gate."""
        return {"precision": self.precision, "recall": self.recall, "f1": self.f1}


@dataclass(frozen=True)
class Result:
    """What a way of finding copies says about a collection."""

    merged: Collection[frozenset[str]]  # pairs that match by a relation that merges
    matches: Sequence[Match]
    clusters: dict[str, str]

    def matched(self, pair: Pair) -> bool:
        """Whether the two match: identical texts are written as a star, and match what its head matches."""
        left, right = (self.heads.get(name, name) for name in (pair.left, pair.right))
        return left == right or frozenset((left, right)) in self.merged

    @cached_property
    def heads(self) -> dict[str, str]:
        """The earliest article of each identical text, for the later ones."""
        return {match.right_id: match.left_id for match in self.matches if match.relation == "identical"}

    def clustered(self, pair: Pair) -> bool:
        """Whether the two are in one cluster."""
        return self.clusters[pair.left] == self.clusters[pair.right]


def ours(articles: Sequence[ArticleText]) -> Result:
    """What wirecopy says."""
    return result_of(articles, find_matches(articles))


def result_of(articles: Sequence[ArticleText], matches: Sequence[Match]) -> Result:
    """Matches, grouped by our rule; identical texts match whatever one of them matches, as the store writes it."""
    nodes = [
        ArticleNode(id=one.id, date=one.date, published_at=one.published_at, word_count=len(one.text.split()))
        for one in articles
    ]
    clusters = {row.article_id: row.cluster_id for row in group(nodes, matches)}
    merged = {frozenset((match.left_id, match.right_id)) for match in matches if match.relation in MERGING}
    return Result(merged, matches, clusters)


def rates(pairs: Iterable[Pair], found: Found) -> Rates:
    """Of copies and independent pairs; partial and disputed ones are left out."""
    right = wrong = copies = 0.0
    for pair in pairs:
        if pair.label == "copy":
            copies += pair.weight
            right += pair.weight * found(pair)
        elif pair.label == "independent":
            wrong += pair.weight * found(pair)
    return Rates(right / (right + wrong) if right + wrong else 1.0, right / copies if copies else 1.0)


def interval(pairs: Sequence[Pair], found: Found, seed: int = 1) -> tuple[Rates, Rates]:
    """5th and 95th percentile of precision and recall over resampled pairs."""
    draw = random.Random(seed)
    drawn = [rates(draw.choices(pairs, k=len(pairs)), found) for _ in range(RESAMPLED)]
    precisions, recalls = (np.array([getattr(one, name) for one in drawn]) for name in ("precision", "recall"))
    low, high = (Rates(float(np.quantile(precisions, at)), float(np.quantile(recalls, at))) for at in (LOW, HIGH))
    return low, high


def wilson(hits: int, total: int, z: float = 1.645) -> tuple[float, float]:
    """Interval of a share (Wilson 1927), by default 90 %."""
    if not total:
        return 0.0, 1.0
    share, square = hits / total, z * z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = z * sqrt(share * (1 - share) / total + square / (4 * total * total)) / (1 + square / total)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def strictly(pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs with partial copies counted as none."""
    return [replace(pair, label="independent") if pair.label == "partial" else pair for pair in pairs]


def mean_rates(sets: Iterable[LabelledSet], results: Mapping[str, Result], what: str) -> Rates:
    """Of *what*, "matched" or "clustered": each set weighs one."""
    found = [rates(one.pairs, getattr(results[one.name], what)) for one in sets]
    return Rates(sum(one.precision for one in found) / len(found), sum(one.recall for one in found) / len(found))


def scores(labelled: LabelledSet) -> dict[tuple[str, str], Scores]:
    """All numbers of the labelled pairs, seen among the articles that the later one of each is compared with."""
    library = read_library(labelled.articles, DEFAULTS)
    dates = {article.id: article.date for article in labelled.articles}
    days: dict[date | None, list[Pair]] = {}
    for pair in labelled.pairs:
        day = max((one for one in (dates[pair.left], dates[pair.right]) if one is not None), default=None)
        days.setdefault(day, []).append(pair)
    found: dict[tuple[str, str], Scores] = {}
    for day, pairs in days.items():
        found |= _scores_in(library.context(day), pairs)
    return found


def _scores_in(context: Context, pairs: Sequence[Pair]) -> dict[tuple[str, str], Scores]:
    """Those of two texts of the context; not of verbatim copies, which are one text."""
    units, ids = context.units, context.library.listing.ids
    unit_of = {ids[member]: unit for member, unit in zip(units.members.tolist(), units.owners.tolist(), strict=True)}
    asked: dict[tuple[int, int], list[Pair]] = {}
    for pair in pairs:
        if pair.left in unit_of and pair.right in unit_of:
            left, right = sorted((unit_of[pair.left], unit_of[pair.right]))
            if left != right:
                asked.setdefault((left, right), []).append(pair)
    scored = PairScorer(context).measure(np.array(sorted(asked), np.int64).reshape(-1, 2), anyway=True)
    return {(pair.left, pair.right): one.scores for one in scored for pair in asked[one.left, one.right]}


def by_zone(labelled: LabelledSet, result: Result) -> list[tuple[str, float, float, float, float]]:
    """(zone of s, weight of copies, of those matched, of independent pairs, of those matched)."""
    known = scores(labelled)
    rows = []
    for low, high in ZONES:
        inside = [pair for pair in labelled.pairs if (pair.left, pair.right) in known
                  and low <= known[pair.left, pair.right].score < high]  # fmt: skip
        sums = [
            sum(pair.weight for pair in inside if pair.label == label and (not found or result.matched(pair)))
            for label in ("copy", "independent")
            for found in (False, True)
        ]
        rows.append((f"{low:.3g}–{min(high, 1.0):.3g}", *sums))
    return rows


def dated(articles: Sequence[ArticleText], days: int, seed: int) -> list[ArticleText]:
    """The articles spread evenly over *days* dates."""
    draw = random.Random(seed)
    placed = []
    for one in articles:
        day = FIRST_DAY + timedelta(days=draw.randrange(days))
        at = datetime(day.year, day.month, day.day, draw.randrange(24), draw.randrange(60), tzinfo=UTC)
        placed.append(ArticleText(id=one.id, text=one.text, publisher=one.publisher, date=day, published_at=at))
    return placed
