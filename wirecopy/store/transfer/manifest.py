"""What of a store has arrived at its copy: a log beside the copy, so that a copy which was killed goes on.

A file is announced before it is written, and told with its versions on both sides afterwards. So a file of the target
that was neither announced nor is as it was told is not ours, and is never written over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePath
from types import TracebackType
from typing import Any, Final, Self

from wirecopy.errors import UsageError
from wirecopy.store.files.files import Version
from wirecopy.store.files.layout import Layout

LOG: Final = "copying.jsonl"  # in the target's state/, while files arrive
WHOLE: Final = "copied.json"  # the same when all have arrived: a log is dear on a bucket


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A file that was copied and compared."""

    path: str  # below the root, on both sides
    source: str  # tag of its version there
    target: str  # tag of its version here
    size: int  # bytes
    digest: str  # of its bytes


class Manifest:
    """The log of one copy; a context manager, in which it can be written."""

    def __init__(self, source: Layout, target: Layout) -> None:
        """Raises UsageError if the target is the copy of another store."""
        self._target = target
        self._log, self._whole = target.state / LOG, target.state / WHOLE
        self._source = str(source.root)
        self.arrived: dict[str, Arrived] = {}
        self._begun: set[str] = set()
        for path in (self._whole, self._log):
            for line in (target.files.read_text(path) or "").splitlines():
                self._read(line)

    def __enter__(self) -> Self:
        self._file = self._target.files.append(self._log)
        self._write({"source": self._source})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def begin(self, paths: Iterable[str]) -> None:
        """These are about to be written."""
        self._write({"begin": (names := list(paths))})
        self._begun.update(names)

    def add(self, one: Arrived) -> None:
        """This one was."""
        self._write({"arrived": asdict(one)})
        self.arrived[one.path] = one

    def drop(self, path: str) -> None:
        """This one was removed, as its source is gone."""
        self._write({"gone": path})
        self.arrived.pop(path, None)

    def finish(self) -> None:
        """All are there: the log becomes one file."""
        lines = [{"source": self._source}, *({"arrived": asdict(one)} for one in self.arrived.values())]
        self._target.files.write_text(self._whole, "\n".join(map(json.dumps, lines)) + "\n")
        self._file.close()
        self._target.files.remove(self._log)

    def has(self, path: str, source: Version, there: Mapping[str, Version]) -> bool:
        """Whether *path* has arrived as *source* says; *there* are the files of the target."""
        one, here = self.arrived.get(path), there.get(path)
        return one is not None and here is not None and (one.source, one.target) == (source.tag, here.tag)

    def strangers(self, there: Mapping[str, Version]) -> list[str]:
        """The files among *there* that this copy did not write, or that were written since."""
        return [
            path
            for path, version in there.items()
            if path not in self._begun and ((one := self.arrived.get(path)) is None or one.target != version.tag)
        ]

    def _read(self, line: str) -> None:
        try:
            said: dict[str, Any] = json.loads(line)
        except ValueError:  # cut by a kill
            return
        if "arrived" in said:
            one = Arrived(**said["arrived"])
            self.arrived[one.path] = one
            self._begun.discard(one.path)
        elif "gone" in said:
            self.arrived.pop(said["gone"], None)
        elif "begin" in said:
            self._begun.update(said["begin"])
        elif said.get("source", self._source) != self._source:
            raise UsageError(
                f"{self._target.root} is a copy of {said['source']}, not of {self._source}. Name an empty place."
            )

    def _write(self, said: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(said) + "\n")
        self._file.flush()


def below(root: PurePath, path: PurePath) -> str:
    """The name of *path* below *root*."""
    return path.relative_to(root).as_posix()
