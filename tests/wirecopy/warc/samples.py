"""WARC files of one's own making, also such as no good tool would write."""

from __future__ import annotations

import gzip
from pathlib import Path

Record = bytes


def response(
    body: bytes,
    *,
    url: str = "https://a.example/wall",
    date: str = "2026-11-20T10:00:00Z",
    kind: str = "response",
    status: str = "200 OK",
    media: str | None = "text/html; charset=utf-8",
    encoding: str | None = None,
    transfer: str | None = None,
    truncated: str | None = None,
) -> Record:
    """One record with *body* as it stands."""
    http = [f"HTTP/1.1 {status}", "Set-Cookie: a=1"]
    http += [f"Content-Type: {media}"] if media else []
    http += [f"Content-Encoding: {encoding}"] if encoding else []
    http += [f"Transfer-Encoding: {transfer}"] if transfer else []
    content = "\r\n".join([*http, "", ""]).encode() + body
    head = [
        "WARC/1.0", f"WARC-Type: {kind}", "WARC-Record-ID: <urn:uuid:6d058047-ede2-4a13-be79-90c17c631dd4>",
        f"WARC-Date: {date}", f"WARC-Target-URI: {url}", f"Content-Length: {len(content)}",
        "Content-Type: application/http; msgtype=response",
    ]  # fmt: skip
    head += [f"WARC-Truncated: {truncated}"] if truncated else []
    return "\r\n".join([*head, "", ""]).encode() + content + b"\r\n\r\n"


def warc(path: Path, *records: Record) -> Path:
    """The file *path* with *records*, each packed for itself if it ends with .gz."""
    packed = path.suffix == ".gz"
    path.write_bytes(b"".join(gzip.compress(record) if packed else record for record in records))
    return path
