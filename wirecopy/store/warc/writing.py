"""Export: captures of raw/ as one WARC 1.1 file, each record a gzip member of its own."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ingest.records import Capture
from wirecopy.errors import UsageError
from wirecopy.store.query.export import whole
from wirecopy.store.warc.spelling import CAPTURE_TYPE, http_head, record_uuid, to_metadata, warc_date
from wirecopy.version import __version__

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord, WarcRecordType

SUFFIXES = (".warc.gz", ".warc")


def write_warc(path: Path, captures: Iterable[Capture], *, now: datetime) -> dict[str, int]:
    """Write *captures* to *path*, whole or not at all; returns how many pages, documents and bytes.

    Raises UsageError if the suffix is neither .warc.gz nor .warc, or the file cannot be written.
    """
    if not path.name.endswith(SUFFIXES):
        raise UsageError(f"{path}: the suffix says the form; give one of {', '.join(SUFFIXES)}.")
    counts = {"pages": 0, "documents": 0}
    with whole(path) as staged:
        with staged.open("wb") as stream:
            packed = path.name.endswith(".gz")
            _put(stream, _warcinfo(path, now), packed)
            for capture in captures:
                for record, digest in _records(capture):
                    _put(stream, record, packed, digest)
                counts["pages" if capture.kind == "page" else "documents"] += 1
        size = staged.stat().st_size
    return {**counts, "bytes": size}


def _put(stream: BinaryIO, record: WarcRecord, packed: bool, payload_digest: bytes | None = None) -> None:
    from fastwarc.stream_io import GzipWriter

    if not packed:
        record.write(stream, checksum_data=True, payload_digest=payload_digest)
        return
    member = GzipWriter(stream)
    record.write(member, checksum_data=True, payload_digest=payload_digest)
    member.close()  # the member only: the stream goes on


def _warcinfo(path: Path, now: datetime) -> WarcRecord:
    from fastwarc.warc import WarcRecordType

    said = f"software: wirecopy/{__version__}\r\nformat: WARC File Format 1.1\r\n"
    return _record(
        WarcRecordType.warcinfo,
        str(uuid.uuid4()),
        {
            "WARC-Date": warc_date(now),
            "WARC-Filename": path.name,
            "Content-Type": "application/warc-fields",
        },
        said.encode(),
    )


def _records(capture: Capture) -> Iterator[tuple[WarcRecord, bytes | None]]:
    """The response with the SHA-1 of its payload (the digest that WARC tools know), then what belongs to it."""
    from fastwarc.warc import WarcRecordType

    page = capture.page
    about = {"WARC-Date": warc_date(page.fetched_at), "WARC-Target-URI": page.final_url}
    response = record_uuid(page.fetch_id)
    yield (
        _record(
            WarcRecordType.response,
            response,
            {**about, "Content-Type": "application/http; msgtype=response"},
            http_head(page) + page.body,
        ),
        hashlib.sha1(page.body, usedforsecurity=False).digest(),
    )
    also = {"WARC-Concurrent-To": f"<urn:uuid:{response}>", "Content-Type": CAPTURE_TYPE}
    yield (
        _record(
            WarcRecordType.metadata, record_uuid(page.fetch_id, "metadata"), {**about, **also}, to_metadata(capture)
        ),
        None,
    )


def _record(kind: WarcRecordType, name: str, headers: dict[str, str], content: bytes) -> WarcRecord:
    from fastwarc.warc import WarcRecord

    record = WarcRecord()
    record.init_headers(kind, f"uuid:{name}".encode())
    for header, value in headers.items():
        record.headers[header] = value
    record.set_bytes_content(content)
    return record
