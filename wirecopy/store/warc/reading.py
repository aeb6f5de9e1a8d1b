"""Import, the reading half: the records of a WARC or ARC file as a stream of captures or reasons, one in memory at a
time.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ingest.fetch.headers import kept_headers
from ingest.records import IMPORTED, Capture, Entry, Page, digest
from ingest.text.tdm import opts_out
from ingest.text.urls import imported_key
from wirecopy.store.warc.arc import arc_records, open_arc
from wirecopy.store.warc.spelling import CAPTURE_TYPE, from_metadata
from wirecopy.store.warc.unpacking import UnpackError, unpack
from wirecopy.store.warc.unusable import Unusable

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

WEB: Final = ("http://", "https://")
HEAD_BYTES: Final = 65_536  # what HTTP headers may add to a body
METADATA_BYTES: Final = 4_000_000  # an entry with its summary; real ones have a few kB
SKEW: Final = timedelta(days=1)  # how far a capture may be dated ahead of our clock
FIRST_YEAR = 1990  # of the web; datetime itself overflows near the year 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The limits and rules of one import."""

    page_bytes: int
    feed_bytes: int
    now: datetime  # aware, UTC
    obey_tdm: bool = True  # a page that reserves text and data mining is left out

    @property
    def largest(self) -> int:
        """Most bytes of any body."""
        return max(self.page_bytes, self.feed_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A response record, read but not yet judged: its metadata record may follow."""

    record_id: str
    url: str
    date: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes  # still packed as in the archive


def read_archive(path: Path, terms: Terms) -> Iterator[Capture | Unusable]:
    """One value per record of *path*. Metadata records that we wrote are merged into their responses."""
    waiting: Response | None = None
    for record in _records(path, terms):
        if waiting and not isinstance(record, Unusable) and belongs_to(record, waiting):
            yield capture_of(waiting, terms, metadata=record)
            waiting = None
            continue
        if waiting:
            yield capture_of(waiting, terms)
            waiting = None
        found = record if isinstance(record, Unusable) else read_response(record, terms)
        if isinstance(found, Response):
            waiting = found
        else:
            yield found
    if waiting:
        yield capture_of(waiting, terms)


def capture_of(response: Response, terms: Terms, *, metadata: WarcRecord | None = None) -> Capture | Unusable:
    """The capture of *response*; *metadata* is the record that we wrote behind it, if it is one of ours."""
    found = _ours(response, metadata, terms) if metadata else _foreign(response, terms)
    return _allowed(found, terms)


def _records(path: Path, terms: Terms) -> Iterator[WarcRecord | Unusable]:
    """The records of the file; all that follows a damaged place is one malformed record."""
    from fastwarc.warc import ArchiveIterator

    try:
        if arc := open_arc(path):
            with arc:
                yield from arc_records(arc, cap=terms.largest + HEAD_BYTES)
            return
        with path.open("rb") as file:
            yield from ArchiveIterator(file, parse_http=False)
    except BaseException as error:
        if not is_damage(error):
            raise
        yield Unusable("malformed", f"what follows cannot be read: {error}")


def belongs_to(record: WarcRecord, response: Response) -> bool:
    """Whether it is the metadata record that we wrote behind *response*."""
    return (
        record.headers.get("Content-Type") == CAPTURE_TYPE
        and record.headers.get("WARC-Concurrent-To") == response.record_id
    )


def read_response(record: WarcRecord, terms: Terms) -> Response | Unusable:
    """The page of a response record, unpacked to its body only; or why it is none."""
    from fastwarc.warc import WarcRecordType

    url = (record.headers.get("WARC-Target-URI") or "").strip("<> ").replace(" ", "%20")
    if record.record_type == WarcRecordType.revisit:
        return Unusable("revisit", url=url)
    if record.record_type != WarcRecordType.response or not record.is_http or not url.lower().startswith(WEB):
        return Unusable("other", url=url)
    if record.headers.get("WARC-Truncated"):
        return Unusable("clipped", f"its crawler cut it ({record.headers.get('WARC-Truncated')})", url)
    if record.content_length > terms.largest + HEAD_BYTES:
        return Unusable("too_large", f"{record.content_length:,} bytes", url)
    try:
        record.parse_http(auto_decode="none", max_header_len=HEAD_BYTES)
        body = record.reader.read()
    except BaseException as error:
        if not is_damage(error):
            raise
        return Unusable("malformed", str(error), url)
    if record.http_headers.status_code is None:
        return Unusable("malformed", "no HTTP status line", url)
    if len(body) < record.content_length:
        return Unusable("clipped", f"the file ends {record.content_length - len(body):,} bytes early", url)
    return Response(
        record_id=record.headers.get("WARC-Record-ID") or "",
        url=url,
        date=record.headers.get("WARC-Date") or "",
        status=record.http_headers.status_code,
        body=body,
        headers=_pairs(record),
    )


def _ours(response: Response, record: WarcRecord, terms: Terms) -> Capture | Unusable:
    """A capture that we exported, restored."""
    if record.content_length > METADATA_BYTES:
        return Unusable("too_large", f"a metadata record of {record.content_length:,} bytes", response.url)
    try:
        capture = from_metadata(record.reader.read(), response.body)
        _in_time(capture.page.fetched_at, terms)
    except (OSError, ValueError) as error:
        return Unusable("malformed", str(error), response.url)
    cap = terms.page_bytes if capture.kind == "page" else terms.feed_bytes
    if len(response.body) > cap:
        return Unusable("too_large", f"{len(response.body):,} bytes", response.url)
    return capture


def _foreign(response: Response, terms: Terms) -> Capture | Unusable:
    """A page that another crawler captured: no feed led to it, so its address is its entry."""
    headers = kept_headers(response.headers)
    media = headers.get("content-type", "").partition(";")[0].lower()
    if response.status != 200:
        return Unusable("status", str(response.status), response.url)
    if media and "html" not in media:
        return Unusable("not_html", media, response.url)
    try:
        fetched_at = _in_time(datetime.fromisoformat(response.date), terms)
        body = unpack(response.body, response.headers, cap=terms.page_bytes)
    except ValueError as error:
        return Unusable("malformed", str(error), response.url)
    except UnpackError as error:
        return Unusable(error.reason, str(error), response.url)
    url = response.url
    page = Page(fetch_id="", url=url, final_url=url, status=200, headers=headers, body=body, fetched_at=fetched_at)
    name = digest("\n".join((response.record_id, url, response.date, page.body_hash)))  # the same on every import
    return Capture(kind="page", feed_id=IMPORTED, page=replace(page, fetch_id=name), entry=_entry(url))


def _allowed(found: Capture | Unusable, terms: Terms) -> Capture | Unusable:
    """Applies a run's rules to an imported page. The host's tdmrep.json is not checked: that needs the network."""
    if isinstance(found, Capture) and found.kind == "page" and terms.obey_tdm and opts_out(found.page):
        return Unusable("reserved", "text and data mining", found.page.final_url)
    return found


def _entry(url: str) -> Entry:
    """An entry of its own."""
    return Entry(entry_key=imported_key(url), feed_id=IMPORTED, guid=None, link=url, title=None)


def is_damage(error: BaseException) -> bool:
    """Whether *error* means that the file is damaged. fastwarc panics on some files (an lz4 frame with a wrong
    checksum), and PyO3's panic exception is no Exception and cannot be imported by name.
    """
    return isinstance(error, OSError | EOFError | ValueError | zlib.error) or type(error).__module__ == "pyo3_runtime"


def _in_time(instant: datetime, terms: Terms) -> datetime:
    """*instant* in UTC. Raises ValueError if it has no zone, or lies ahead."""
    if instant.tzinfo is None:
        raise ValueError(f"its date {instant} has no time zone")
    if instant.year < FIRST_YEAR:
        raise ValueError(f"its date {instant} is before there was a web")
    if instant > terms.now + SKEW:
        raise ValueError(f"it is dated {instant:%Y-%m-%d}, which is yet to come")
    return instant.astimezone(UTC)


def _pairs(record: WarcRecord) -> tuple[tuple[str, str], ...]:
    """HTTP headers, bytes that are no UTF-8 kept as surrogates for `kept_headers` to read."""
    pairs = record.http_headers.items_bytes()
    return tuple((name.decode("latin-1"), value.decode("utf-8", "surrogateescape")) for name, value in pairs)
