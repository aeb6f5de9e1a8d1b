"""A changed sketch, match or cluster needs a new version: rows in stores would not be made anew otherwise."""

from __future__ import annotations

import pytest

from dedupe import backends
from dedupe.pairs import relations
from tests.dedupe.versions import VERSIONED, matches_and_clusters
from tests.pins import Versioned, complaints


@pytest.mark.parametrize(
    "compiled",
    [pytest.param(False, id="plain"), pytest.param(True, id="compiled", marks=pytest.mark.slow)],
)
@pytest.mark.parametrize("versioned", VERSIONED, ids=lambda versioned: versioned.name)
def test_results_are_those_of_their_version(
    versioned: Versioned, compiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain and compiled code give the pinned results; if not, the message says what to do."""
    monkeypatch.setattr(backends, "pays", lambda texts: compiled)
    monkeypatch.setattr(backends, "COMPILED_PAIRS", 0 if compiled else 10**9)
    assert complaints(versioned) == []


@pytest.mark.slow
def test_every_relation_is_pinned() -> None:
    """The fixed texts have something to say to every decision: each relation occurs, and a withdrawal."""
    pairs = [pair for case in matches_and_clusters().values() for day in case.result["by date"] for pair in day]
    assert {"identical", "near_duplicate", "copy", "derived", "update", "contains", "overlap", "withdrawn"} == {
        relation for _, _, relation in pairs
    }


@pytest.mark.slow
def test_changed_decision_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A decision that changed in the code and not in its version is named, with what to raise and what to run."""
    monkeypatch.setattr(relations, "PER_WORDS", 9.0)
    (said,) = complaints(VERSIONED[1])
    assert "raise ALGORITHM_VERSION in dedupe/params.py, then run: make pins" in said
    assert "the results of languages, " in said
