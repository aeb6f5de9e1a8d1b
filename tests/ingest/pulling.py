"""What the tests of pull share: a desk that decides and extracts, and a feed format of their own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ingest.errors import ExtractCrashed, NoText, ParseError
from ingest.pull import Decision, FeedTask, Work, pull
from ingest.records import (
    Article,
    Capture,
    Entry,
    Feed,
    FeedPull,
    Page,
    Poll,
    Skipped,
    Via,
    digest,
)
from ingest.text.urls import article_id, canonical_url, entry_key
from tests.ingest.fetching import NOW, fetcher


def entry(link: str | None, *, feed_id: str = "feed", age_hours: float = 1, guid: str | None = None) -> Entry:
    return Entry(
        entry_key=entry_key(link, feed_id, guid),
        feed_id=feed_id,
        guid=guid,
        link=link,
        title=link,
        published_at=NOW - timedelta(hours=age_hours),
    )


def document(*entries: Entry) -> str:
    return "FEED\n" + "\n".join(each.to_json() for each in entries)


async def parse(page: Page, feed: Feed, *, now: datetime) -> list[Entry]:
    """A feed format of our own: one entry as JSON per line."""
    first, *lines = page.body.decode().split("\n")
    if first != "FEED":
        raise ParseError(page.final_url, "no feed")
    return [replace(Entry.from_json(line), feed_id=feed.id) for line in lines if line]


def article(page: Page, entry: Entry, via: Via) -> Article:
    canonical = canonical_url(page.final_url)
    text = page.body.decode()
    return Article(
        article_id=article_id(canonical),
        entry_key=entry.entry_key,
        url=page.final_url,
        canonical_url=canonical,
        source="127.0.0.1",
        publisher="P",
        feed_id=entry.feed_id,
        guid=entry.guid,
        title=entry.title,
        authors=(),
        agency=None,
        dateline=None,
        published_at=entry.published_at,
        published_source="feed",
        published_precision="second",
        published_raw=None,
        modified_at=None,
        fetched_at=page.fetched_at,
        language="en",
        language_score=1.0,
        description=None,
        text=text,
        word_count=len(text.split()),
        content_hash=digest(text),
        image_url=None,
        tags=(),
        license=None,
        tdm_reservation=None,
        paywalled=None,
        http_status=page.status,
        extractor="test",
        extractor_version="1",
        via=via,
        fetch_id=page.fetch_id,
    )


@dataclass
class Desk:
    """Everything that the desk hands to pull, and what it was told."""

    decisions: dict[str, Decision] = field(default_factory=dict)  # by link
    captures: list[Capture] = field(default_factory=list)
    log: list[tuple[str, str]] = field(default_factory=list)
    extract_seconds: float = 0.0
    extracting: asyncio.Event = field(default_factory=asyncio.Event)

    def select(self, entry: Entry) -> Decision:
        self.log.append(("decide", entry.link or ""))
        return self.decisions.get(entry.link or "", "take")

    def archive(self, capture: Capture) -> None:
        self.captures.append(capture)
        self.log.append(("archive", capture.page.final_url))

    async def extract(self, page: Page, entry: Entry, *, via: Via) -> Article:
        self.log.append(("extract", page.final_url))
        self.extracting.set()
        await asyncio.sleep(self.extract_seconds)
        if b"bug" in page.body:
            raise ZeroDivisionError("a bug")
        if b"poison" in page.body:
            raise ExtractCrashed(page.final_url, "the process died")
        if b"empty" in page.body:
            raise NoText(page.final_url, "no text")
        return article(page, entry, via)

    async def run(self, work: Work, *, via: Via = "live", parser: Any = parse, **fetching: Any) -> list[FeedPull]:
        async with fetcher(**fetching) as fetch:
            return [
                result
                async for result in pull(
                    work,
                    fetch=fetch,
                    extract=self,
                    parse=parser,
                    select=self.select,
                    archive=self.archive,
                    via=via,
                    now=lambda: NOW,
                    on_begin=lambda entry, _fetch_id: self.log.append(("begin", entry.link or "")),
                    on_end=lambda entry, _fetch_id: self.log.append(("end", entry.link or "")),
                )
            ]


def task(site: Any, name: str = "feed", **changes: Any) -> FeedTask:
    return FeedTask(feed=Feed(id=name, url=site.url(f"/{name}")), **changes)


def poll_of(result: FeedPull) -> Poll:
    assert result.poll is not None
    return result.poll


def outcomes(poll: Poll) -> int:
    return poll.taken + poll.known + poll.too_old + poll.outside + poll.repeated + poll.deferred


def codes(result: FeedPull) -> list[str]:
    return [taken.result.code if isinstance(taken.result, Skipped) else "article" for taken in result.taken]
