"""From pull to publish: finished parts in state/staging, in files named by the attempt's uuid.

`<plan>.<attempt>.<shard>.<n>.part` holds what a part found (FeedPull as JSON lines, gzip); it appears whole or not at
all. What an attempt has in work stands in its journal (journals.py).
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from ingest.records import FeedPull
from ingest.serial import from_json, to_json
from wirecopy.log import get_log
from wirecopy.records import Run
from wirecopy.store.files.layout import Layout

log = get_log(__name__)

UNREADABLE: Final = ".unreadable"  # suffix of a part or journal that was set aside


@dataclass(frozen=True, slots=True, kw_only=True)
class PartName:
    """The name of a part; publish groups by plan, attempt and shard."""

    plan: str  # uuid hex of the plan
    attempt: str  # uuid hex of the pull attempt
    shard: int
    number: int

    @property
    def stem(self) -> str:
        """Also the name of the part's raw file."""
        return f"{self.plan}.{self.attempt}.{self.shard}.{self.number}"

    @classmethod
    def of(cls, path: PurePath) -> PartName:
        """The name that `stem` wrote."""
        plan, attempt, shard, number = path.name.split(".")[:4]
        return cls(plan=plan, attempt=attempt, shard=int(shard), number=int(number))


@dataclass(frozen=True, slots=True)
class Part:
    """A finished part and its content."""

    name: PartName
    path: PurePath
    header: Run  # the run: run_id, mode, interval
    pulls: tuple[FeedPull, ...]


def write_part(layout: Layout, name: PartName, header: Run, pulls: list[FeedPull]) -> PurePath:
    """Hand a finished part over."""
    path = layout.staging / f"{name.stem}.part"
    with layout.files.replacing(path) as staged, gzip.open(staged, "wb", compresslevel=1) as file:
        file.write(json.dumps(header).encode() + b"\n")
        for pull in pulls:
            file.write(to_json(pull).encode() + b"\n")
    return path


def finished_parts(layout: Layout) -> Iterator[Part]:
    """Every part that waits to be committed, of any run: committing one twice changes nothing.

    One that cannot be read (written by another version of wirecopy, a bad disk) holds back no other: it is set aside,
    and what it held is found again: its captures by a past run, its entries by the next poll of their feeds.
    """
    for path in layout.files.find(layout.staging, "*.part"):
        try:
            yield _read_part(layout, path)
        except FileNotFoundError:  # committed by another process meanwhile, whose lock ours should have kept out
            continue
        except (OSError, EOFError, ValueError, KeyError, zlib.error) as error:
            log.error("set aside part=%s which cannot be read: %s", path.name, error)
            layout.files.move(path, path.with_suffix(UNREADABLE))


def _read_part(layout: Layout, path: PurePath) -> Part:
    with layout.files.open(path) as packed, gzip.open(packed, "rb") as file:
        header = json.loads(file.readline())
        return Part(PartName.of(path), path, header, tuple(from_json(FeedPull, line) for line in file))


def waiting_parts(layout: Layout) -> int:
    """How many parts wait to be committed."""
    return len(layout.files.find(layout.staging, "*.part"))


def unreadable_parts(layout: Layout, plan: str) -> int:
    """How many parts of *plan* were set aside because they cannot be read."""
    return len(layout.files.find(layout.staging, f"{plan}.*{UNREADABLE}"))


def delete_parts(layout: Layout, parts: list[Part]) -> None:
    """Remove parts that have been committed."""
    for part in parts:
        layout.files.remove(part.path)
