"""WARC files in CC-NEWS's layout: warcinfo, then a request and a response per page, each a gzip member of its own."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from fastwarc.stream_io import GzipWriter
from fastwarc.warc import WarcRecord, WarcRecordType


class Shot(NamedTuple):
    """One page as a crawler saw it."""

    url: str
    html: str
    at: datetime


def write_ccnews(path: Path, shots: Iterable[Shot]) -> Path:
    """Write *shots* to *path*, whose folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        _put(file, WarcRecordType.warcinfo, {"Content-Type": "application/warc-fields"}, b"software: news-crawl\r\n")
        for shot in shots:
            about = {"WARC-Date": shot.at.isoformat().replace("+00:00", "Z"), "WARC-Target-URI": shot.url}
            host = shot.url.split("/")[2]
            asked = f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
            _put(file, WarcRecordType.request, {**about, "Content-Type": "application/http; msgtype=request"}, asked)
            body = shot.html.encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
            answer = {**about, "Content-Type": "application/http; msgtype=response"}
            _put(file, WarcRecordType.response, answer, head.encode() + body)
    return path


def _put(file: object, kind: WarcRecordType, headers: dict[str, str], content: bytes) -> None:
    record = WarcRecord()
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{kind} {headers}")  # the same in every file that a test writes
    record.init_headers(kind, f"uuid:{name}".encode())
    for header, value in headers.items():
        record.headers[header] = value
    record.set_bytes_content(content)
    member = GzipWriter(file)
    record.write(member, checksum_data=True)
    member.close()
