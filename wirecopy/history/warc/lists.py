"""Which archive files may hold pages of an interval: by the setting `warc`, file names and lists in CC-NEWS's layout.

A file of CC-NEWS is called `CC-NEWS-<14 digits>-<serial>.warc.gz` by the instant at which it was begun, and the month's
list `…/CC-NEWS/YYYY/MM/warc.paths.gz` names them (https://commoncrawl.org/blog/news-dataset-available).
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from glob import glob, has_magic
from itertools import zip_longest
from pathlib import Path
from typing import Final
from urllib.parse import urljoin, urlsplit

from ingest.errors import HttpStatus
from ingest.text.urls import is_web
from wirecopy.schedule import Interval

# The crawler leaves out what is older (commoncrawl/news-crawl#18): all of a day was captured within these.
CRAWLED_FOR: Final = timedelta(days=30)
ROTATED_AFTER: Final = timedelta(
    hours=24
)  # a file is closed after a day at the latest, at 1 GB mostly after 80 minutes
LISTED_WITHIN: Final = timedelta(days=3)  # after a month has begun: its list is written with its first files
_NOT_FOUND: Final = 404
SUFFIXES: Final = (".warc", ".warc.gz")
LISTS: Final = (".paths", ".paths.gz", ".txt", ".txt.gz")
_BEGUN: Final = re.compile(r"-(\d{14})-\d+\.warc(?:\.gz)?$")

ReadList = Callable[[str], bytes]
"""The list behind a URL, packed or not. Raises FetchError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """One archive file, and the time in which its pages were captured, as far as its name tells."""

    location: str  # path or URL
    begun: datetime | None = None  # aware, UTC
    ended: datetime | None = None

    @property
    def is_remote(self) -> bool:
        """Whether it is read over the network."""
        return is_web(self.location)


def archives_of(
    places: Sequence[str], interval: Interval, *, late: timedelta, base: Path, read_list: ReadList, now: datetime
) -> Iterator[Archive]:
    """The archive files that may hold pages published inside *interval*, those of each place in order of time.

    Files on the disk are taken if they were captured up to CRAWLED_FOR later, or whenever if their names do not tell;
    of files on the web, which cost a gigabyte each, those that were captured up to *late* later. A month that has just
    begun may have no list. *base* is the folder of relative paths. Raises FetchError of *read_list*, FileNotFoundError
    for a place that is not there.
    """
    for place in places:
        if is_web(place):
            found = _on_the_web(place, interval, late, read_list, now)
        else:
            found = _on_the_disk(base / Path(place).expanduser(), read_list)
        for archive in _with_ends(sorted(set(found))):
            if _may_hold(archive, interval, late if archive.is_remote else CRAWLED_FOR):
                yield archive


def months_of(first: date, last: date) -> Iterator[tuple[int, int]]:
    """(year, month) of all months from *first* to *last*, inclusive."""
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        yield year, month
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def _on_the_web(place: str, interval: Interval, late: timedelta, read_list: ReadList, now: datetime) -> Iterator[str]:
    path = urlsplit(place).path
    if path.endswith(SUFFIXES):
        yield place
    elif path.endswith(LISTS):
        yield from _listed(place, read_list(place))
    else:
        for year, month in months_of(interval.start.date(), min(interval.end + late, now).date()):
            url = f"{place.rstrip('/')}/{year:04d}/{month:02d}/warc.paths.gz"
            try:
                body = read_list(url)
            except HttpStatus as error:
                if error.status == _NOT_FOUND and datetime(year, month, 1, tzinfo=UTC) >= now - LISTED_WITHIN:
                    continue
                raise
            yield from _listed(url, body)


def _on_the_disk(path: Path, read_list: ReadList) -> Iterator[str]:
    if has_magic(str(path)) and not path.exists():
        for one in sorted(glob(str(path), recursive=True)):
            yield from _on_the_disk(Path(one), read_list)
    elif path.is_dir():
        yield from (str(one) for one in sorted(path.rglob("*")) if one.name.endswith(SUFFIXES) and one.is_file())
    elif path.name.endswith(LISTS):
        yield from _listed(str(path), path.read_bytes())
    elif path.is_file():
        yield str(path)
    else:
        raise FileNotFoundError(f"{path} of the setting `warc` is not there")


def _listed(where: str, body: bytes) -> Iterator[str]:
    """The addresses that a list names. CC-NEWS writes paths from the root of its bucket, others may be relative."""
    text = _unpacked(body).decode("utf-8", "replace")
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("#") or is_web(line):
            yield from () if line.startswith("#") else (line,)
        elif is_web(where):
            yield _resolved(where, line)
        else:
            yield str(Path(where).parent / line)


def _resolved(where: str, line: str) -> str:
    """*line* below the folder of *where* in which its first part lies: `crawl-data/CC-NEWS/2024/01/x` of a list at
    `https://host/crawl-data/CC-NEWS/2024/01/warc.paths.gz` starts at the host.
    """
    first = line.split("/", 1)[0]
    path = urlsplit(where).path
    before, found, _ = path.partition(f"/{first}/")
    return urljoin(where, f"{before}/{line}" if found and not line.startswith("/") else line)


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error):
        return zlib.decompressobj(31).decompress(body)  # as far as it goes


def _with_ends(locations: Sequence[str]) -> Iterator[Archive]:
    """Each with the time of its captures; a file ends when the next one begins."""
    archives = [Archive(location=one, begun=_begun(one)) for one in locations]
    dated = sorted((one for one in archives if one.begun), key=lambda one: (one.begun, one.location))
    for one, after in zip_longest(dated, dated[1:]):
        assert one.begun
        latest = one.begun + ROTATED_AFTER
        next_begun = after.begun if after and after.begun and after.begun > one.begun else latest
        # A page that was being fetched when the next file was begun stands in either.
        yield replace(one, ended=min(latest, next_begun) + timedelta(hours=1))
    yield from (one for one in archives if one.begun is None)


def _begun(location: str) -> datetime | None:
    match = _BEGUN.search(location)
    try:
        return datetime.strptime(match[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC) if match else None
    except ValueError:
        return None


def _may_hold(archive: Archive, interval: Interval, late: timedelta) -> bool:
    if archive.begun is None or archive.ended is None:
        return True
    return archive.begun < interval.end + late and archive.ended > interval.start
