"""`probability` fitted without one set and tried on that set: what its numbers are worth on pairs that nobody saw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from bench.markdown import table
from bench.quality.measure import scores
from bench.quality.sets import LabelledSet
from dedupe.pairs.relations import ZONE, Scores, probability

Reals = NDArray[np.float64]

SAID = """## Probability, one set left out

Pairs with s of .06 and more, partial copies counted as none. A logistic of the same four numbers is fitted on the other
sets and tried on this one; beside it stands what wirecopy gives, which is fitted on all of them. AUC: how often a copy
is likelier than another pair. Mean: of the probabilities, beside the share of copies.

"""

RIDGE = 1.0  # pulls the weights of standardised features to 0: there are some fifty pairs a set
STEPS = 30  # of Newton's method; it stands still after ten
LEAST = 1e-4  # no probability is nearer to 0 or 1 when its logarithm is taken


@dataclass(frozen=True, slots=True)
class Told:
    """The labelled pairs of one set with a score of ZONE and more; partial copies are none, disputed ones left out."""

    name: str
    features: Reals  # (n, 4): those of `relations.log_odds`
    copies: NDArray[np.bool_]  # (n,)
    given: Reals  # (n,): the probability that wirecopy gives


def leave_one_out(sets: Sequence[LabelledSet]) -> str:
    """The section of the report."""
    told = [_tell(one) for one in sets]
    rows = []
    for left in told:
        others = [one for one in told if one is not left]
        features = np.concatenate([one.features for one in others])
        fitted = _fit(features, np.concatenate([one.copies for one in others]))
        rows.append(_row(left, fitted(left.features)))
    columns = ["set left out", "pairs", "copies", "AUC", "given", "log loss", "given", "mean", "given", "copies"]
    return SAID + table(columns, rows) + "\n\n"


def _tell(labelled: LabelledSet) -> Told:
    labels = {(pair.left, pair.right): pair.label for pair in labelled.pairs if pair.label != "disputed"}
    known = [(one, labels[pair]) for pair, one in scores(labelled).items() if pair in labels and one.score >= ZONE]
    return Told(
        labelled.name,
        np.array([_features(one) for one, _ in known]).reshape(-1, 4),
        np.array([label == "copy" for _, label in known], np.bool_),
        np.array([probability(one) for one, _ in known]),
    )


def _features(one: Scores) -> tuple[float, float, float, float]:
    return log(one.score), log(one.agreement), sqrt(one.order), log(max(one.shared_words, 1))


def _fit(features: Reals, copies: NDArray[np.bool_]) -> Callable[[Reals], Reals]:
    """A logistic regression: returns the function from features to probabilities."""
    middle, spread = features.mean(axis=0), features.std(axis=0) + 1e-9

    def design(found: Reals) -> Reals:
        return np.column_stack((np.ones(len(found)), (found - middle) / spread))

    known, weights = design(features), np.zeros(features.shape[1] + 1)
    ridge = RIDGE * np.diag([0.0] + [1.0] * features.shape[1])
    for _ in range(STEPS):
        likely = _logistic(known @ weights)
        slope = known.T @ (likely - copies) + ridge @ weights
        weights = weights - np.linalg.solve((known.T * (likely * (1 - likely))) @ known + ridge, slope)
    return lambda found: _logistic(design(found) @ weights)


def _logistic(odds: Reals) -> Reals:
    return 1 / (1 + np.exp(-odds))


def _row(left: Told, fitted: Reals) -> list[str]:
    return [
        left.name, str(len(left.copies)), str(int(left.copies.sum())),
        _auc(fitted, left.copies), _auc(left.given, left.copies),
        f"{_loss(fitted, left.copies):.2f}", f"{_loss(left.given, left.copies):.2f}",
        f"{fitted.mean():.2f}", f"{left.given.mean():.2f}", f"{left.copies.mean():.2f}",
    ]  # fmt: skip


def _auc(likely: Reals, copies: NDArray[np.bool_]) -> str:
    """Share of the pairs (a copy, another one) that are in the right order, ties half; "–" without both."""
    if copies.all() or not copies.any():
        return "–"
    ahead = likely[copies][:, None] - likely[~copies][None, :]
    return f"{float((ahead > 0).mean() + (ahead == 0).mean() / 2):.2f}"


def _loss(likely: Reals, copies: NDArray[np.bool_]) -> float:
    sure = np.clip(likely, LEAST, 1 - LEAST)
    return float(-np.where(copies, np.log(sure), np.log(1 - sure)).mean())
