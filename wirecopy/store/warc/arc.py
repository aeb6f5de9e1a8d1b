"""ARC version 1, the form before WARC: a line `URL address date type length`, then as many bytes.

fastwarc does not read it, so this gives the records that it would have given. Archives of before 2009 are ARC.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, cast

from wirecopy.store.warc.unusable import Unusable

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

MAGIC: Final = b"filedesc://"
_LINE: Final = re.compile(rb"([A-Za-z]+:.*) (\S+) (\S+) (\S+) (\S+)\r?\n")  # a URL may hold spaces
_MAX_LINE: Final = 16_384  # bytes
_CHUNK: Final = 1 << 20  # bytes


def open_arc(path: Path) -> IO[bytes] | None:
    """*path* opened and unpacked, if it is ARC; else None."""
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    file = cast(IO[bytes], gzip.open(path) if packed else path.open("rb"))  # noqa: SIM115 -- the caller closes it
    with suppress(OSError, EOFError, zlib.error):  # no gzip after all, or cut: fastwarc reports it
        if file.read(len(MAGIC)) == MAGIC:
            file.seek(0)
            return file
    file.close()
    return None


def arc_records(file: IO[bytes], *, cap: int) -> Iterator[WarcRecord | Unusable]:
    """Every record as a WARC response; at most *cap* bytes of one are in memory."""
    lost = False  # a stretch of lines that are no record is reported once
    while line := file.readline(_MAX_LINE):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line)
        if not match:
            if not lost:
                yield Unusable("malformed", f"no ARC record begins with {line[:60]!r}")
            lost = True
            continue
        lost = False
        yield _record(file, match, cap)


def _record(file: IO[bytes], match: re.Match[bytes], cap: int) -> WarcRecord | Unusable:
    url, _, date, _, length = (part.decode("utf-8", "replace") for part in match.groups())
    if not length.isdecimal():
        return Unusable("malformed", f"an ARC record of {length!r} bytes", url)
    size = int(length)
    content = file.read(min(size, cap + 1))
    if len(content) < min(size, cap + 1):
        return Unusable("clipped", f"the file ends {size - len(content):,} bytes early", url)
    if size > cap:
        _skip(file, size - len(content))
        return Unusable("too_large", f"{size:,} bytes", url)
    return _as_warc(url, date, content)


def _as_warc(url: str, date: str, content: bytes) -> WarcRecord:
    from fastwarc.warc import WarcRecord, WarcRecordType

    record = WarcRecord()
    record.init_headers(WarcRecordType.response if url.startswith("http") else WarcRecordType.warcinfo, b"arc")
    record.headers["WARC-Target-URI"] = url
    record.headers["WARC-Date"] = _iso(date)
    record.headers["Content-Type"] = "application/http; msgtype=response"
    record.set_bytes_content(content)
    record.is_http = True
    return record


def _iso(date: str) -> str:
    """14 digits as an ISO instant; any other value unchanged, to be refused later."""
    with suppress(ValueError):
        if len(date) == 14:
            return datetime.strptime(date, "%Y%m%d%H%M%S").replace(tzinfo=UTC).isoformat()
    return date


def _skip(file: IO[bytes], size: int) -> None:
    while size > 0 and (piece := file.read(min(size, _CHUNK))):
        size -= len(piece)
