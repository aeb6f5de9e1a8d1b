"""The index of a web archive (CDX server): addresses to ask, and answers to read. Pure.

Two dialects. The Internet Archive answers with arrays, the first of them names, and behind an empty one a resume key;
its index and its captures have paths of their own. pywb answers with an object a line and other names.
https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server, https://pywb.readthedocs.io/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, Literal
from urllib.parse import urlencode

from ingest.errors import ParseError

Dialect = Literal["internet-archive", "pywb"]
DIALECTS: Final[tuple[Dialect, ...]] = ("internet-archive", "pywb")

MOST_ROWS: Final = 5_000  # in one answer; more follow by the resume key
_STAMP: Final = re.compile(r"\d{14}")
_PLAYED: Final = re.compile(r"/(\d{14})[a-z]{0,2}_?/")
_OK: Final = ("200", "")  # a status that is missing was not kept


@dataclass(frozen=True, slots=True, kw_only=True)
class CdxRow:
    """One capture of an address."""

    at: datetime  # aware, UTC, whole seconds
    url: str  # as it was captured
    digest: str  # of the body; empty: not told


@dataclass(frozen=True, slots=True, kw_only=True)
class CdxAnswer:
    """One answer of the index."""

    rows: tuple[CdxRow, ...]  # with status 200, in the order given
    resume: str | None = None  # the key by which the next answer is asked for


def index_url(
    base: str, dialect: Dialect, url: str, start: datetime, end: datetime, *, limit: int = MOST_ROWS, resume: str = ""
) -> str:
    """Where to ask for the captures of *url* from *start* to *end*, both inclusive."""
    query = {"url": url, "from": stamp(start), "to": stamp(end), "output": "json", "limit": str(limit)}
    if dialect == "pywb":
        return f"{base.rstrip('/')}/cdx?{urlencode(query)}"
    query |= {"fl": "timestamp,original,statuscode,digest", "filter": "statuscode:200", "collapse": "timestamp:10"}
    query |= {"showResumeKey": "true"} | ({"resumeKey": resume} if resume else {})
    return f"{base.rstrip('/')}/cdx/search/cdx?{urlencode(query)}"


def capture_url(base: str, dialect: Dialect, row: CdxRow) -> str:
    """Where the bytes of a capture are, as the archive got them (`id_`: no link rewritten)."""
    folder = "" if dialect == "pywb" else "/web"
    return f"{base.rstrip('/')}{folder}/{stamp(row.at)}id_/{row.url}"


def stamp(when: datetime) -> str:
    """Fourteen digits, UTC."""
    return f"{when.astimezone(UTC):%Y%m%d%H%M%S}"


def captured_at(headers: Mapping[str, str], final_url: str) -> datetime | None:
    """When the capture that was given was made: by Memento-Datetime, else by its address. An archive that has none of
    the instant asked for gives the nearest one, with status 200.
    """
    try:
        return parsedate_to_datetime(headers.get("memento-datetime", "")).astimezone(UTC)
    except (ValueError, IndexError, OverflowError):
        found = _PLAYED.search(final_url)
        return _instant(found[1]) if found else None


def read_index(url: str, text: str) -> CdxAnswer:
    """The answer *text* from *url*, in either dialect. Raises ParseError if it is neither."""
    text = text.strip()
    if not text:
        return CdxAnswer(rows=())
    try:
        if text.startswith("["):
            return _arrays(json.loads(text))
        return CdxAnswer(rows=tuple(_rows(json.loads(line) for line in text.splitlines() if line.strip())))
    except (ValueError, TypeError, IndexError, RecursionError) as error:
        raise ParseError(url, f"no index of a web archive ({error})") from error


def _arrays(table: Sequence[Sequence[str]]) -> CdxAnswer:
    if not table:
        return CdxAnswer(rows=())
    empty = next((number for number, row in enumerate(table) if not row), len(table))
    names, rows = table[0], table[1:empty]
    resume = table[empty + 1][0] if len(table) > empty + 1 else None
    return CdxAnswer(rows=tuple(_rows(dict(zip(names, row, strict=False)) for row in rows)), resume=resume)


def _rows(found: Iterator[dict[str, Any]] | Any) -> Iterator[CdxRow]:
    for one in found:
        status = str(one.get("statuscode", one.get("status", "")))
        at, url = _instant(str(one.get("timestamp", ""))), one.get("original", one.get("url"))
        if at and isinstance(url, str) and status in _OK:
            yield CdxRow(at=at, url=url, digest=str(one.get("digest", "")))


def _instant(digits: str) -> datetime | None:
    if not _STAMP.fullmatch(digits):
        return None
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
