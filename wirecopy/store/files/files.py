"""What the store needs of the place where it lies, as one protocol; localfiles.py is a folder of this machine.

Everything that the store keeps is written whole and replaced whole, and names do not change: a place needs neither
renames of folders nor writes into the middle of a file, so an object store can do it too. Paths are pure (no module
outside of this room can do anything with one but hand it back), and lie below the root of a `layout.Layout`.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING, BinaryIO, Final, Literal, Protocol

if TYPE_CHECKING:
    import pyarrow.parquet as pq
    from fsspec import AbstractFileSystem

LOCK_TIMEOUT: Final = timedelta(minutes=10)  # a commit takes seconds; a longer wait is an error


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of one file."""

    path: PurePath
    tag: str  # another one as soon as the file is replaced
    size: int  # bytes
    modified_at: float = field(compare=False)  # seconds since the epoch; a listing may round it
    generation: str | None = field(default=None, compare=False)  # what Google compares in place of the tag


Over = Version | None | Literal["any"]
"""What a file may replace: that version, nothing at all, or whatever is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What `wirecopy doctor` wants to know of the place."""

    place: str
    free: int  # bytes
    writable: bool
    whole: bool  # False: parts of it lie apart, so that nothing can be put in place by a rename


class Files(Protocol):
    """A place for files. Whatever a method reads of one file is of one version of it."""

    def make(self, folder: PurePath) -> None:
        """See to it that files can be written below *folder*."""
        ...

    def exists(self, path: PurePath) -> bool:
        """Whether there is a file or folder *path*."""
        ...

    def head(self, path: PurePath) -> Version | None:
        """The version of the file *path* that is there now; None if there is none."""
        ...

    def find(self, folder: PurePath, pattern: str) -> list[PurePath]:
        """The files below *folder* that *pattern* (as `PurePath.match` takes it, ** for any depth) fits, sorted."""
        ...

    def versions(self, folder: PurePath, pattern: str) -> list[Version]:
        """`find`, with the version of each file."""
        ...

    def folders(self, folder: PurePath) -> list[PurePath]:
        """The folders right below *folder*, sorted; where a place has none, those that files have in their names."""
        ...

    def open(self, path: PurePath) -> IO[bytes]:
        """The file, to be read. Raises FileNotFoundError."""
        ...

    def read_text(self, path: PurePath) -> str | None:
        """The file as UTF-8, what is none replaced; None if there is no file."""
        ...

    def parquet(self, path: PurePath, *, whole: bool = False) -> pq.ParquetFile:
        """The parquet file, opened once; checksums of pages are compared when they are read. Raises FileNotFoundError,
        ArrowException or OSError if it is none.

        Reading raises StoreConflict if the file was replaced meanwhile and the place does not keep the old one. Not so
        if all of it is going to be read: *whole*.
        """
        ...

    def filesystem(self, folder: PurePath) -> AbstractFileSystem | None:
        """An fsspec filesystem by which libraries read files below *folder* under the names str(path), each as it was
        when it was listed; None: they open such names themselves.
        """
        ...

    def replacing(self, path: PurePath, *, over: Over = "any") -> AbstractContextManager[Path]:
        """A file of this machine to write to. If the block ends well its content is the file *path*, durably and at
        once for all readers; if not, nothing has changed. Raises StoreError naming *path* if the place refuses, and
        StoreConflict if the file is not the version *over* any more (None: if there is one).
        """
        ...

    def write_text(self, path: PurePath, text: str) -> None:
        """Replace the file by *text*, as `replacing` does."""
        ...

    def remove(self, path: PurePath) -> None:
        """Remove the file; nothing if there is none."""
        ...

    def remove_empty(self, folder: PurePath) -> None:
        """Remove a folder without files, where a place has folders."""
        ...

    def move(self, path: PurePath, target: PurePath) -> None:
        """Give the file another name: of several who try, one succeeds. Raises FileNotFoundError."""
        ...

    def append(self, path: PurePath) -> IO[str]:
        """The file, made if need be, to append UTF-8 to: what is flushed survives the death of this process."""
        ...

    def own(self, path: PurePath) -> IO[str]:
        """As `append`, and while it is open the file is this process's own: nobody can claim it."""
        ...

    def claimed(self, path: PurePath, *, shared: bool = False) -> AbstractContextManager[IO[bytes] | None]:
        """The file of an owner that is dead, to be read; None if its owner lives, another claims it, or it is gone.
        *shared*: others may claim it too, as nothing will be done with it.
        """
        ...

    def scratch(self) -> BinaryIO:
        """A file of this machine that nobody else sees, gone when it is closed."""
        ...

    def locked(self, path: PurePath, *, timeout: timedelta = LOCK_TIMEOUT) -> AbstractContextManager[None]:
        """Hold the lock *path* over all processes that share the place; it is free when its holder dies. Raises
        StoreBusy, naming the holder, after *timeout*.
        """
        ...

    def locked_now(self, path: PurePath) -> AbstractContextManager[bool]:
        """Try the lock *path* once, without waiting; yields whether we hold it."""
        ...

    def lock_holder(self, path: PurePath) -> str:
        """Who holds the lock *path*, or held it last; "unknown" if nobody ever did."""
        ...

    def faults(self) -> list[str]:
        """What the place lacks that a store needs, as sentences with the next step. It is tried out: some requests."""
        ...

    def room(self) -> Room:
        """How much more fits in, and whether it can be written."""
        ...
