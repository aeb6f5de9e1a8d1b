"""qv and ch."""

from __future__ import annotations

import numpy as np
import pytest

from dedupe.pairs.agreement import SentenceOrder, evidence, ordered_share, quotation_agreement


def stems(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.uint64)


def quoted(numbers: range, *spans: range) -> np.ndarray:
    flags = np.zeros(len(numbers), np.bool_)
    for span in spans:
        flags[span] = True
    return flags


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        pytest.param(range(0), range(0), 0.5, id="none"),
        pytest.param(range(24), range(24), (24 + 8) / (24 + 16), id="all-agree"),
        pytest.param(range(24), range(100, 124), 8 / (24 + 16), id="none-agrees"),
    ],
)
def test_quotation_agreement(left: range, right: range, expected: float) -> None:
    """Completely agreeing quotations raise qv above one half, others lower it."""
    one, two = np.ones(len(left), np.bool_), np.ones(len(right), np.bool_)
    assert quotation_agreement(stems(*left), stems(*right), one, two) == pytest.approx(expected)


def telling(*sentences: range) -> SentenceOrder:
    numbers = np.concatenate([np.full(len(own), at, np.int32) for at, own in enumerate(sentences)])
    own = stems(*(stem for sentence in sentences for stem in sentence))
    return SentenceOrder(own, np.ones(len(own), np.bool_), numbers)


A, B, C, D = range(10), range(10, 20), range(20, 30), range(30, 40)
X, Y = range(100, 120), range(120, 140)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        pytest.param((A, B, C, D), (A, B, C, D), 1.0, id="same"),
        pytest.param((A, B, C, D), (A, B, X, C, D, Y), 1.0, id="with-more-between"),
        pytest.param((A, B), (X, Y), 0.0, id="nothing"),
        pytest.param((A, X, B, Y), (A, B), 1.0, id="the-larger-side-counts"),
        pytest.param((A, B, C, D), (D, X, C, X, B, X, A), 0.25, id="other-order"),
        pytest.param((A, range(10, 12), C), (range(12), C), 1.0, id="short-sentence-joins"),
    ],
)
def test_ordered_share(left: tuple[range, ...], right: tuple[range, ...], expected: float) -> None:
    """Counterparts count in order only."""
    assert ordered_share(telling(*left), telling(*right)) == pytest.approx(expected)


def test_evidence_rises() -> None:
    """v2 rises with each of its three numbers; no score is no evidence."""
    assert evidence(0.1, 0.5, 0.5) < evidence(0.12, 0.5, 0.5) < evidence(0.12, 0.6, 0.5) < evidence(0.12, 0.6, 0.7)
    assert evidence(0.12, 0.5, 0.775**2) == pytest.approx(0.0)
    assert evidence(0.0, 0.9, 0.9) == float("-inf")
