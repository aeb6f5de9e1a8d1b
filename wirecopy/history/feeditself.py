"""The feed itself as a source of history: the entries that it shows today may reach back to the interval."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from ingest.errors import IngestError
from ingest.outcomes import lists_nothing_of
from ingest.records import Capture, Feed, Page, Span, Via
from ingest.text.urls import host_of
from ingest.work import Documents, Found, Getter, ReadBefore
from wirecopy.history.askinggetter import shown_by
from wirecopy.history.rawcaptures import captures_of_jobs
from wirecopy.history.source import HistorySource, Past
from wirecopy.store.feeds.feedstate import FeedCapture
from wirecopy.store.staging.plans import Job


class FeedItself(HistorySource):
    """One unconditional GET per feed, or the document that another run took a moment ago (`share_feed_for`)."""

    name: ClassVar[str] = "feed"
    via: ClassVar[Via] = "feed"

    def __init__(self, past: Past) -> None:
        self._past = past

    def find(self) -> Iterator[Job]:
        """A job per feed."""
        past = self._past
        oldest = past.now - past.settings.share_feed_for
        recent = {one.feed_id: one for one in past.state.captures().values() if one.fetched_at >= oldest}
        for feed in past.feeds.values():
            job = Job(kind="feed", feed_id=feed.id, payload="", host=host_of(feed.url))  # no URL: it may hold a key
            taken = recent.get(feed.id)
            if taken and past.layout.files.head(past.layout.raw / taken.raw_file):  # else removed, or another store's
                job = replace(job, kind="document", payload=taken.raw_file, fetch_id=taken.fetch_id)
            yield job

    def documents(self, jobs: Sequence[Job]) -> Iterator[tuple[str, Documents]]:
        """The shared ones first: they cost no request. One of other days is not even read again."""
        unread: list[Job] = []
        known = self._past.state.captures() if any(job.kind == "document" for job in jobs) else {}
        for job in jobs:
            capture = known.get(job.feed_id)
            if job.kind == "document" and capture and capture.fetch_id == job.fetch_id and self._is_of_others(capture):
                self._past.unread[job.feed_id] = partial(self._page_of, job)
                yield job.feed_id, partial(_read_before, capture)
            elif job.kind == "document":
                unread.append(job)
        for shared in captures_of_jobs(self._past.layout, unread):
            yield shared.feed_id, partial(self._shared, shared)
        for job in jobs:
            if job.kind == "feed" and job.feed_id in self._past.feeds:
                yield job.feed_id, partial(self._polled, self._past.feeds[job.feed_id])

    def pages(self, jobs: Sequence[Job]) -> Iterator[Capture]:
        """None: a feed has entries only."""
        yield from ()

    async def _shared(self, capture: Capture, _fetch: Getter) -> AsyncGenerator[Found | IngestError, None]:
        async def known() -> Page:
            return capture.page

        await self._past.shown.get(capture.feed_id, known)
        yield Found(page=capture.page, archived=True)

    def _is_of_others(self, capture: FeedCapture) -> bool:
        interval = Span(start=self._past.interval.start, end=self._past.interval.end)
        return capture.poll is not None and lists_nothing_of(capture.poll, interval)

    def _page_of(self, job: Job) -> Page | None:
        return next((one.page for one in captures_of_jobs(self._past.layout, [job])), None)

    async def _polled(self, feed: Feed, fetch: Getter) -> AsyncGenerator[Found | IngestError, None]:
        try:
            page = await self._past.shown.get(feed.id, partial(shown_by, fetch, feed))
        except IngestError as error:
            yield error
            return
        yield Found(page=page)


async def _read_before(capture: FeedCapture, _fetch: Getter) -> AsyncGenerator[ReadBefore, None]:
    assert capture.poll
    yield ReadBefore(poll=capture.poll)
