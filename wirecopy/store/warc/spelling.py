"""The form of a capture in a WARC file: a standard response record, and a metadata record with the rest.

Other tools read the response. The metadata record (JSON, directly after its response) holds the fields that HTTP lacks,
so that an import restores the exported capture: fetch_id, feed, entry, requested address.
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from ingest.records import Capture, Entry, Page

CAPTURE_TYPE: Final = "application/vnd.wirecopy.capture+json"
_PACKING: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})  # the body is unpacked


def record_uuid(fetch_id: str, kind: str = "response") -> str:
    """The record id of a capture: a function of its fetch_id, so that two exports name the same record alike."""
    plain = uuid.UUID(hex=fetch_id)
    return str(plain if kind == "response" else uuid.uuid5(plain, kind))


def warc_date(instant: datetime) -> str:
    """WARC 1.1 allows fractions of a second: fetched_at survives to the microsecond."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def http_head(page: Page) -> bytes:
    """Status line and headers as they would announce the unpacked body; ends with the empty line."""
    try:
        phrase = HTTPStatus(page.status).phrase
    except ValueError:
        phrase = ""
    headers = {name: value for name, value in page.headers.items() if name not in _PACKING}
    lines = [f"HTTP/1.1 {page.status} {phrase}", *(f"{name}: {_one_line(value)}" for name, value in headers.items())]
    return "\r\n".join([*lines, f"content-length: {len(page.body)}", "", ""]).encode()


def to_metadata(capture: Capture) -> bytes:
    """All of a capture but its body."""
    page = capture.page
    said = {
        "fetch_id": page.fetch_id,
        "kind": capture.kind,
        "feed_id": capture.feed_id,
        "url": page.url,
        "final_url": page.final_url,
        "status": page.status,
        "headers": dict(page.headers),
        "fetched_at": page.fetched_at.isoformat(),
        "body_hash": page.body_hash,
        "entry": json.loads(capture.entry.to_json()) if capture.entry else None,
    }
    return json.dumps(said, ensure_ascii=False).encode()


def from_metadata(metadata: bytes, body: bytes) -> Capture:
    """The capture that `to_metadata` described. Raises ValueError if a field is missing or *body* has another hash."""
    try:
        said: dict[str, Any] = json.loads(metadata)
        page = Page(
            fetch_id=uuid.UUID(hex=said["fetch_id"]).hex,
            url=said["url"],
            final_url=said["final_url"],
            status=int(said["status"]),
            headers=dict(said["headers"]),
            body=body,
            fetched_at=datetime.fromisoformat(said["fetched_at"]).astimezone(UTC),
        )
        entry = Entry.from_json(json.dumps(said["entry"])) if said["entry"] else None
        expected, kind, feed_id = said["body_hash"], said["kind"], str(said["feed_id"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"its metadata record is not whole: {error!r}") from error
    if page.body_hash != expected:
        raise ValueError("its body is not the one that was exported")
    if kind not in ("feed", "page", "history") or (kind == "page") != (entry is not None):
        raise ValueError(f"its metadata record names a {kind!r} {'with' if entry else 'without'} an entry")
    return Capture(kind=kind, feed_id=feed_id, page=page, entry=entry)


def _one_line(value: str) -> str:
    return " ".join(value.splitlines())
