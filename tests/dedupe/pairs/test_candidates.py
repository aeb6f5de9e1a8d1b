"""The join that finds pairs worth a look."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.pairs import candidates
from dedupe.pairs.candidates import find_candidates
from dedupe.params import Params

SETS = st.lists(st.sets(st.integers(0, 40), max_size=20), max_size=9)


def brute(sketches: list[set[int]], params: Params) -> tuple[list[tuple[int, int, int]], list[bool]]:
    """The definition, spelt out: (left, right, shared hashes) of each pair, and which texts are crowded."""
    holders = {h: [n for n, own in enumerate(sketches) if h in own] for own in sketches for h in own}
    behind = [sum(holders[h].index(n) >= params.posting_cap for h in own) for n, own in enumerate(sketches)]
    crowded = [0 < many >= params.crowd_share * len(own) for many, own in zip(behind, sketches, strict=True)]
    found = []
    for right in range(len(sketches)):
        for left in range(right):
            both = sketches[left] & sketches[right]
            shared = sum(holders[h].index(left) < params.posting_cap for h in both)
            need = params.candidate_share * np.sqrt(len(sketches[left]) * len(sketches[right]))
            if shared >= params.candidate_shared and shared >= need:
                found.append((left, right, shared))
    return sorted(found), crowded


@given(SETS, st.integers(1, 4), st.integers(1, 5))
def test_equals_definition(sets: list[set[int]], shared: int, cap: int) -> None:
    """The bulk join gives what its definition gives, also when it is cut into small blocks."""
    params = Params(posting_cap=cap, candidate_shared=shared, candidate_share=0.3, crowd_share=0.2)
    sketches = [np.array(sorted(own), np.uint64) for own in sets]
    found = find_candidates(sketches, params)
    pairs = [(*pair, shared) for pair, shared in zip(found.pairs.tolist(), found.shared.tolist(), strict=True)]
    assert (pairs, found.crowded.tolist()) == brute(sets, params)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting block by block is counting at once."""
    draw = np.random.default_rng(3)
    sketches = [np.unique(draw.integers(0, 300, 60)).astype(np.uint64) for _ in range(40)]
    whole = find_candidates(sketches, Params()).pairs
    monkeypatch.setattr(candidates, "EMISSIONS", 50)
    assert np.array_equal(whole, find_candidates(sketches, Params()).pairs)


def test_the_hundredth_copy_is_found() -> None:
    """A hash that a hundred texts have still joins the last of them with the first (dropping it would lose the
    copy).
    """
    sketches = [np.arange(10, dtype=np.uint64) for _ in range(100)]
    pairs = {tuple(pair) for pair in find_candidates(sketches, Params()).pairs.tolist()}
    assert (0, 99) in pairs
    assert (98, 99) not in pairs
