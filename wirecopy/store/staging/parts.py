"""From pull to publish: finished parts and journals in state/staging, in files named by the attempt's uuid.

`<plan>.<attempt>.<shard>.<n>.part` holds what a part found (FeedPull as JSON lines, gzip); it appears whole or not at
all. `<plan>.<attempt>.<shard>.journal` names each entry when the attempt takes it from a feed and when it opens its
page, so that publish can book what a dead attempt left.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TextIO

from ingest.records import Entry, FeedPull
from wirecopy.log import get_log
from wirecopy.records import Run
from wirecopy.store.files.files import replacing
from wirecopy.store.files.layout import Layout

if TYPE_CHECKING:
    from pydantic import TypeAdapter

log = get_log(__name__)


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
    header: Run  # the run: run_id, mode, interval
    pulls: tuple[FeedPull, ...]


class Journal:
    """Appends what an attempt takes and opens; survives its kill. A context manager: if the block ends well, all that
    the attempt took stands in its parts, and the journal goes.
    """

    def __init__(self, layout: Layout, plan: str, attempt: str, shard: int, header: Run) -> None:
        self.path = layout.staging / f"{plan}.{attempt}.{shard}.journal"
        self._header = header

    def __enter__(self) -> Self:
        self._file: TextIO = self.path.open("a", encoding="utf-8")
        self._write({"run": self._header})
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        self._file.close()
        if kind is None:
            self.path.unlink(missing_ok=True)

    def took(self, entry: Entry) -> None:
        """The attempt will try *entry*."""
        self._write({"took": entry.to_json()})

    def opened(self, entry: Entry, fetch_id: str | None = None) -> None:
        """Extraction of the entry's page begins; *fetch_id* names the page if it lies in raw/ already."""
        self._write({"opened": entry.to_json(), "fetch_id": fetch_id})

    def ended(self, entry: Entry, _fetch_id: str | None = None) -> None:
        """Extraction of the entry's page ended, one way or another."""
        self._write({"ended": entry.entry_key})

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()  # to the kernel: that survives kill -9 of this process


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandoned:
    """What the journal of a dead attempt says."""

    name: PartName  # number -1
    header: Run  # the run
    taken: dict[str, Entry]  # by entry_key: taken from a feed, or opened
    opened: dict[str, str | None]  # entry_key → fetch_id in raw/: pages that were in work


def write_part(layout: Layout, name: PartName, header: Run, pulls: list[FeedPull]) -> Path:
    """Hand a finished part over."""
    path = layout.staging / f"{name.stem}.part"
    with replacing(layout, path) as staged, gzip.open(staged, "wb", compresslevel=1) as file:
        file.write(json.dumps(header).encode() + b"\n")
        for pull in pulls:
            file.write(_adapter().dump_json(pull) + b"\n")
    return path


def finished_parts(layout: Layout) -> Iterator[Part]:
    """Every part that waits to be committed, of any run: committing one twice changes nothing.

    One that cannot be read (written by another version of wirecopy, a bad disk) holds back no other: it is set aside,
    and what it held is found again: its captures by a past run, its entries by the next poll of their feeds.
    """
    for path in sorted(layout.staging.glob("*.part")):
        try:
            yield _read_part(path)
        except (OSError, EOFError, ValueError, KeyError, zlib.error) as error:
            log.error("set aside part=%s which cannot be read: %s", path.name, error)
            path.rename(path.with_suffix(".unreadable"))


def abandoned(layout: Layout, plan: str) -> Iterator[Abandoned]:
    """What dead attempts of *plan* left. A journal that was cut before its first line names nothing."""
    for path in sorted(layout.staging.glob(f"{plan}.*.journal")):
        plan_id, attempt, shard, _ = path.name.split(".")
        events = list(_events(path))
        run = next((event["run"] for event in events if "run" in event), None)
        if run is None:
            continue
        name = PartName(plan=plan_id, attempt=attempt, shard=int(shard), number=-1)
        left = Abandoned(name=name, header=run, taken={}, opened={})
        for event in events:
            _follow(left, event)
        yield left


def _follow(left: Abandoned, event: dict[str, Any]) -> None:
    if "took" in event:
        entry = Entry.from_json(event["took"])
        left.taken[entry.entry_key] = entry
    elif "opened" in event:
        entry = Entry.from_json(event["opened"])
        left.taken.setdefault(entry.entry_key, entry)
        left.opened[entry.entry_key] = event["fetch_id"]
    elif "ended" in event:
        left.opened.pop(event["ended"], None)


def _events(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a journal. The last one of a killed process may be cut, then it says nothing."""
    for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            yield event


def _read_part(path: Path) -> Part:
    with gzip.open(path, "rb") as file:
        header = json.loads(file.readline())
        return Part(PartName.of(path), path, header, tuple(_adapter().validate_json(line) for line in file))


def forget_parts(parts: list[Part]) -> None:
    """Remove parts that have been committed."""
    for part in parts:
        part.path.unlink(missing_ok=True)


def forget_journals(layout: Layout, plan: str) -> None:
    """Remove the journals of dead attempts, once these are booked."""
    for path in layout.staging.glob(f"{plan}.*.journal"):
        path.unlink(missing_ok=True)


@cache
def _adapter() -> TypeAdapter[FeedPull]:
    from pydantic import TypeAdapter

    return TypeAdapter(FeedPull)
