"""The floors of bench/quality that take seconds; `python -m bench.quality` measures the rest."""

from __future__ import annotations

import pytest

from bench.quality.__main__ import gate
from bench.quality.measure import Rates, ours, rates, wilson
from bench.quality.sets import Pair, available


@pytest.mark.parametrize("name", ["newsroom", "generated", "graded", "seeds", "dedupe_pairs"])
def test_floors(name: str) -> None:
    """No decision got worse."""
    if name not in available():
        pytest.skip("no data on loan beside the checkout")
    labelled = available()[name]()
    assert gate(labelled, ours(labelled.articles)) == []


def test_rates() -> None:
    """Weighted; partial and disputed pairs do not count."""
    pairs = [Pair("a", "b", "copy", 3), Pair("a", "c", "copy"), Pair("a", "d", "independent", 1),
             Pair("a", "e", "partial", 9), Pair("a", "f", "disputed", 9)]  # fmt: skip
    got = rates(pairs, lambda pair: pair.right in "bde")
    assert got == Rates(0.75, 0.75)
    assert got.f1 == pytest.approx(0.75)


def test_wilson() -> None:
    """Bounds of a share, from Wilson's formula by hand: 8 of 10 at z = 1."""
    low, high = wilson(8, 10, z=1)
    assert (round(low, 3), round(high, 3)) == (0.649, 0.896)
