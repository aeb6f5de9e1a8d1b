"""Sources of history: one that joins by its name in SOURCES fills a past day through the steps as they are."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar

import polars as pl
import pytest

from ingest.errors import IngestError
from ingest.records import Capture, Feed, Page, Via
from ingest.text.urls import host_of
from ingest.work import Documents, Found, Getter
from tests.wirecopy.builders import content
from tests.wirecopy.running import ANCHOR, planned, serving
from wirecopy.history import sources
from wirecopy.history.source import HistorySource, Past
from wirecopy.steps import publish, pull, verdict
from wirecopy.store.archive.raw import raw_files, read_heads
from wirecopy.store.files.layout import Layout
from wirecopy.store.staging.plans import Job, read_plan

DAY = timedelta(days=1)
PAST = ANCHOR - 20 * DAY  # the feed shows nothing as old as this
TEXT = "The harbour board voted on Tuesday to dredge the eastern basin, after months of talks with the fishing fleet. "


class Listings(HistorySource):
    """A toy: `/listing/1.json`, `/listing/2.json`, … of a site, JSON Feeds of what is old, until one is missing."""

    name: ClassVar[str] = "listings"
    via: ClassVar[Via] = "sitemap"

    def __init__(self, past: Past) -> None:
        self.past = past

    def find(self) -> Iterator[Job]:
        for feed in self.past.feeds.values():
            yield Job(kind="document", feed_id=feed.id, payload="/listing/", host=host_of(feed.url))

    def documents(self, jobs: Sequence[Job]) -> Iterator[tuple[str, Documents]]:
        for job in jobs:
            yield job.feed_id, partial(self._read, self.past.feeds[job.feed_id], job.payload)

    def pages(self, jobs: Sequence[Job]) -> Iterator[Capture]:
        yield from ()

    async def _read(self, feed: Feed, path: str, fetch: Getter) -> AsyncGenerator[Found | IngestError, None]:
        base = feed.url.removesuffix("/feed.json")
        for number in range(1, 100):
            try:
                page = await fetch.get(f"{base}{path}{number}.json", kind="feed")
            except IngestError as error:
                if getattr(error, "status", None) != 404:
                    yield error
                return
            assert isinstance(page, Page)
            yield Found(page=page)


def a_feed(site: str, *items: tuple[str, Any]) -> str:
    listed = [
        {"id": path, "url": f"{site}{path}", "title": path, "date_published": at.isoformat()} for path, at in items
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "G", "items": listed})


@pytest.fixture
def site(layout: Layout, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A newspaper whose feed shows today, and whose listings show two articles of the past day and one of another."""
    from aiohttp import web

    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        here = f"http://{request.host}"
        documents = {
            "/feed.json": a_feed(here, ("/new", ANCHOR)),
            "/listing/1.json": a_feed(here, ("/old-1", PAST - timedelta(hours=3))),
            "/listing/2.json": a_feed(here, ("/old-2", PAST - timedelta(hours=2)), ("/older", PAST - 2 * DAY)),
        }
        if request.path in documents:
            return web.Response(text=documents[request.path], content_type="application/json")
        if request.path in ("/new", "/old-1", "/old-2", "/older"):
            body = f"<article><h1>Of {request.path}</h1><p>{TEXT * 5}{request.path}</p></article>"
            return web.Response(text=f"<html><body>{body}</body></html>", content_type="text/html")
        return web.Response(status=404)

    with serving(answer) as address:
        (tmp_path / "feeds.toml").write_text(f'[[feed]]\nid = "gazette"\nurl = "{address}/feed.json"\n')
        for name, value in {
            "WIRECOPY_DATA": str(layout.root), "WIRECOPY_FEEDS": str(tmp_path / "feeds.toml"),
            "WIRECOPY_NOW": ANCHOR.isoformat(), "WIRECOPY_ALLOW_NETWORKS": "127.0.0.0/8", "WIRECOPY_HOST_GAP": "0",
            "WIRECOPY_EXTRACT_WORKERS": "1", "WIRECOPY_SHARDS": "1", "WIRECOPY_HISTORY": "0",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        yield asked


def a_day(end: Any, name: str) -> dict[str, Any]:
    """A past run of the day before *end*."""
    run = planned("day", end, DAY, name)
    report = publish(run=run["run"], pulled=[pull(**shard) for shard in run["shards"]])
    return verdict(run=run["run"], report=report)


def paths(layout: Layout) -> list[str]:
    return sorted("/" + row["canonical_url"].rpartition("/")[2] for row in content(layout, "articles")["articles"])


@pytest.mark.slow
def test_a_source_that_joins_fills_the_past(layout, site, monkeypatch):
    """Its documents are polled, archived and parsed like any other, and what was published in the interval is taken."""
    monkeypatch.setattr(sources, "SOURCES", (*sources.SOURCES, Listings))
    a_day(PAST, "first")
    assert paths(layout) == ["/old-1", "/old-2"]
    articles = pl.read_parquet(layout.store / "articles/**/*.parquet")
    assert set(articles["via"]) == {"sitemap"}
    polls = pl.read_parquet(layout.store / "polls/**/*.parquet")
    assert (len(polls), set(polls["code"]), polls["taken"].sum(), polls["outside"].sum()) == (3, {"ok"}, 2, 2)
    heads = [read_heads(layout, path) for path in raw_files(layout, PAST.date() - DAY, ANCHOR.date() + DAY)]
    assert sorted(kind for head in heads for kind in head["kind"].to_pylist()) == ["feed"] * 3 + ["page"] * 2


@pytest.mark.slow
def test_what_it_read_for_one_day_is_not_asked_again_for_another(layout, site, monkeypatch):
    """Its document lies in raw/: the run of another day that it lists takes it from there."""
    with monkeypatch.context() as patch:  # the source goes, its captures do not
        patch.setattr(sources, "SOURCES", (*sources.SOURCES, Listings))
        a_day(PAST, "first")
    site.clear()
    a_day(PAST - DAY, "second")
    assert paths(layout) == ["/old-1", "/old-2", "/older"]
    assert [path for path in site if path.startswith("/listing/")] == []


def test_without_it_the_past_is_empty(layout, site):
    """The feed itself does not reach back."""
    a_day(PAST, "first")
    assert paths(layout) == []


def test_its_work_is_in_the_plan(layout, site, monkeypatch):
    """Each job names its source, so that the shard knows who reads it."""
    monkeypatch.setattr(sources, "SOURCES", (*sources.SOURCES, Listings))
    run = planned("day", PAST, DAY, "first")["run"]
    assert {(job.kind, job.source) for job in read_plan(layout, run["plan"], 0)} == {
        ("feed", "feed"),
        ("document", "listings"),
    }
