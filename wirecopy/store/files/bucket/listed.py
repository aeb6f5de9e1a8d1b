"""Objects of a bucket for libraries that read by fsspec, as DuckDB does.

Every object is read as it was when its folder was listed: each range names that version, and the server refuses it once
the object was replaced. So no answer is made of two versions, and no object is asked for its size first.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from wirecopy.errors import StoreConflict, StoreError
from wirecopy.store.files.bucket.objects import Bucket, Found
from wirecopy.store.files.bucket.paths import key_of
from wirecopy.store.files.bucket.pinned import TAIL, Ranged
from wirecopy.store.files.globs import MAGIC, escaped_glob, fits

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

TAILS: Final = 512  # ends of objects that a process keeps: 32 MB, the footers of a year and more of one table


def filesystem(bucket: Bucket, root: PurePath, folder: PurePath) -> AbstractFileSystem:
    """An fsspec filesystem of the objects below *folder*, read-only, whose addresses begin like *root*."""
    from fsspec import AbstractFileSystem

    class Listed(_Listed, AbstractFileSystem):  # type: ignore[misc]  # the base class has no types
        cachable = False  # fsspec would hand out one instance, with its listing, for all
        protocol = str(root).partition("://")[0]

    return Listed(bucket, root, folder)


class _Listed:
    """What DuckDB asks of a filesystem. Nothing outside of the folder is there."""

    def __init__(self, bucket: Bucket, root: PurePath, folder: PurePath) -> None:
        super().__init__()
        self._bucket, self._root = bucket, f"{root}/"
        self._folder = key_of(root, folder)
        self._listed: dict[str, dict[str, Found]] = {}

    def invalidate_cache(self, path: str | None = None) -> None:
        """Look at the bucket again: what is opened from now on is of the versions that are there then."""
        self._listed.clear()

    def glob(self, path: str, **_: Any) -> list[str]:
        """Addresses that fit, sorted. The address of the bucket itself may be written as a glob writes it."""
        for root in (self._root, escaped_glob(self._root)):
            if path.startswith(root):
                wanted = path.removeprefix(root)
                near, parts = self._near(wanted), wanted.split("/")
                return sorted(address for address, found in near.items() if fits(found.key.split("/"), parts))
        return []

    def exists(self, path: str, **_: Any) -> bool:
        """Whether there is such an object."""
        return path in self._near(path.removeprefix(self._root))

    def size(self, path: str) -> int:
        """In bytes."""
        return self._found(path).size

    def modified(self, path: str) -> datetime:
        """When it was written, aware UTC."""
        return datetime.fromtimestamp(self._found(path).modified_at, UTC)

    def open(self, path: str, mode: str = "rb", **_: Any) -> io.RawIOBase:
        """The object, to be read. Raises StoreError for whoever wants to write."""
        if mode != "rb":
            raise StoreError(f"{path} can only be read here.")
        return _Ranges(self._bucket, self._found(path))

    def _found(self, path: str) -> Found:
        found = self._near(path.removeprefix(self._root)).get(path)
        if found is None:
            raise FileNotFoundError(f"{path} does not exist")
        return found

    def _near(self, key: str) -> dict[str, Found]:
        """The objects of the folder below ours that *key*, a name or a glob, is about; listed once."""
        if not key.startswith(f"{self._folder}/"):
            return {}
        name = key.removeprefix(f"{self._folder}/").partition("/")[0]
        folder = self._folder if MAGIC & set(name) else f"{self._folder}/{name}"
        if folder not in self._listed:
            self._listed[folder] = {self._root + found.key: found for found in self._bucket.below(folder)}
        return self._listed[folder]


class _Ranges(Ranged):
    """One version of an object. Each read is a request of its own, save of the end, which is kept."""

    def __init__(self, bucket: Bucket, version: Found) -> None:
        super().__init__(version.size)
        self._bucket, self._version = bucket, version

    def between(self, start: int, end: int) -> bytes:
        first = max(self._version.size - TAIL, 0)
        if start >= first:
            return _tail(self._bucket, self._version, first)[start - first : end - first]
        return _between(self._bucket, self._version, start, end)


@lru_cache(maxsize=TAILS)
def _tail(bucket: Bucket, version: Found, first: int) -> bytes:
    return _between(bucket, version, first, version.size)


def _between(bucket: Bucket, version: Found, start: int, end: int) -> bytes:
    try:
        return bucket.get(version.key, {"range": (start, end), "if_match": version.tag})[1]
    except FileNotFoundError as error:
        raise StoreConflict(f"{bucket.url}/{version.key} was removed meanwhile: run again.") from error
