"""Signatures are datasketch's, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

from dedupe.corpus.minhash import EMPTY, permutations, sign, to_datasketch
from dedupe.corpus.shingles import five_grams, jaccard

COUNTS = [0, 1, 2, 40, 700, 40_000]


@pytest.fixture(scope="module")
def shingles() -> list[np.ndarray]:
    draw = np.random.default_rng(7)
    return [draw.integers(0, 1 << 32, count, dtype=np.uint32) for count in COUNTS]


@pytest.mark.slow
def test_permutations_are_those_of_datasketch() -> None:
    """The same seed gives the same a and b."""
    from datasketch import MinHash

    a, b = permutations(128, 1)
    assert np.array_equal(np.array([a, b]), MinHash(num_perm=128).permutations)


def test_signatures_equal_update_batch(shingles: list[np.ndarray]) -> None:
    """Bulk and datasketch agree on every bit, also for texts without shingles."""
    from datasketch import MinHash

    signatures = sign(shingles, count=128, seed=1)
    for own, signature in zip(shingles, signatures, strict=True):
        theirs = MinHash(num_perm=128, hashfunc=int)
        if len(own):
            theirs.update_batch(own.tolist())
        assert np.array_equal(theirs.hashvalues, signature)
    assert (signatures[0] == EMPTY).all()
    assert signatures.dtype == np.uint32


def test_loads_in_datasketch(shingles: list[np.ndarray]) -> None:
    """A stored signature goes on living: compare, look up, update."""
    from datasketch import MinHashLSH

    full, part = shingles[4], shingles[4][:600]
    one, two = (to_datasketch(row) for row in sign([full, part], count=128, seed=1))
    assert abs(one.jaccard(two) - jaccard(full, part)) < 0.15
    lsh = MinHashLSH(threshold=0.5, num_perm=128)
    lsh.insert("full", one)
    assert lsh.query(two) == ["full"]
    two.update_batch(full[600:].tolist())
    assert one.jaccard(two) == 1.0


def test_five_grams() -> None:
    """n - 4 shingles; a short text is one shingle; none without words."""
    hashes = np.arange(1, 9, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    assert [len(five_grams(hashes[:n])) for n in (0, 1, 4, 5, 8)] == [0, 1, 1, 1, 4]
