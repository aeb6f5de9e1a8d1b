"""The store in a folder of this machine, or of a shared volume: files are staged, fsynced and renamed."""

from __future__ import annotations

import errno
import fcntl
import fnmatch
import os
import re
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePath
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from wirecopy.errors import StoreConflict, StoreError
from wirecopy.store.files import lock
from wirecopy.store.files.files import LOCK_TIMEOUT, Over, Room, Version

if TYPE_CHECKING:
    import pyarrow.parquet as pq


@dataclass(frozen=True, slots=True)
class LocalFiles:
    """`files.Files` below *root*. Staged files are in *staging*, on the same filesystem."""

    root: Path
    staging: Path

    def make(self, folder: PurePath) -> None:
        """See Files."""
        Path(folder).mkdir(parents=True, exist_ok=True)

    def exists(self, path: PurePath) -> bool:
        """See Files."""
        return os.path.exists(path)

    def head(self, path: PurePath) -> Version | None:
        """See Files. A replacement is another inode, whatever the clock says."""
        try:
            stat = os.stat(path)
        except FileNotFoundError:
            return None
        tag = f"{stat.st_ino}-{stat.st_mtime_ns}-{stat.st_size}"
        return Version(path=path, tag=tag, size=stat.st_size, modified_at=stat.st_mtime)

    def find(self, folder: PurePath, pattern: str) -> list[PurePath]:
        """See Files."""
        return [Path(path) for path in sorted(_below(os.fspath(folder), pattern.split("/")))]

    def versions(self, folder: PurePath, pattern: str) -> list[Version]:
        """See Files."""
        return [version for path in self.find(folder, pattern) if (version := self.head(path))]

    def folders(self, folder: PurePath) -> list[PurePath]:
        """See Files."""
        try:
            with os.scandir(folder) as entries:
                return [Path(path) for path in sorted(entry.path for entry in entries if entry.is_dir())]
        except FileNotFoundError:
            return []

    def open(self, path: PurePath) -> IO[bytes]:
        """See Files."""
        return Path(path).open("rb")

    def read_text(self, path: PurePath) -> str | None:
        """See Files."""
        try:
            return Path(path).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return None

    def parquet(self, path: PurePath, *, whole: bool = False) -> pq.ParquetFile:
        """See Files. A replaced file is there until it is closed."""
        import pyarrow.parquet as pq

        return pq.ParquetFile(Path(path), page_checksum_verification=True)

    def filesystem(self, folder: PurePath) -> None:
        """See Files."""

    @contextmanager
    def replacing(self, path: PurePath, *, over: Over = "any") -> Iterator[Path]:
        """See Files. The comparison is as good as the lock that writers hold: it tells when that failed."""
        staged, target = self.staging / f"{uuid.uuid4().hex}.tmp", Path(path)
        try:
            yield staged
            _fsync(staged)
            target.parent.mkdir(parents=True, exist_ok=True)
            self._compare(path, over)
            os.replace(staged, target)
            _fsync(target.parent)
            _fsync(target.parent.parent)
        except BaseException as error:
            staged.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise StoreError(
                    f"{target} cannot be written ({error}). What was there is whole: {_next_step(error)}, "
                    "and run again."
                ) from error
            raise

    def _compare(self, path: PurePath, over: Over) -> None:
        if over != "any" and self.head(path) != over:
            raise StoreConflict(
                f"{path} was replaced by another process meanwhile, which the lock of the store should prevent: does "
                "flock work on this volume? Nothing was overwritten: run again."
            )

    def write_text(self, path: PurePath, text: str) -> None:
        """See Files."""
        with self.replacing(path) as staged:
            staged.write_text(text, encoding="utf-8")

    def remove(self, path: PurePath) -> None:
        """See Files."""
        Path(path).unlink(missing_ok=True)

    def remove_empty(self, folder: PurePath) -> None:
        """See Files."""
        with suppress(OSError):  # it is not empty, or gone already
            Path(folder).rmdir()

    def move(self, path: PurePath, target: PurePath) -> None:
        """See Files."""
        os.rename(path, target)

    def append(self, path: PurePath) -> IO[str]:
        """See Files."""
        return Path(path).open("a", encoding="utf-8")

    def own(self, path: PurePath) -> IO[str]:
        """See Files. The flock goes with this process: no child inherits the descriptor."""
        while True:
            file = self.append(path)
            fcntl.flock(file, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file.fileno()), os.stat(path)):
                    return file
            file.close()  # another process claimed and removed it before we had the lock

    @contextmanager
    def claimed(self, path: PurePath, *, shared: bool = False) -> Iterator[IO[bytes] | None]:
        """See Files."""
        with ExitStack() as stack:
            try:
                file = stack.enter_context(self.open(path))
                fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            except (FileNotFoundError, BlockingIOError):
                yield None
                return
            yield file

    def scratch(self) -> BinaryIO:
        """See Files."""
        return cast(BinaryIO, TemporaryFile(dir=self.staging))

    def locked(self, path: PurePath, *, timeout: timedelta = LOCK_TIMEOUT) -> AbstractContextManager[None]:
        """See Files."""
        return lock.locked(Path(path), timeout=timeout)

    def locked_now(self, path: PurePath) -> AbstractContextManager[bool]:
        """See Files."""
        return lock.locked_now(Path(path))

    def lock_holder(self, path: PurePath) -> str:
        """See Files."""
        return lock.holder(Path(path))

    def faults(self) -> list[str]:
        """See Files."""
        return []

    def room(self) -> Room:
        """See Files. For a root that does not exist yet: that of the folder above it."""
        place = next(folder for folder in (self.root, *self.root.parents) if folder.exists())
        devices = {folder.stat().st_dev for folder in self.root.glob("*") if folder.is_dir()}
        return Room(
            place=str(place),
            free=shutil.disk_usage(place).free,
            writable=os.access(place, os.W_OK | os.X_OK),
            whole=len(devices) <= 1,
        )


def _below(folder: str, pattern: Sequence[str]) -> Iterator[str]:
    """Paths of the files below *folder*. It takes half the time of Path.glob, which stats each file; every step of a
    run lists the dates of the store.
    """
    first, *rest = pattern
    fits = re.compile(fnmatch.translate("*" if first == "**" else first)).match
    try:
        entries = list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        if not fits(entry.name):
            continue
        if entry.is_dir() and rest:
            yield from _below(entry.path, pattern if first == "**" else rest)
        elif entry.is_file() and (not rest or (first == "**" and fnmatch.fnmatchcase(entry.name, rest[0]))):
            yield entry.path


def _fsync(path: Path) -> None:
    """Make the content of a file, or the names in a folder, survive power loss."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _next_step(error: OSError) -> str:
    if error.errno == errno.EXDEV:
        return "keep state/ on the filesystem of store/ and raw/, because files are put in place by rename"
    return "make room or mend the rights"
