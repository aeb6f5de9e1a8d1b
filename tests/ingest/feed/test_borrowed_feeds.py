"""1,996 feed documents on loan, of the web and of other readers' tests: none is lost, none hangs, none crashes."""

from __future__ import annotations

import calendar
import gzip
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ParseError, SitemapIndex
from ingest.feed.parse import MAX_ENTRIES, parse_feed
from ingest.options import ExtractOptions
from ingest.records import Entry, Feed, Page
from ingest.text.cleaning import plain_text
from ingest.workers.workers import WorkerPool
from tests.ingest.samples import NOW, a_page

LOAN = Path(__file__).parents[4] / "shared" / "data" / "feeds"
FEED = Feed(id="harlan", url="https://news.example.com/rss.xml")
DEADLINE = timedelta(seconds=5)  # of CPU; the slowest document takes less than half a second
# Documents of which we read more entries than feedparser, by what they are: formats that it does not know.
MORE = {"json": 4, "sitemap": 1}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("borrowed-feeds"),  # all documents are read by both once, not in each worker
    pytest.mark.skipif(not LOAN.exists(), reason="../shared/data/feeds is not on this machine"),
]


@cache
def documents() -> tuple[tuple[str, bytes], ...]:
    """(name, body) of each."""
    names = [json.loads(line)["file"] for line in (LOAN / "manifest.jsonl").read_text().splitlines()]
    return tuple((name, gzip.decompress((LOAN / name).read_bytes())) for name in names)


def bare(body: bytes) -> Page:
    """A document of which no header says anything."""
    return a_page(body, url=FEED.url, headers={})


@cache
def pairs() -> tuple[tuple[str, bytes, list[Entry], list[Any]], ...]:
    """(name, body, our entries, feedparser's) of each document."""
    return tuple((name, body, ours(body), theirs(body)) for name, body in documents())


def ours(body: bytes) -> list[Entry]:
    try:
        return parse_feed(bare(body), FEED, now=NOW)
    except ParseError:
        return []


def theirs(body: bytes) -> list[Any]:
    import feedparser

    found: list[Any] = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False).entries
    return found


def of_both() -> Iterator[tuple[str, Entry, Any]]:
    """(document, our entry, feedparser's) where both find as many."""
    for name, _, mine, other in pairs():
        if len(mine) == len(other):
            yield from ((name, one, two) for one, two in zip(mine, other, strict=True))


def test_as_many_entries_as_feedparser_or_more() -> None:
    """Of every document; more only where it does not know the format."""
    assert [name for name, _, mine, other in pairs() if len(mine) < min(len(other), MAX_ENTRIES)] == []
    more = Counter(kind(body) for _, body, mine, other in pairs() if len(mine) > len(other))
    assert more == MORE


def kind(body: bytes) -> str:
    """What a document is that feedparser reads less of."""
    return "json" if body.lstrip().startswith(b"{") else "sitemap" if b"<urlset" in body else "feed"


def test_as_many_titles_guids_and_pages_as_feedparser() -> None:
    """What an entry has for feedparser it has for us, but for titles that are markup without a word."""
    lost = []
    for name, one, two in of_both():
        lost += [(name, "title")] if plain_text(dict.get(two, "title"), limit=500) and not one.title else []
        lost += [(name, "guid")] if (dict.get(two, "id") or "").strip() and not one.guid else []
        lost += [(name, "link")] if re.match(r"https?://[^/]", dict.get(two, "link") or "") and not one.link else []
    assert lost == []


def test_no_date_is_lost_and_none_differs() -> None:
    """Where feedparser reads a date, so do we, and the same one; a date of the year 1 is none. The raw string stays."""
    lost, different = [], []
    for name, one, two in of_both():
        stamp = next((found for field in ("published", "created", "updated") if (found := parsed(two, field))), None)
        if stamp and stamp.year > 1990 and one.published_at != stamp:
            (different if one.published_at else lost).append((name, one.published_raw, stamp, one.published_at))
        if any(dict.get(two, field) for field in ("published", "created", "updated")):
            assert one.published_raw, name
    assert (lost, different) == ([], [])


def parsed(entry: Any, field: str) -> datetime | None:
    """feedparser's date of *field*."""
    stamp = dict.get(entry, f"{field}_parsed")
    return datetime(*stamp[:6], tzinfo=UTC) if stamp and calendar.timegm(stamp) else None


@pytest.mark.asyncio
@pytest.mark.timeout(300)
async def test_no_document_hangs_or_crashes_the_parser() -> None:
    """In a worker with a deadline of CPU: entries, or the word that it is no feed (14 are none)."""
    seen: Counter[str] = Counter()
    options = ExtractOptions(workers=1, parse_deadline=DEADLINE, pages_per_worker=5_000)
    async with WorkerPool(options, publisher_of=str) as pool:
        for _, body in documents():
            try:
                seen["entries"] += len(await pool.parse(bare(body), FEED, now=NOW))
                seen["read"] += 1
            except ParseError as error:
                seen["index" if isinstance(error, SitemapIndex) else error.code] += 1
    assert seen == {"read": 1_982, "not_a_feed": 13, "index": 1, "entries": sum(len(mine) for _, _, mine, _ in pairs())}
