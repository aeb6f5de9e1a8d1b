"""What a pull attempt has in work, so that its death loses nothing: `<plan>.<attempt>.<shard>.journal` in staging.

The attempt names each entry there when it takes it from a feed and when it opens its page, and holds a lock on the
file for as long as it lives. A journal without that lock is that of a dead attempt: whoever publishes next, whatever
its plan, books what the journal names and no part holds.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Final, Self

from ingest.records import Entry
from wirecopy.log import get_log
from wirecopy.records import Run
from wirecopy.store.files.layout import Layout
from wirecopy.store.staging.parts import PartName

log = get_log(__name__)

OURS: Final = f"{'[0-9a-z]' * 32}.{'[0-9a-z]' * 32}.[0-9]*.journal"
AT_ONCE: Final = 100  # journals that one publish books: each is an open file, and a process may have 256


class Journal:
    """Appends what an attempt takes and opens; survives its kill. A context manager: if the block ends well, all that
    the attempt took stands in its parts, and the journal goes.
    """

    def __init__(self, layout: Layout, plan: str, attempt: str, shard: int, header: Run) -> None:
        self.path = layout.staging / f"{plan}.{attempt}.{shard}.journal"
        self._header = header

    def __enter__(self) -> Self:
        self._file = _opened(self.path)
        self._write({"run": self._header})
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        if kind is None:
            self.path.unlink(missing_ok=True)
        self._file.close()

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
    header: Run | None = None  # the run; None: it does not say
    taken: dict[str, Entry] = field(default_factory=dict)  # by entry_key: taken from a feed, or opened
    opened: dict[str, str | None] = field(default_factory=dict)  # entry_key → fetch_id in raw/: pages in work


@contextmanager
def abandoned(layout: Layout) -> Iterator[list[Abandoned]]:
    """What dead attempts of any plan left. If the block ends well their journals go, else they stay for the next."""
    with ExitStack() as held:
        dead = list(_dead(layout, held))
        yield [left for _, left in dead]
        for path, _ in dead:
            path.unlink(missing_ok=True)


def unbooked_entries(layout: Layout) -> int:
    """How many entries dead attempts had taken that no publish has looked at yet. Changes nothing."""
    keys: set[str] = set()
    for path in sorted(layout.staging.glob(OURS)):
        with suppress(OSError), path.open("rb") as file:
            if _locked(file, fcntl.LOCK_SH):
                keys |= _read(path, file).taken.keys()
    return len(keys)


def _dead(layout: Layout, held: ExitStack) -> Iterator[tuple[Path, Abandoned]]:
    """Journals whose lock we got, and hold until *held* ends. One that says of no run whose it is, is set aside."""
    for path in sorted(layout.staging.glob(OURS))[:AT_ONCE]:
        try:
            file = held.enter_context(path.open("rb"))
        except FileNotFoundError:  # its attempt ended well since we looked
            continue
        if not _locked(file, fcntl.LOCK_EX):
            continue
        left = _read(path, file)
        if not left.header and b"\n" in path.read_bytes():  # else it died while it wrote its first line
            log.error("set aside journal=%s which does not say of what run it is", path.name)
            path.rename(path.with_suffix(".unreadable"))
        else:
            yield path, left


def _opened(path: Path) -> IO[str]:
    """The journal, created and locked. The lock goes with this process: no child inherits the descriptor."""
    while True:
        file = path.open("a", encoding="utf-8")
        fcntl.flock(file, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        file.close()  # a publish took it for that of a dead attempt, before we had the lock


def _locked(file: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(path: Path, file: IO[bytes]) -> Abandoned:
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
