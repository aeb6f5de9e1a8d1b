"""Sketches: functions of one text."""

from __future__ import annotations

import numpy as np
import pytest

from dedupe.backends import read_texts
from dedupe.corpus.sampling import is_quoted, sample
from dedupe.corpus.shingles import four_grams
from dedupe.matching.sketches import sketch_articles
from dedupe.params import Params


def test_sketch_is_a_function_of_one_text(make, write) -> None:
    """Neighbours, order and vocabulary change nothing."""
    articles = [make(f"n{seed}", write(seed)) for seed in range(5)]
    alone, among = sketch_articles(articles[3:4]), sketch_articles(articles[::-1])
    assert np.array_equal(alone.minhash[0], among.minhash[1])
    own, other = alone.table.row(0), among.table.row(1)
    assert all(np.array_equal(getattr(own, name), getattr(other, name)) for name in own.__dataclass_fields__)
    assert (
        alone.content_hash[0]
        == among.content_hash[1]
        == next(read_texts([articles[3].text], Params()).content_hashes())
    )
    assert alone.params_hash == Params().sketch_hash


@pytest.mark.parametrize(
    ("sentences", "low", "high"), [(4, 1.0, 1.0), (60, 0.4, 0.6)], ids=["short-text-whole", "long-text-one-in-two"]
)
def test_sample(write, sentences: int, low: float, high: float) -> None:
    """Half of the 4-grams of a long text are kept, all of a short one; sorted and below 2**63."""
    row = read_texts([write(1, sentences)], Params()).row(0)
    found = sample(four_grams(row.tokens.astype(np.uint64)), row.words, Params())
    assert low <= len(found) / (len(row.tokens) - 3) <= high
    assert (np.diff(found.view(np.int64)) > 0).all()


@pytest.mark.parametrize(("longest", "expected"), [(6, 3), (5, 0)], ids=["a-sentence", "longer-than-transferred"])
def test_quoted(write, longest: int, expected: int) -> None:
    """The 4-grams inside quotations are known, but for those of a report that stands in marks as a whole."""
    table = read_texts([write(1), write(1) + '\nHe said "one two three four five six" then.'], Params())
    assert [int(is_quoted(table.row(number).flags, longest).sum()) for number in range(2)] == [0, expected]


def test_no_words(make) -> None:
    """A text without words has an empty sketch, and no articles give no rows."""
    found = sketch_articles([make("a", " … ")])
    assert (len(found.table.row(0).tokens), found.table.row(0).words) == (0, 0)
    assert sketch_articles([]).minhash.shape == (0, 128)
