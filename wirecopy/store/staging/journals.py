"""The journal of a pull attempt, so that its death loses no entry: `<plan>.<attempt>.<shard>.journal` in staging.

The attempt writes each entry there when it takes it from a feed and when it opens its page, and holds a lock on the
file as long as it lives. A journal without that lock belongs to a dead attempt: the next publish, of any plan, books
the entries that the journal names and no part holds.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import PurePath
from typing import IO, Any, Final, Self

from ingest.records import Entry
from wirecopy.errors import StoreError
from wirecopy.log import get_log
from wirecopy.records import Run
from wirecopy.store.files.layout import Layout
from wirecopy.store.staging.parts import UNREADABLE, PartName

log = get_log(__name__)

OURS: Final = f"{'[0-9a-z]' * 32}.{'[0-9a-z]' * 32}.[0-9]*.journal"
# Airflow finds a dead task within five minutes, and starts it again half a minute later (dags/wirecopy_tasks.py).
RETRIED_WITHIN: Final = timedelta(minutes=15)
AT_ONCE: Final = 100  # journals that one publish books: each is an open file, and a process may have 256


class Journal:
    """Appends the entries that an attempt takes and opens; survives its kill. A context manager: if the block ends
    well, all these entries are in the attempt's parts, and the journal is removed.
    """

    def __init__(self, layout: Layout, plan: str, attempt: str, shard: int, header: Run) -> None:
        self._files = layout.files
        self.path = layout.staging / f"{plan}.{attempt}.{shard}.journal"
        self._header = header

    def __enter__(self) -> Self:
        self._file = self._files.own(self.path)
        self._write({"run": self._header})
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        if kind is None:
            self._files.remove(self.path)
        with suppress(OSError):  # a full disk has been told already; the file is closed all the same
            self._file.close()

    def took(self, entry: Entry) -> None:
        """The attempt will try *entry*."""
        self._write({"took": entry.to_json()})

    def opened(self, entry: Entry, fetch_id: str | None = None) -> None:
        """Extraction of the entry's page begins; *fetch_id* names the page if it is in raw/ already."""
        self._write({"opened": entry.to_json(), "fetch_id": fetch_id})

    def ended(self, entry: Entry, _fetch_id: str | None = None) -> None:
        """Extraction of the entry's page ended, one way or another."""
        self._write({"ended": entry.entry_key})

    def _write(self, line: dict[str, Any]) -> None:
        try:
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._file.flush()  # to the kernel: that survives kill -9 of this process
        except OSError as error:
            raise StoreError(
                f"{self.path} cannot be written ({error}). What was finished is kept: make room, and run again."
            ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandoned:
    """The content of a dead attempt's journal."""

    name: PartName  # number -1
    header: Run | None = None  # the run; None: it does not say
    taken: dict[str, Entry] = field(default_factory=dict)  # by entry_key: taken from a feed, or opened
    opened: dict[str, str | None] = field(default_factory=dict)  # entry_key → fetch_id in raw/: pages in work


@contextmanager
def abandoned(layout: Layout, *, ended: str | None = None) -> Iterator[list[Abandoned]]:
    """The journals of dead attempts of any plan. If the block ends well they are removed, else they stay for the next
    publish.

    An attempt that is started again by itself (`Run.retried`) gets RETRIED_WITHIN for that, unless its plan has
    *ended*: booked before, its entries would be known to the next attempt, and the run would end without them.
    """
    with ExitStack() as held:
        dead = [(path, left) for path, left in _dead(layout, held) if not _waits(layout, path, left, ended)]
        yield [left for _, left in dead]
        for path, _ in dead:
            layout.files.remove(path)


def any_journal(layout: Layout) -> bool:
    """Whether there is a journal, of an attempt that lives or is dead."""
    return bool(layout.files.find(layout.staging, OURS))


def unbooked_entries(layout: Layout) -> int:
    """How many entries dead attempts had taken that no publish has looked at yet. Changes nothing."""
    keys: set[str] = set()
    for path in layout.files.find(layout.staging, OURS):
        with layout.files.claimed(path, shared=True) as file:
            keys |= _read(path, file).taken.keys() if file else set()
    return len(keys)


def _dead(layout: Layout, held: ExitStack) -> Iterator[tuple[PurePath, Abandoned]]:
    """Journals whose lock we got and hold until *held* ends. A journal without its run is set aside."""
    for path in layout.files.find(layout.staging, OURS)[:AT_ONCE]:
        file = held.enter_context(layout.files.claimed(path))
        if file is None:
            continue
        left = _read(path, file)
        file.seek(0)
        if not left.header and b"\n" in file.read():  # else it died while it wrote its first line
            log.error("set aside journal=%s which does not say of what run it is", path.name)
            layout.files.move(path, path.with_suffix(UNREADABLE))
        else:
            yield path, left


def _waits(layout: Layout, path: PurePath, left: Abandoned, ended: str | None) -> bool:
    """Whether another attempt at this shard may still come."""
    if not left.header or not left.header.get("retried") or left.name.plan == ended:
        return False
    version = layout.files.head(path)
    return version is not None and time.time() - version.modified_at < RETRIED_WITHIN.total_seconds()


def _read(path: PurePath, file: IO[bytes]) -> Abandoned:
    plan, attempt, shard = path.name.split(".")[:3]
    left = Abandoned(name=PartName(plan=plan, attempt=attempt, shard=int(shard), number=-1))
    for event in _events(file):
        try:
            left = _followed(left, event)
        except (KeyError, TypeError, ValueError) as error:  # of another version of wirecopy, or damaged
            log.error("left out a line of journal=%s which cannot be understood: %r", path.name, error)
    return left


def _followed(left: Abandoned, event: dict[str, Any]) -> Abandoned:
    if "run" in event:
        return replace(left, header=event["run"])
    if "took" in event:
        entry = Entry.from_json(event["took"])
        left.taken[entry.entry_key] = entry
    elif "opened" in event:
        entry = Entry.from_json(event["opened"])
        left.taken.setdefault(entry.entry_key, entry)
        left.opened[entry.entry_key] = event["fetch_id"]
    elif "ended" in event:
        left.opened.pop(event["ended"], None)
    return left


def _events(file: IO[bytes]) -> Iterator[dict[str, Any]]:
    """The lines of a journal. The last one of a killed process may be cut, then it says nothing."""
    for line in file.read().decode("utf-8", errors="replace").split("\n"):
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            yield event
