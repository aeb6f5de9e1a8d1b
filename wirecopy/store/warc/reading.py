"""Import, the reading half: records of any WARC or ARC file as captures, or why not. A stream, one record in memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ingest.fetch.headers import kept_headers
from ingest.records import IMPORTED, Capture, Entry, Page, digest
from ingest.text.tdm import reserves
from ingest.text.urls import entry_key
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What one import accepts."""

    page_bytes: int
    feed_bytes: int
    now: datetime  # aware, UTC
    obey_tdm: bool = True  # a page that reserves text and data mining is left out

    @property
    def largest(self) -> int:
        """Most bytes of any body."""
        return max(self.page_bytes, self.feed_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Response:
    """A response record, read but not yet judged: its metadata record may follow."""

    record_id: str
    url: str
    date: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes  # as packed as it stands there


def read_archive(path: Path, terms: Terms) -> Iterator[Capture | Unusable]:
    """One value for each record of *path*, but for metadata records that we wrote: these belong to their responses."""
    waiting: _Response | None = None
    for record in _records(path, terms):
        if waiting and not isinstance(record, Unusable) and _belongs_to(record, waiting):
            yield _allowed(_ours(waiting, record, terms), terms)
            waiting = None
            continue
        if waiting:
            yield _allowed(_foreign(waiting, terms), terms)
            waiting = None
        found = record if isinstance(record, Unusable) else _response(record, terms)
        if isinstance(found, _Response):
            waiting = found
        else:
            yield found
    if waiting:
        yield _allowed(_foreign(waiting, terms), terms)


def _records(path: Path, terms: Terms) -> Iterator[WarcRecord | Unusable]:
    """What stands behind a break cannot be read: it is one malformed record."""
    from fastwarc.warc import ArchiveIterator

    try:
        if arc := open_arc(path):
            with arc:
                yield from arc_records(arc, cap=terms.largest + HEAD_BYTES)
            return
        with path.open("rb") as file:
            yield from ArchiveIterator(file, parse_http=False)
    except BaseException as error:
        if not _is_damage(error):
            raise
        yield Unusable("malformed", f"what follows cannot be read: {error}")


def _belongs_to(record: WarcRecord, response: _Response) -> bool:
    """Whether it is the metadata record that we wrote behind *response*."""
    return (
        record.headers.get("Content-Type") == CAPTURE_TYPE
        and record.headers.get("WARC-Concurrent-To") == response.record_id
    )


def _response(record: WarcRecord, terms: Terms) -> _Response | Unusable:
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
        if not _is_damage(error):
            raise
        return Unusable("malformed", str(error), url)
    if record.http_headers.status_code is None:
        return Unusable("malformed", "no HTTP status line", url)
    if len(body) < record.content_length:
        return Unusable("clipped", f"the file ends {record.content_length - len(body):,} bytes early", url)
    return _Response(
        record_id=record.headers.get("WARC-Record-ID") or "", url=url, date=record.headers.get("WARC-Date") or "",
        status=record.http_headers.status_code, body=body, headers=_pairs(record),
    )  # fmt: skip


def _ours(response: _Response, record: WarcRecord, terms: Terms) -> Capture | Unusable:
    """An exported capture, given back."""
    if record.content_length > METADATA_BYTES:
        return Unusable("too_large", f"a metadata record of {record.content_length:,} bytes", response.url)
    try:
        capture = from_metadata(record.reader.read(), response.body)
        _in_time(capture.page.fetched_at, terms)
    except (OSError, ValueError) as error:
        return Unusable("malformed", str(error), response.url)
    cap = terms.feed_bytes if capture.kind == "feed" else terms.page_bytes
    if len(response.body) > cap:
        return Unusable("too_large", f"{len(response.body):,} bytes", response.url)
    return capture


def _foreign(response: _Response, terms: Terms) -> Capture | Unusable:
    """A page that somebody else captured: no feed led to it, so its address is its entry."""
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
    name = digest("\n".join((response.record_id, url, response.date, page.body_hash)))  # the same whenever it comes
    return Capture(kind="page", feed_id=IMPORTED, page=replace(page, fetch_id=name), entry=_entry(url))


def _allowed(found: Capture | Unusable, terms: Terms) -> Capture | Unusable:
    """What a run would not keep is not taken here either. The host's tdmrep.json is not asked: that is the network."""
    if isinstance(found, Capture) and found.kind == "page" and terms.obey_tdm and reserves(found.page):
        return Unusable("reserved", "text and data mining", found.page.final_url)
    return found


def _entry(url: str) -> Entry:
    """An entry of its own: that this capture gave no article must not keep a feed's entry of the same link out."""
    key = entry_key(None, IMPORTED, url)
    return Entry(entry_key=key, feed_id=IMPORTED, guid=None, link=url, title=None)


def _is_damage(error: BaseException) -> bool:
    """Whether *error* tells of a damaged file. fastwarc panics on some (an lz4 frame with a wrong checksum); what
    PyO3 raises then is no Exception, and cannot be imported by name.
    """
    return isinstance(error, OSError | EOFError | ValueError | zlib.error) or type(error).__module__ == "pyo3_runtime"


def _in_time(instant: datetime, terms: Terms) -> datetime:
    """*instant* in UTC. Raises ValueError if it has no zone, or lies ahead."""
    if instant.tzinfo is None:
        raise ValueError(f"its date {instant} has no time zone")
    if instant > terms.now + SKEW:
        raise ValueError(f"it is dated {instant:%Y-%m-%d}, which is yet to come")
    return instant.astimezone(UTC)


def _pairs(record: WarcRecord) -> tuple[tuple[str, str], ...]:
    """HTTP headers, bytes that are no UTF-8 kept as surrogates for `kept_headers` to read."""
    pairs = record.http_headers.items_bytes()
    return tuple((name.decode("latin-1"), value.decode("utf-8", "surrogateescape")) for name, value in pairs)
