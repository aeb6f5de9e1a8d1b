"""From pull to publish: finished parts and journals in state/staging, in files named by the attempt's uuid.

`<plan>.<attempt>.<shard>.<n>.part` holds what a part found (FeedPull as JSON lines, gzip); it appears whole or not at all.
`<plan>.<attempt>.<shard>.journal` names each entry when the attempt takes it and when it opens its page, so that publish
can book what a dead attempt left.
"""

from __future__ import annotations

import gzip
import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ingest.records import Entry, FeedPull
from wirecopy.store.layout import Layout
from wirecopy.store.partition import fsync_file, fsync_folder

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True, kw_only=True)
class PartName:
    """Which part: plan, attempt and shard are what publish groups by."""

    plan: str  # uuid hex of the plan
    attempt: str  # uuid hex of the pull attempt
    shard: int
    number: int

    @property
    def stem(self) -> str:
        """Also the name of the part's raw file."""
        return f"{self.plan}.{self.attempt}.{self.shard}.{self.number}"

    @classmethod
    def of(cls, path: Path) -> PartName:
        """The name that `stem` wrote."""
        plan, attempt, shard, number = path.name.split(".")[:4]
        return cls(plan=plan, attempt=attempt, shard=int(shard), number=int(number))


@dataclass(frozen=True, slots=True)
class Part:
    """A finished part and what it holds."""

    name: PartName
    path: Path
    header: dict[str, Any]  # the run: run_id, mode, interval
    pulls: tuple[FeedPull, ...]


class Journal:
    """Appends what an attempt takes and opens; survives its kill."""

    def __init__(self, layout: Layout, plan: str, attempt: str, shard: int, header: dict[str, Any]) -> None:
        self.path = layout.staging / f"{plan}.{attempt}.{shard}.journal"
        self._file: TextIO = self.path.open("a", encoding="utf-8")
        self._write({"run": header})

    def took(self, entry: Entry) -> None:
        """The attempt will try *entry*."""
        self._write({"took": entry.to_json()})

    def opened(self, entry: Entry, _fetch_id: str | None = None) -> None:
        """Extraction of the entry's page begins."""
        self._write({"opened": entry.entry_key})

    def ended(self, entry: Entry, _fetch_id: str | None = None) -> None:
        """Extraction of the entry's page ended, one way or another."""
        self._write({"ended": entry.entry_key})

    def close(self) -> None:
        """The attempt is done: everything it took stands in its parts."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()  # to the kernel: that survives kill -9 of this process


def write_part(layout: Layout, name: PartName, header: dict[str, Any], pulls: list[FeedPull]) -> Path:
    """Hand a finished part over."""
    staged = layout.staging / f"{uuid.uuid4().hex}.tmp"
    with gzip.open(staged, "wb", compresslevel=1) as file:
        file.write(json.dumps(header).encode() + b"\n")
        for pull in pulls:
            file.write(_adapter().dump_json(pull) + b"\n")
    fsync_file(staged)
    path = layout.staging / f"{name.stem}.part"
    os.replace(staged, path)
    fsync_folder(layout.staging)
    return path


def finished_parts(layout: Layout) -> Iterator[Part]:
    """Every part that waits to be committed, of any run: committing one twice changes nothing."""
    for path in sorted(layout.staging.glob("*.part")):
        with gzip.open(path, "rb") as file:
            header = json.loads(file.readline())
            yield Part(PartName.of(path), path, header, tuple(_adapter().validate_json(line) for line in file))


def journals(layout: Layout, plan: str) -> Iterator[tuple[PartName, dict[str, Any], dict[str, Entry], set[str]]]:
    """The journals that dead attempts of *plan* left: name, run, entries taken by key, keys of the pages in work."""
    for path in sorted(layout.staging.glob(f"{plan}.*.journal")):
        header: dict[str, Any] = {}
        taken: dict[str, Entry] = {}
        opened: set[str] = set()
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue  # the last line of a killed process may be cut
            header = event.get("run", header)
            if "took" in event:
                entry = Entry.from_json(event["took"])
                taken[entry.entry_key] = entry
            opened |= {event["opened"]} if "opened" in event else set()
            opened -= {event["ended"]} if "ended" in event else set()
        plan_id, attempt, shard, _ = path.name.split(".")
        yield PartName(plan=plan_id, attempt=attempt, shard=int(shard), number=-1), header, taken, opened


def forget_parts(parts: list[Part]) -> None:
    """Remove parts that have been committed."""
    for part in parts:
        part.path.unlink(missing_ok=True)


def forget_plan(layout: Layout, plan: str) -> None:
    """Remove the plan and the journals of its dead attempts, once these are booked."""
    for pattern in (f"{plan}.*.journal", f"{plan}.plan.*"):
        for path in layout.staging.glob(pattern):
            path.unlink(missing_ok=True)


@cache
def _adapter() -> TypeAdapter[FeedPull]:
    from pydantic import TypeAdapter

    return TypeAdapter(FeedPull)
