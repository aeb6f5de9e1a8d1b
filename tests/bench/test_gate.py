"""The gate: floors, fingerprints, and the one flag that lowers."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.quality.gate import check, fingerprint, judge, pin


@pytest.fixture
def floors(tmp_path: Path) -> Path:
    path = tmp_path / "floors.json"
    assert pin("copies", {"precision": 0.95001, "recall": 0.8}, "f1", path=path) == []
    return path


@pytest.mark.parametrize(
    ("measures", "print_", "said"),
    [
        pytest.param({"precision": 0.95001, "recall": 0.8}, "f1", None, id="equal"),
        pytest.param({"precision": 1.0, "recall": 0.9, "f1": 0.1}, "f1", None, id="better-and-more"),
        pytest.param(
            {"precision": 0.94, "recall": 0.9}, "f1", "precision 0.9400 is below its floor 0.9500", id="worse"
        ),
        pytest.param({"precision": 1.0}, "f1", "recall was not measured", id="missing"),
        pytest.param({"precision": 1.0, "recall": 1.0}, "f2", "the data changed (f1 → f2)", id="other-data"),
    ],
)
def test_check(floors: Path, measures: dict[str, float], print_: str, said: str | None) -> None:
    """A floor holds on the data it was pinned on."""
    problems = check("copies", measures, print_, floors)
    assert len(problems) == (said is not None)
    assert said is None or said in problems[0]


def test_unknown_gate(floors: Path) -> None:
    """A gate without floors never passes."""
    assert "no floor is pinned" in check("clusters", {}, "f1", floors)[0]


def test_only_the_flag_lowers(floors: Path) -> None:
    """Pinning raises and creates; a worse figure is refused as a whole, on new data too."""
    assert (
        "--lower"
        in judge("copies", {"precision": 0.99, "recall": 0.7}, "f2", pinning=True, lower=False, path=floors)[0]
    )
    assert check("copies", {"precision": 0.96, "recall": 0.8}, "f1", floors) == []
    assert judge("copies", {"precision": 0.99, "recall": 0.7}, "f2", pinning=True, lower=True, path=floors) == []
    assert judge("copies", {"precision": 0.98, "recall": 0.7}, "f2", pinning=False, lower=False, path=floors) != []
    assert judge("copies", {"precision": 0.99, "recall": 0.7}, "f2", pinning=False, lower=False, path=floors) == []


def test_fingerprint(tmp_path: Path) -> None:
    """Contents count, wherever the files lie; so do strings."""
    one, two = tmp_path / "a", tmp_path / "b"
    one.write_text("x")
    two.write_text("y")
    assert fingerprint([one, two]) == fingerprint([two, one])
    assert len({fingerprint([one]), fingerprint([two]), fingerprint([one, "x"]), fingerprint(["z"])}) == 4
