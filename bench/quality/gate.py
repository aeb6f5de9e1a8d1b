"""Floors under measured quality. A floor is pinned together with a fingerprint of the data it was measured on.

    problems = check("matches/helsinki", {"precision": 1.0, "recall": 0.89}, fingerprint(files))

Every bench prints these problems and leaves with exit code 1 if there are any. `--pin` creates floors and raises them,
`--lower` beside it is the only way to lower one. Floors live in floors.json, a gate a line, so that a change shows in
a diff.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from math import floor
from pathlib import Path
from typing import TypedDict

FLOORS = Path(__file__).with_name("floors.json")
SCALE = 10_000  # four digits; floors are cut, never rounded up: the measure that pinned a floor passes it


class Floor(TypedDict):
    """What is pinned under one gate."""

    fingerprint: str
    floors: dict[str, float]


def fingerprint(inputs: Iterable[Path | str]) -> str:
    """16 hex digits of the contents of files, in sorted order of their names, and of strings, in their order."""
    digest = hashlib.blake2b(digest_size=8)
    given = list(inputs)
    said = [one.encode() for one in given if isinstance(one, str)]
    read = [path.read_bytes() for path in sorted(one for one in given if isinstance(one, Path))]
    for content in said + read:
        digest.update(len(content).to_bytes(8, "little") + content)
    return digest.hexdigest()


def check(name: str, measures: Mapping[str, float], fingerprint: str, path: Path = FLOORS) -> list[str]:
    """What is wrong with *measures* (more is better), as sentences; empty: the gate is passed."""
    pinned = _read(path).get(name)
    if pinned is None:
        return [f"{name}: no floor is pinned; look at the figures, then run again with --pin"]
    if pinned["fingerprint"] != fingerprint:
        return [f"{name}: the data changed ({pinned['fingerprint']} → {fingerprint}); compare, then run with --pin"]
    return [f"{name}: {problem}" for problem in _below(measures, pinned["floors"])]


def pin(
    name: str, measures: Mapping[str, float], fingerprint: str, *, lower: bool = False, path: Path = FLOORS
) -> list[str]:
    """Creates or raises the floors of a gate; sinks them only if *lower*. Returns what it refused, as sentences."""
    gates = _read(path)
    old = gates.get(name, Floor(fingerprint=fingerprint, floors={}))["floors"]
    refused = [] if lower else [f"{name}: {problem}; --lower accepts it" for problem in _below(measures, old)]
    if not refused:
        gates[name] = Floor(fingerprint=fingerprint, floors={key: _cut(value) for key, value in measures.items()})
        _write(gates, path)
    return refused


def judge(
    name: str, measures: Mapping[str, float], fingerprint: str, *, pinning: bool, lower: bool, path: Path = FLOORS
) -> list[str]:
    """`pin` or `check`, as the flags of a bench say."""
    if pinning or lower:
        return pin(name, measures, fingerprint, lower=lower, path=path)
    return check(name, measures, fingerprint, path)


def _below(measures: Mapping[str, float], floors: Mapping[str, float]) -> list[str]:
    """The floors that are not reached."""
    missing = [f"{key} was not measured" for key in floors if key not in measures]
    return missing + [
        f"{key} {measures[key]:.4f} is below its floor {least:.4f}"
        for key, least in floors.items()
        if key in measures and measures[key] < least
    ]


def _cut(value: float) -> float:
    return floor(value * SCALE + 1e-6) / SCALE


def _read(path: Path) -> dict[str, Floor]:
    if not path.is_file():
        return {}
    gates: dict[str, Floor] = json.loads(path.read_text(encoding="utf-8"))
    return gates


def _write(gates: Mapping[str, Floor], path: Path) -> None:
    """One gate a line, sorted."""
    lines = [f"  {json.dumps(name)}: {json.dumps(gates[name], sort_keys=True)}" for name in sorted(gates)]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
