"""An object that is read in pieces, all of one version: a range of another version is refused by the server."""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING, Final, cast

from wirecopy.errors import StoreError
from wirecopy.store.files.bucket.objects import Bucket, Found

if TYPE_CHECKING:
    from obstore import GetOptions

TAIL: Final = 1 << 16  # bytes of the end that come with the first request: a footer and its statistics
BUFFER: Final = 1 << 16  # bytes of one request of who reads little by little


def open_pinned(bucket: Bucket, key: str) -> IO[bytes]:
    """The object, to be read at any place. Raises FileNotFoundError; reading raises StoreConflict if it was replaced
    meanwhile, and never gives bytes of two versions.
    """
    version, tail = _end_of(bucket, key)
    if len(tail) == version.size:
        return io.BytesIO(tail)
    return cast(IO[bytes], io.BufferedReader(_Pinned(bucket, version, tail), BUFFER))


def _end_of(bucket: Bucket, key: str) -> tuple[Found, bytes]:
    try:
        return bucket.get(key, {"range": {"suffix": TAIL}})
    except StoreError:  # of an empty object there is no end (416)
        if (found := bucket.head(key)) and found.size == 0:
            return found, b""
        raise


class Ranged(io.RawIOBase):
    """A file of *size* bytes that is there in ranges."""

    def __init__(self, size: int) -> None:
        self._size, self._at = size, 0

    def between(self, start: int, end: int) -> bytes:
        """The bytes from *start*, before *end*."""
        raise NotImplementedError

    def readable(self) -> bool:
        """See io.RawIOBase."""
        return True

    def seekable(self) -> bool:
        """See io.RawIOBase."""
        return True

    def tell(self) -> int:
        """See io.RawIOBase."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """See io.RawIOBase."""
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def read(self, size: int = -1) -> bytes:
        """See io.RawIOBase."""
        start, end = self._at, self._size if size < 0 else min(self._at + size, self._size)
        if start >= end:
            return b""
        self._at = end
        return self.between(start, end)

    def readinto(self, room: memoryview) -> int:  # type: ignore[override]
        """See io.RawIOBase."""
        body = self.read(len(room))
        room[: len(body)] = body
        return len(body)


class _Pinned(Ranged):
    """Reads of one version by ranges; its tail is in memory."""

    def __init__(self, bucket: Bucket, version: Found, tail: bytes) -> None:
        super().__init__(version.size)
        self._bucket, self._version, self._tail = bucket, version, tail

    def between(self, start: int, end: int) -> bytes:
        first = self._version.size - len(self._tail)
        if start >= first:
            return self._tail[start - first : end - first]
        options: GetOptions = {"range": (start, end), "if_match": self._version.tag}
        return self._bucket.get(self._version.key, options)[1]
