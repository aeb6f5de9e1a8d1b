"""Response headers: redirect targets, Retry-After, and the headers that are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urldefrag, urljoin, urlsplit

from ingest.errors import HttpStatus

MAX_RETRY_AFTER: Final = timedelta(days=7)  # a longer one counts as this much
# Page.body is decompressed and whole, so headers about its encoding would mislead. Cookies are not kept.
_DROPPED: Final = frozenset(
    ("content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive", "set-cookie")
)


def kept_headers(headers: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Names in lower case, one value each (repeated ones joined by a comma, RFC 9110 5.2).

    Cookies and headers about the body's encoding are left out.
    """
    kept: dict[str, str] = {}
    for name, value in headers:
        low = name.lower()
        if low not in _DROPPED:
            kept[low] = f"{kept[low]}, {readable(value)}" if low in kept else readable(value)
    return kept


def without_validators(headers: Mapping[str, str]) -> Mapping[str, str]:
    """*headers* of a page that another one led to: its validators would be asked of that other one."""
    return {name: value for name, value in headers.items() if name not in ("etag", "last-modified")}


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Retry-After in seconds or as a date (RFC 9110 10.2.3), zero to seven days; None if absent or nonsense."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=min(int(text[:12]), 10**9)), MAX_RETRY_AFTER)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return min(max(date - now, timedelta()), MAX_RETRY_AFTER)


def absolute(base: str, location: str, status: int) -> str:
    """The target of a redirect without its fragment; HttpStatus if it is no URL."""
    try:
        return urldefrag(urljoin(base, readable(location).strip())).url
    except ValueError as error:
        raise HttpStatus(base, f"a redirect to {location[:200]!r}, which is no URL", status) from error


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port; redirects keep private headers only within one."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def readable(value: str) -> str:
    """aiohttp reads headers as UTF-8 and keeps other bytes as surrogates, which no file takes: Latin-1 then."""
    raw = value.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def site_of(url: str) -> str:
    """Scheme and host with port, without credentials: where robots.txt and its like belong to."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"
