"""Coverage, witnesses, and the index that they are read from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.corpus.shingles import PATTERNS
from dedupe.pairs import keyindex
from dedupe.pairs.keyindex import index_keys
from dedupe.pairs.verify import Verifier, in_runs
from dedupe.params import Params

TEXTS = st.lists(st.lists(st.integers(1, 6), max_size=14), min_size=2, max_size=5)


def tokens(numbers: list[int]) -> np.ndarray:
    return np.array(numbers, np.uint64) * np.uint64(0x9E3779B97F4A7C15)


def verifier(texts: list[np.ndarray], flags: list[np.ndarray] | None = None) -> Verifier:
    plain = flags or [np.zeros(len(text), np.uint8) for text in texts]
    return Verifier(index_keys(texts, plain, Params()), plain, Params())


def keys_of(text: list[int]) -> list[tuple[int, ...]]:
    return [tuple(text[at + p] for p in places) for places in PATTERNS for at in range(len(text) - places[-1])]


@given(TEXTS)
def test_shared_keys(texts: list[list[int]]) -> None:
    """The index knows exactly the keys that two texts share, with one word skipped or none."""
    made = verifier([tokens(text) for text in texts])
    shared = made.shared(0, 1)
    own = made.index.texts[0]
    assert int(shared.left.sum()) == sum(key in set(keys_of(texts[1])) for key in keys_of(texts[0]))
    assert (np.diff(own.slots) > 0).all()


def test_ranges_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sorting the key space in ranges and blocks gives the same scores as sorting it at once."""
    draw = np.random.default_rng(5)
    texts = [tokens(draw.integers(1, 9, 60).tolist()) for _ in range(8)]
    whole = verifier(texts)
    monkeypatch.setattr(keyindex, "RANGE_KEYS", 300)
    monkeypatch.setattr(keyindex, "BLOCK_TOKENS", 70)
    cut = verifier(texts)
    for left in range(8):
        for right in range(left + 1, 8):
            scores = [made.compare(left, right, made.shared(left, right)).score for made in (whole, cut)]
            assert scores[0] == scores[1]


def test_one_skipped_word_does_not_hide_a_copy() -> None:
    """Every fifth word replaced: no 5-gram is left, but the narrative is covered."""
    words = list(range(1, 101))
    other = [1000 + n if n % 5 == 2 else n for n in words]
    made = verifier([tokens(words), tokens(other)])
    assert made.compare(0, 1, made.shared(0, 1)).score > 0.7


def test_quoted_by_any_text() -> None:
    """A passage that a third text marks as a quotation is one in all texts."""
    speech = list(range(1, 60))
    texts = [
        tokens([*range(200, 260), *speech]),
        tokens([*speech, *range(300, 360)]),
        tokens([*range(400, 460), *speech]),
    ]
    flags = [np.zeros(len(text), np.uint8) for text in texts]
    made = verifier(texts[:2], flags[:2])
    assert made.compare(0, 1, made.shared(0, 1)).score > 0.4
    flags[2][60:] = 1
    made = verifier(texts, flags)
    assert made.compare(0, 1, made.shared(0, 1)).score == 0.0


def test_third_texts_are_witnesses() -> None:
    """What a stranger says too is common language; a fellow copy is no stranger."""
    phrase = list(range(1, 30))
    texts = [
        tokens([*range(200, 270), *phrase]),
        tokens([*range(300, 370), *phrase]),
        tokens([*phrase, *range(400, 470)]),
    ]
    made = verifier(texts)
    shared = made.shared(0, 1)
    assert made.compare(0, 1, shared).score > 0.2
    assert made.compare_again(0, 1, shared, np.array([0, 1])).score == 0.0
    assert made.compare_again(0, 1, shared, np.array([0, 1, 2])).score == made.compare(0, 1, shared).score


@pytest.mark.parametrize(
    ("covered", "expected"), [("", 0), ("11", 0), ("111", 3), ("110111011110", 7), ("ff1ff", 1), ("f1", 0), ("11f0", 2)]
)
def test_in_runs(covered: str, expected: int) -> None:
    """Fragments of under three words do not count; words of a formula (f) stand in a run and are not counted."""
    found, counted = (np.array([char in chars for char in covered], np.bool_) for chars in ("1f", "01"))
    assert expected == in_runs(found, counted, 3)
