"""Results pinned to the version that made them: whoever changes a result and not the version fails a test.

A room hands over what it pins as `Versioned` (tests/dedupe/versions.py, tests/ingest/versions.py), its pins lie in the
JSON file beside. `make pins` writes them anew, and refuses if a result changed under an unchanged version.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Stored = dict[str, Any]
DIGEST_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A fixed input and what the product makes of it; both as anything that JSON can say."""

    given: object
    result: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Versioned:
    """All that one version stands for."""

    name: str  # its key in the file
    raise_at: str  # what to raise, and where
    stamp: str  # what the store keeps with each row: rows of another stamp are out of date
    file: Path
    cases: Callable[[], Mapping[str, Case]]


def complaints(versioned: Versioned) -> list[str]:
    """Sentences that say what is wrong with the pins and what to do; empty if all is well."""
    pinned, found = _read(versioned.file).get(versioned.name), _pin(versioned)
    if pinned == found:
        return []
    if pinned is None:
        return [f"{versioned.name} has no pins in {versioned.file.name} yet. Run: make pins"]
    if changed := _broken(pinned, found):
        return [
            f"{versioned.name}: the results of {', '.join(changed)} changed, the version did not. "
            f"If the new results are right, raise {versioned.raise_at}, then run: make pins. "
            f"To see what changed, run `python -m tests.pins --show {versioned.name}` here and on main, and compare."
        ]
    if pinned["stamp"] != found["stamp"]:
        return [f"{versioned.name} is pinned as {pinned['stamp']} and is now {found['stamp']}. Run: make pins"]
    return [f"{versioned.name}: its cases are not those that are pinned. Run: make pins"]


def repin(versioned: Versioned) -> list[str]:
    """Write the pins of *versioned*, or leave the file and return the complaints: a result changed and no version."""
    stored = _read(versioned.file)
    found = _pin(versioned)
    if _broken(stored.get(versioned.name), found):
        return complaints(versioned)
    versioned.file.write_text(json.dumps(stored | {versioned.name: found}, indent=2, sort_keys=True) + "\n")
    return []


def _pin(versioned: Versioned) -> Stored:
    cases = {
        name: {"given": digest(case.given), "result": digest(case.result)} for name, case in versioned.cases().items()
    }
    return {"stamp": versioned.stamp, "cases": cases}


def _broken(pinned: Stored | None, found: Stored) -> list[str]:
    """The cases whose result changed although neither their input nor the version did."""
    if pinned is None or pinned["stamp"] != found["stamp"]:
        return []
    return [name for name, case in found["cases"].items() if _differs(pinned["cases"].get(name), case)]


def _differs(pinned: Mapping[str, str] | None, found: Mapping[str, str]) -> bool:
    return pinned is not None and pinned["given"] == found["given"] and pinned["result"] != found["result"]


def digest(value: object) -> str:
    """16 hex digits of *value* as JSON."""
    return hashlib.blake2b(shown(value).encode(), digest_size=DIGEST_BYTES).hexdigest()


def shown(value: object) -> str:
    """*value* as JSON, keys sorted, dates as text."""
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, default=str)


def _read(file: Path) -> Stored:
    return json.loads(file.read_text()) if file.exists() else {}


def main() -> int:
    """Re-pin everything, or show the results of one version."""
    from tests.dedupe.versions import VERSIONED as DEDUPE
    from tests.ingest.versions import VERSIONED as INGEST

    known = {versioned.name: versioned for versioned in (*DEDUPE, *INGEST)}
    asked = argparse.ArgumentParser(description="Pin the results of each version anew.")
    asked.add_argument("--show", choices=sorted(known), help="print the results instead")
    if name := asked.parse_args().show:
        print(shown({case: one.result for case, one in known[name].cases().items()}))
        return 0
    said = [complaint for versioned in known.values() for complaint in repin(versioned)]
    print("\n".join(said) or f"pinned: {', '.join(f'{one.name} {one.stamp}' for one in known.values())}")
    return int(bool(said))


if __name__ == "__main__":
    sys.exit(main())
