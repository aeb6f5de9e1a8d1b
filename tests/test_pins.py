"""Pins: what is refused, what is written, and what is said about it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.pins import Case, Versioned, complaints, repin


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "versions.json"


def versioned(file: Path, stamp: str, **cases: tuple[object, object]) -> Versioned:
    return Versioned(
        name="sums",
        raise_at="SUM_VERSION in sums.py",
        stamp=stamp,
        file=file,
        cases=lambda: {name: Case(given=given, result=result) for name, (given, result) in cases.items()},
    )


def test_pinned_results_pass(file: Path) -> None:
    """What has no pins is told; after `make pins` it passes."""
    sums = versioned(file, "v1", small=([1, 2], 3))
    assert complaints(sums) == ["sums has no pins in versions.json yet. Run: make pins"]
    assert repin(sums) == []
    assert complaints(sums) == []


def test_changed_result_needs_a_version(file: Path) -> None:
    """A changed result under the same version is told, and cannot be pinned; under a new version it can."""
    repin(versioned(file, "v1", small=([1, 2], 3), large=([7, 8], 15)))
    before = file.read_text()
    changed = versioned(file, "v1", small=([1, 2], 4), large=([7, 8], 15))
    (said,) = complaints(changed)
    assert "the results of small changed" in said
    assert "raise SUM_VERSION in sums.py, then run: make pins" in said
    assert repin(changed) == [said]
    assert file.read_text() == before
    raised = versioned(file, "v2", small=([1, 2], 4), large=([7, 8], 15))
    assert complaints(raised) == ["sums is pinned as v1 and is now v2. Run: make pins"]
    assert repin(raised) == []
    assert complaints(raised) == []


@pytest.mark.parametrize(
    "cases",
    [{"small": ([1, 3], 4)}, {"small": ([1, 2], 3), "large": ([7, 8], 15)}, {}],
    ids=["other-input", "new-case", "case-gone"],
)
def test_changed_cases_need_no_version(file: Path, cases: dict[str, tuple[object, object]]) -> None:
    """Who edits or adds a fixed text pins it anew: the results of the others did not change."""
    repin(versioned(file, "v1", small=([1, 2], 3)))
    edited = versioned(file, "v1", **cases)
    assert complaints(edited) == ["sums: its cases are not those that are pinned. Run: make pins"]
    assert repin(edited) == []
    assert complaints(edited) == []


def test_other_versions_keep_their_pins(file: Path) -> None:
    """One file holds the pins of a room's versions; pinning one leaves the others."""
    file.write_text(json.dumps({"products": {"stamp": "p1", "cases": {}}}))
    repin(versioned(file, "v1"))
    assert set(json.loads(file.read_text())) == {"products", "sums"}
