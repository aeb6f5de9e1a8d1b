"""Params, and what importing the room costs."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError, fields, replace

import pytest

from dedupe import params
from dedupe.params import Params


def test_hash_is_stable_and_tells_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal parameters hash alike, any other value and any other version of the algorithm otherwise."""
    assert Params().hash == Params(copy_score=0.2).hash
    assert len(Params().hash) == 32
    hashes = {replace(Params(), **{field.name: getattr(Params(), field.name) + 1}).hash for field in fields(Params)}
    monkeypatch.setattr(params, "ALGORITHM_VERSION", params.ALGORITHM_VERSION + 1)
    assert len(hashes | {Params().hash, ""}) == len(fields(Params)) + 2


def test_sketches_outlive_other_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what a sketch depends on makes it out of date."""
    changed = {
        field.name
        for field in fields(Params)
        if replace(Params(), **{field.name: getattr(Params(), field.name) + 1}).sketch_hash != Params().sketch_hash
    }
    assert changed == set(params.SKETCH_PARAMS)
    rules, sketches = Params().hash, Params().sketch_hash
    monkeypatch.setattr(params, "ALGORITHM_VERSION", params.ALGORITHM_VERSION + 1)
    assert (Params().hash == rules, Params().sketch_hash == sketches) == (False, True)
    rules = Params().hash
    monkeypatch.setattr(params, "SKETCH_VERSION", params.SKETCH_VERSION + 1)
    assert (Params().hash == rules, Params().sketch_hash == sketches) == (False, False)


def test_frozen() -> None:
    """Nobody turns a knob on the way."""
    with pytest.raises(FrozenInstanceError):
        Params().copy_score = 0.3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("dedupe.records", {"numpy", "datasketch", "scipy"}),
        ("dedupe.params", {"numpy", "datasketch", "scipy"}),
        ("dedupe.errors", {"numpy", "datasketch", "scipy"}),
        ("dedupe.grouping.clusters", {"numpy", "datasketch", "scipy"}),
        ("dedupe.matching.matching", {"datasketch", "scipy", "pyarrow"}),
        ("dedupe.matching.sketches", {"datasketch", "scipy", "pyarrow"}),
    ],
)
def test_light_imports(module: str, absent: set[str]) -> None:
    """Records and parameters need no numpy, and matching needs no datasketch (1.8 s of CPU)."""
    code = f"import sys, {module}; print(*sorted(set(sys.modules) & {absent!r}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""
