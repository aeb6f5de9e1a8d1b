"""Sketches: functions of one text."""

from __future__ import annotations

import numpy as np
import pytest

from dedupe.params import Params
from dedupe.reading import content_hash
from dedupe.sketches import sketch_articles


def test_sketch_is_a_function_of_one_text(make, write) -> None:
    """Neighbours, order and vocabulary change nothing."""
    articles = [make(f"n{seed}", write(seed)) for seed in range(5)]
    alone, among = sketch_articles(articles[3:4]), sketch_articles(articles[::-1])
    assert np.array_equal(alone.minhash[0], among.minhash[1])
    assert np.array_equal(alone.sketch[0], among.sketch[1])
    assert alone.content_hash[0] == among.content_hash[1] == content_hash(articles[3].text)
    assert alone.params_hash == Params().hash


@pytest.mark.parametrize(
    ("sentences", "low", "high"), [(4, 1.0, 1.0), (60, 0.4, 0.6)], ids=["short-text-whole", "long-text-one-in-two"]
)
def test_sample(make, write, sentences: int, low: float, high: float) -> None:
    """Half of the 4-grams of a long text are kept, all of a short one; sorted and below 2**63."""
    found = sketch_articles([make("a", write(1, sentences))])
    sketch = found.sketch[0]
    assert low <= len(sketch) / (found.tokens[0] - 3) <= high
    assert (np.diff(sketch.view(np.int64)) > 0).all()


def test_quoted(make, write) -> None:
    """The 4-grams inside quotations are kept apart."""
    found = sketch_articles(
        [make("a", write(1)), make("b", write(1) + '\nHe said "one two three four five six" then.')]
    )
    assert [len(own) for own in found.quoted] == [0, 3]


def test_no_words(make) -> None:
    """A text without words has an empty sketch, and no articles give no rows."""
    found = sketch_articles([make("a", " … ")])
    assert (len(found.sketch[0]), len(found.quoted[0]), found.tokens[0]) == (0, 0, 0)
    assert sketch_articles([]).minhash.shape == (0, 128)
