"""Builders of what the desk handles: captures as rows, records of the rooms, parts, and what a store holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.records import Article, Capture, Entry, Feed, FeedPull, Page, Poll, Skipped, Taken
from wirecopy.store.articles.commit import Committed, commit_articles, committing
from wirecopy.store.articles.numbers import finish
from wirecopy.store.files.columns import CONTENT_COLUMNS, SORT_KEYS
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import read_partition
from wirecopy.store.files.rows import RunStamp, article_row
from wirecopy.store.staging.parts import PartName, write_part

DAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RUN = RunStamp(
    run_id="scheduled__1", mode="live",
    interval_start=datetime(2026, 11, 22, 10, tzinfo=UTC), interval_end=datetime(2026, 11, 22, 10, 15, tzinfo=UTC),
)  # fmt: skip
HEADER = {
    "run_id": RUN.run_id, "plan": "p" * 32, "kind": "live", "mode": "live", "due_feeds": 1, "shards": 1,
    "start": RUN.interval_start.isoformat(), "end": RUN.interval_end.isoformat(),
}  # fmt: skip
WORDS = [
    "the",
    "harbour",
    "council",
    "voted",
    "on",
    "tuesday",
    "to",
    "raise",
    "the",
    "sea",
    "wall",
    "after",
    "a",
    "winter",
    "of",
    "storms",
    "and",
    "a",
    "long",
    "debate",
]


def at(hour: float, day: int = 22) -> datetime:
    """An instant of November 2026, UTC; day 0 is the last of October."""
    return datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=day - 1, hours=hour)


def name(text: str) -> str:
    """32 hex for a short name."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def an_entry(slug: str = "wall", **changes: Any) -> Entry:
    """An entry of feed `gazette`."""
    link = changes.get("link", f"https://gazette.example/{slug}")
    plain: dict[str, Any] = {
        "entry_key": name(f"entry {slug}"), "feed_id": "gazette", "guid": slug, "link": link, "title": slug.title(),
        "published_at": at(9), "published_raw": "Sun, 22 Nov 2026 09:00:00 GMT",
    }  # fmt: skip
    return Entry(**{**plain, **changes})


def an_article(slug: str = "wall", text: str = "A", seen: datetime | None = None, **changes: Any) -> Article:
    """The article on the page *slug*, with the text *text*, captured at *seen*."""
    url, seen = f"https://gazette.example/{slug}", seen or at(10)
    plain: dict[str, Any] = dict.fromkeys(field.name for field in fields(Article))
    plain |= {
        "article_id": name(url),
        "entry_key": name(f"entry {slug}"),
        "url": url,
        "canonical_url": url,
        "source": "gazette.example",
        "publisher": "Harbor Gazette",
        "feed_id": "gazette",
        "guid": slug,
        "title": slug.title(),
        "authors": ("A. Writer",),
        "published_at": at(9),
        "published_source": "jsonld",
        "published_precision": "second",
        "published_raw": "2026-11-22T09:00:00Z",
        "fetched_at": seen,
        "language": "en",
        "language_score": 0.93,
        "text": f"{text} {' '.join(WORDS)}",
        "word_count": len(WORDS) + 1,
        "content_hash": name(f"text {text}"),
        "tags": ("local",),
        "http_status": 200,
        "extractor": "trafilatura",
        "extractor_version": "2.3.1+wirecopy1",
        "via": "live",
        "fetch_id": name(f"{slug} {text} {seen.isoformat()}"),
    }
    return Article(**{**plain, **changes})


def capture(slug: str = "wall", text: str = "A", seen: datetime | None = None, **changes: Any) -> dict[str, Any]:
    """`an_article` as a row of articles."""
    return article_row(an_article(slug, text, seen, **changes), RUN)


def story(slug: str, day: int, text: str, seen: float = 10) -> dict[str, Any]:
    """A row of an article that tells *text*, published at nine on a day of November by a publisher of its own."""
    row = capture(slug, text[:9], at(seen, day), published_at=at(9, day), publisher=slug)
    return row | {"text": text, "word_count": len(text.split()), "content_hash": name(text)}


def taken(
    slug: str = "wall", result: Article | Skipped | None = None, when: datetime | None = None, **entry: Any
) -> Taken:
    """An entry and its end; an article unless *result* says otherwise."""
    return Taken(entry=an_entry(slug, **entry), result=result or an_article(slug), tried_at=when or at(10))


def skipped(code: str = "http_5xx", *, retryable: bool = True, **changes: Any) -> Skipped:
    """Why an entry did not become an article."""
    return Skipped(code=code, retryable=retryable, detail=f"it was {code}", **changes)


def a_poll(takes: Sequence[Taken] = (), **changes: Any) -> Poll:
    """A poll of feed `gazette` that showed just *takes*, unless *changes* say otherwise."""
    url = "https://gazette.example/feed.xml"
    plain: dict[str, Any] = {
        "feed_id": "gazette", "url": url, "final_url": url, "polled_at": at(10), "code": "ok", "http_status": 200,
        "entries": len(takes), "taken": len(takes),
    }  # fmt: skip
    return Poll(**{**plain, **changes})


def a_feed(**changes: Any) -> Feed:
    """Feed `gazette`."""
    return Feed(**{"id": "gazette", "url": "https://gazette.example/feed.xml", **changes})


def a_page(slug: str = "wall", body: bytes = b"<html>", seen: datetime | None = None, **changes: Any) -> Page:
    """The page *slug*, captured at *seen*."""
    url = f"https://gazette.example/{slug}"
    plain: dict[str, Any] = {
        "fetch_id": name(f"page {slug} {seen}"), "url": url, "final_url": url, "status": 200,
        "headers": {"content-type": "text/html"}, "body": body, "fetched_at": seen or at(10),
    }  # fmt: skip
    return Page(**{**plain, **changes})


def a_capture(slug: str = "wall", **changes: Any) -> Capture:
    """The page *slug* as it is archived; *changes* are those of its entry."""
    return Capture(kind="page", feed_id="gazette", page=a_page(slug), entry=an_entry(slug, **changes))


def part_name(number: int = 0, *, plan: str = "p" * 32, attempt: str = "a" * 32) -> PartName:
    """The name of a part."""
    return PartName(plan=plan, attempt=attempt, shard=0, number=number)


def a_part(
    layout: Layout, pulls: Iterable[FeedPull], number: int = 0, *, attempt: str = "a" * 32, **header: Any
) -> Path:
    """A finished part that waits in staging."""
    run = HEADER | header
    return write_part(layout, part_name(number, plan=str(run["plan"]), attempt=attempt), run, list(pulls))


def commit(layout: Layout, *captures: dict[str, Any], now: datetime = NOW, finished: bool = True) -> Committed:
    """Commit *captures* at once, to the end or (*finished* False) as if the process had died right after."""
    with committing(layout):
        committed = commit_articles(layout, captures, now=now)
        if finished:
            finish(layout, committed.seq)
    return committed


def content(layout: Layout, *tables: str) -> dict[str, list[dict[str, Any]]]:
    """CONTENT_COLUMNS of every row that a naive glob finds, with the date of its folder, in a canonical order."""
    return {table: _content(layout, table) for table in tables or CONTENT_COLUMNS}


def _content(layout: Layout, table: str) -> list[dict[str, Any]]:
    if not layout.dates(table):
        return []
    columns = ["date", *CONTENT_COLUMNS[table]]
    if layout.beside is None:
        rows = pl.scan_parquet(layout.store / table / "**/*.parquet", hive_partitioning=True)
    else:
        days = [(day, read_partition(layout, table, day)) for day in layout.dates(table)]
        rows = pl.concat([pl.DataFrame(found).with_columns(date=pl.lit(day)) for day, found in days]).lazy()
    return rows.select(columns).sort(["date", *SORT_KEYS[table]], nulls_last=True).collect().to_dicts()


BOTH = pytest.mark.parametrize("form", ["folder", "bucket"], indirect=True)
"""Marks a test of the store that runs in a folder and on a bucket."""


def use_store(patch: pytest.MonkeyPatch, layout: Layout) -> None:
    """Let the settings name the store of *layout*."""
    patch.setenv("WIRECOPY_DATA", str(layout.root if layout.beside is None else layout.beside.folder.parent))
    for name, value in {
        "WIRECOPY_STORE_URL": str(layout.root) if layout.beside else None,
        "WIRECOPY_STATE_URL": layout.beside and layout.beside.database,
    }.items():
        if value:
            patch.setenv(name, value)
        else:
            patch.delenv(name, raising=False)


def footprint(layout: Layout, *tables: str) -> dict[str, Any]:
    """Bytes (on a bucket the ETag) and mtime of every file of the store, or of some tables."""
    if layout.beside is not None:
        found = [(one.path.relative_to(layout.store), one) for one in layout.files.versions(layout.store, "**/*")]
        return {str(path): (one.tag, one.modified_at) for path, one in found if not tables or path.parts[0] in tables}
    paths = [path for path in layout.store.rglob("*") if path.is_file()]
    chosen = [path for path in paths if not tables or path.relative_to(layout.store).parts[0] in tables]
    return {str(path.relative_to(layout.store)): (path.read_bytes(), path.stat().st_mtime_ns) for path in chosen}
