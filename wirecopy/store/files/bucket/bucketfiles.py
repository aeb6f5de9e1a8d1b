"""The store on a bucket: objects that are replaced over their version, and PostgreSQL for locks and growing files."""

from __future__ import annotations

import io
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from functools import lru_cache
from pathlib import Path, PurePath
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from wirecopy.errors import StoreError
from wirecopy.store.files.bucket.database import Database
from wirecopy.store.files.bucket.listed import filesystem
from wirecopy.store.files.bucket.logs import FoundLog, Logs, NoLogs
from wirecopy.store.files.bucket.objects import Bucket, Found
from wirecopy.store.files.bucket.paths import BucketPath, key_of
from wirecopy.store.files.bucket.pinned import open_pinned
from wirecopy.store.files.bucket.probe import faults, require_sound
from wirecopy.store.files.bucket.scratch import sweep
from wirecopy.store.files.bucket.turns import Turns
from wirecopy.store.files.files import LOCK_TIMEOUT, Over, Room, Version
from wirecopy.store.files.globs import MAGIC, fits

if TYPE_CHECKING:
    import pyarrow.parquet as pq
    from fsspec import AbstractFileSystem
    from obstore import PutMode

LOGS = "state"  # the folder in which files may grow: rows of the database, beside objects


class BucketFiles:
    """`files.Files` below the address *root* of a bucket. *local* is a folder of this machine for what is being made
    or read; *database* the URL of a PostgreSQL ("": the store is only read).
    """

    def __init__(self, root: PurePath, database: str, local: Path) -> None:
        self._root, self._local = root, local
        self._bucket = Bucket(str(root))
        self._database = Database(database)
        self._turns = Turns(self._database, str(root))
        self._logs = Logs(self._database, str(root), self._turns) if database else NoLogs()
        self._sound = False  # not looked at yet

    def make(self, folder: PurePath) -> None:
        """See Files. A bucket has no folders: what is needed is the one on this machine, and a server that compares."""
        self._local.mkdir(parents=True, exist_ok=True)
        if not self._sound:
            sweep(self._local)
            require_sound(self._bucket, self._database)
            self._sound = True

    def faults(self) -> list[str]:
        """What is wrong with the bucket or the database, as sentences with the next step."""
        return list(faults(self._bucket, self._database))

    def exists(self, path: PurePath) -> bool:
        """See Files."""
        key = self._key(path)
        return bool(self.head(path) or self._bucket.any_below(key) or (_may_grow(key) and self._logs.find(key)))

    def head(self, path: PurePath) -> Version | None:
        """See Files. The same content has the same version, which harms nobody."""
        key = self._key(path)
        if _may_grow(key) and (log := self._logs.head(key)):
            return self._version(log)
        found = self._bucket.head(key) if key else None
        return self._version(found) if found else None

    def find(self, folder: PurePath, pattern: str) -> list[PurePath]:
        """See Files."""
        return [version.path for version in self.versions(folder, pattern)]

    def versions(self, folder: PurePath, pattern: str) -> list[Version]:
        """See Files. One request for each thousand objects below the folders that *pattern* begins with."""
        *parents, name = pattern.split("/")
        while parents and not MAGIC & set(parents[0]):
            folder, parents = folder / parents[0], parents[1:]
        key, wanted = self._key(folder), [*parents, name]
        found: list[Found | FoundLog] = [*self._bucket.below(key), *(self._logs.find(key) if _may_grow(key) else ())]
        versions = map(self._version, found)
        chosen = [one for one in versions if one.path != folder and fits(one.path.relative_to(folder).parts, wanted)]
        return sorted(chosen, key=lambda one: one.path)

    def folders(self, folder: PurePath) -> list[PurePath]:
        """See Files."""
        return sorted(self._root / key for key in self._bucket.folders(self._key(folder)))

    def open(self, path: PurePath) -> IO[bytes]:
        """See Files."""
        key = self._key(path)
        if _may_grow(key) and (text := self._logs.read(key)) is not None:
            return io.BytesIO(text)
        return io.BytesIO(self._bucket.get(key, {})[1])  # who reads a file from its beginning reads all of it

    def read_text(self, path: PurePath) -> str | None:
        """See Files."""
        try:
            with self.open(path) as file:
                return file.read().decode("utf-8", errors="replace")
        except FileNotFoundError:
            return None

    def parquet(self, path: PurePath, *, whole: bool = False) -> pq.ParquetFile:
        """See Files. Columns that lie side by side are read by one request."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        if whole:
            body = pa.BufferReader(self._bucket.get(self._key(path), {})[1])
            return pq.ParquetFile(body, page_checksum_verification=True)
        file = pa.PythonFile(cast(io.IOBase, open_pinned(self._bucket, self._key(path))), mode="r")
        return pq.ParquetFile(file, page_checksum_verification=True, pre_buffer=True)

    def filesystem(self, folder: PurePath) -> AbstractFileSystem:
        """See Files."""
        return filesystem(self._bucket, self._root, folder)

    @contextmanager
    def replacing(self, path: PurePath, *, over: Over = "any") -> Iterator[Path]:
        """See Files."""
        staged = self._local / f"{uuid.uuid4().hex}.tmp"
        try:
            staged.parent.mkdir(parents=True, exist_ok=True)
            yield staged
            self._bucket.put(self._key(path), staged, _mode(over))
        except OSError as error:
            raise StoreError(
                f"{path} cannot be written ({error}). What was there is whole: make room in {self._local} or mend its "
                "rights, and run again."
            ) from error
        finally:
            staged.unlink(missing_ok=True)

    def write_text(self, path: PurePath, text: str) -> None:
        """See Files."""
        self._bucket.put(self._key(path), text.encode(), "overwrite")

    def remove(self, path: PurePath) -> None:
        """See Files."""
        key = self._key(path)
        if _may_grow(key):
            self._logs.remove(key)
        self._bucket.delete(key)

    def remove_empty(self, folder: PurePath) -> None:
        """See Files. A bucket has no folders."""

    def move(self, path: PurePath, target: PurePath) -> None:
        """See Files. An object is copied and removed under a lock, as a bucket compares nothing when it removes."""
        key, new = self._key(path), self._key(target)
        if _may_grow(key) and self._logs.move(key, new):
            return
        with self.locked(self._root / LOGS / "locks" / "move.lock"):
            with self.open(path) as file:
                self._bucket.put(new, file.read(), "overwrite")
            self._bucket.delete(key)

    def append(self, path: PurePath) -> IO[str]:
        """See Files."""
        return cast(IO[str], self._logs.append(self._growing(path)))

    def own(self, path: PurePath) -> IO[str]:
        """See Files. The lock goes with the process's own connection to the database."""
        return cast(IO[str], self._logs.own(self._growing(path)))

    @contextmanager
    def claimed(self, path: PurePath, *, shared: bool = False) -> Iterator[IO[bytes] | None]:
        """See Files."""
        key = self._growing(path)
        with self._turns.claimed(key, shared=shared) as mine:
            text = self._logs.read(key) if mine else None
            yield None if text is None else io.BytesIO(text)

    def scratch(self) -> BinaryIO:
        """See Files."""
        self._local.mkdir(parents=True, exist_ok=True)
        return cast(BinaryIO, TemporaryFile(dir=self._local))

    def locked(self, path: PurePath, *, timeout: timedelta = LOCK_TIMEOUT) -> AbstractContextManager[None]:
        """See Files."""
        return self._turns.locked(self._key(path), timeout)

    def locked_now(self, path: PurePath) -> AbstractContextManager[bool]:
        """See Files."""
        return self._turns.locked_now(self._key(path))

    def lock_holder(self, path: PurePath) -> str:
        """See Files."""
        return self._turns.holder(self._key(path))

    def room(self) -> Room:
        """See Files: of this machine's folder, as a bucket takes what it is given."""
        place = next(folder for folder in (self._local, *self._local.parents) if folder.exists())
        writable = os.access(place, os.W_OK | os.X_OK)
        return Room(place=str(place), free=shutil.disk_usage(place).free, writable=writable, whole=True)

    def _key(self, path: PurePath) -> str:
        return key_of(self._root, path)

    def _growing(self, path: PurePath) -> str:
        key = self._key(path)
        assert _may_grow(key), f"{path} is no file that may grow"
        return key

    def _version(self, found: Found | FoundLog) -> Version:
        if isinstance(found, FoundLog):
            return Version(path=self._root / found.path, tag=found.tag, size=found.size, modified_at=found.modified_at)
        return Version(
            path=self._root / found.key,
            tag=found.tag,
            size=found.size,
            modified_at=found.modified_at,
            generation=found.generation,
        )


@lru_cache(maxsize=8)
def bucket_files(root: BucketPath, database: str, local: Path, _process: int) -> BucketFiles:
    """One for a process: connections are shared by all that it does, and by none of its children."""
    return BucketFiles(root, database, local)


def _may_grow(key: str) -> bool:
    return key == "" or key == LOGS or key.startswith(f"{LOGS}/")


def _mode(over: Over) -> PutMode:
    if over == "any":
        return "overwrite"
    if over is None:
        return "create"
    return {"e_tag": over.tag, "version": over.generation} if over.generation else {"e_tag": over.tag}
