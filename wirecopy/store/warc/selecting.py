"""The records of a WARC file as a stream: each is placed and named, and only those of chosen sites are unpacked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from ingest.errors import FetchError
from ingest.records import Capture
from wirecopy.store.warc.reading import Response, Terms, belongs_to, capture_of, is_damage, read_response
from wirecopy.store.warc.unusable import Unusable

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord


class Source(Protocol):
    """An open archive: a file, or ingest.fetch.ranges.RemoteFile, whose `error` says why it ended early."""

    def read(self, size: int = -1, /) -> bytes:
        """At most *size* bytes; none at the end."""
        ...

    def tell(self) -> int:
        """The offset of the next byte in the whole file."""
        ...


Choice = tuple[str, bool]
Choose = Callable[[str], Choice]
"""The registered domain of an address, and whether its pages are wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """One response record: its place in the file, and what became of it."""

    url: str
    domain: str
    offset: int  # bytes, of the packed record
    length: int  # up to the next response: what a range has to ask for
    captured_at: datetime | None  # aware; None: the record does not say
    found: Capture | Unusable | None  # None: of a site that is not wanted


@dataclass(slots=True)
class _Waiting:
    """A record whose end is not known yet."""

    url: str
    domain: str
    offset: int
    date: str
    response: Response | Unusable | None
    metadata: Capture | Unusable | None = None


def select_records(file: Source, terms: Terms, choose: Choose, *, size: int | None = None) -> Iterator[Selected]:
    """The response records of *file* from where it stands, which must be the beginning of a record.

    What cannot be read is a value: all that follows a damaged place is one malformed record. *size* is that of the
    whole file, for the length of its last record. Raises the FetchError of a remote file that ended early.
    """
    waiting: _Waiting | None = None
    end = file.tell()
    damage: Unusable | None = None
    try:
        for record in _records(file):
            end = record.stream_pos
            if waiting and isinstance(waiting.response, Response) and belongs_to(record, waiting.response):
                waiting.metadata = capture_of(waiting.response, terms, metadata=record)
                continue
            if not _is_page(record):
                continue
            if waiting:
                yield _selected(waiting, end, terms)
            waiting = _begun(record, terms, choose)
    except BaseException as error:
        if not is_damage(error):
            raise
        damage = Unusable("malformed", f"what follows byte {end:,} cannot be read: {error}")
    _check(file)
    if waiting:
        yield _selected(waiting, size if size is not None and not damage else file.tell(), terms)
    if damage:
        yield Selected(url="", domain="", offset=end, length=0, captured_at=None, found=damage)


def _records(file: Source) -> Iterator[WarcRecord]:
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    kinds = WarcRecordType.response | WarcRecordType.revisit | WarcRecordType.metadata
    return iter(ArchiveIterator(file, parse_http=False, record_types=kinds))  # type: ignore[arg-type]  # any reader will do


def _is_page(record: WarcRecord) -> bool:
    from fastwarc.warc import WarcRecordType

    return record.record_type != WarcRecordType.metadata


def _begun(record: WarcRecord, terms: Terms, choose: Choose) -> _Waiting:
    url = (record.headers.get("WARC-Target-URI") or "").strip("<> ").replace(" ", "%20")
    domain, wanted = choose(url)
    response = read_response(record, terms) if wanted else None
    return _Waiting(url, domain, record.stream_pos, record.headers.get("WARC-Date") or "", response)


def _selected(waiting: _Waiting, end: int, terms: Terms) -> Selected:
    found = waiting.metadata
    if found is None:
        response = waiting.response
        found = capture_of(response, terms) if isinstance(response, Response) else response
    return Selected(
        url=waiting.url,
        domain=waiting.domain,
        offset=waiting.offset,
        length=end - waiting.offset,
        captured_at=_instant(waiting.date),
        found=found,
    )


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _check(file: Source) -> None:
    error = getattr(file, "error", None)
    if isinstance(error, FetchError):
        raise error
