"""The documents of a feed that is polled, and their entries: fetched, archived, parsed, recognised."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ingest.errors import IngestError, SitemapIndex
from ingest.feed.guids import Identity, recognise
from ingest.outcomes import failed, seen, without_secrets
from ingest.records import Capture, Entries, Entry, Feed, NotModified, Page, Poll
from ingest.work import Brought, FeedTask, Found, Getter, Parser, ReadBefore

log = logging.getLogger(__name__)

MAX_SITEMAPS: Final = 8  # of an index, the last changed first


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocuments:
    """Reads what feeds show, with the tools of one pull."""

    fetch: Getter
    parse: Parser
    archive: Callable[[Capture], None]
    now: Callable[[], datetime]

    async def documents(self, task: FeedTask) -> AsyncGenerator[Found | ReadBefore | NotModified | IngestError, None]:
        """The task's own documents, else the feed's document, by a conditional GET."""
        if task.documents:
            async with aclosing(task.documents(self.fetch)) as documents:
                async for found in documents:
                    assert not isinstance(found, Brought)  # of a search
                    yield found
            return
        feed = task.feed
        try:
            answer = await self.fetch.get(feed.url, validators=task.validators, headers=feed.headers, kind="feed")
        except IngestError as error:
            yield error
        else:
            yield Found(page=answer) if isinstance(answer, Page) else answer

    async def entries(
        self, task: FeedTask, document: Found | NotModified | IngestError, polled_at: datetime
    ) -> tuple[Poll, list[Entry]]:
        """The poll and the entries of one document. A failed poll keeps the old validators."""
        feed = task.feed
        poll = Poll(
            feed_id=feed.id, url=feed.url, final_url=None, polled_at=polled_at, code="ok", validators=task.validators
        )
        if isinstance(document, IngestError):
            return failed(poll, document, task.validators), []
        if isinstance(document, NotModified):
            return seen(poll, document, task), []
        entries: list[Entry] = []
        try:
            poll = seen(poll, document.page, task, archived=document.archived)
            if poll.code == "ok":
                if not document.archived:
                    self.archive(Capture(kind="feed", feed_id=feed.id, page=without_secrets(document.page, feed)))
                found = await self._parsed(document, feed)
                entries, memory = recognise(found, Identity.from_json(task.identity))
                poll = replace(poll, identity=memory.to_json(), deferred=found.beyond)
                if not found.whole:  # a 304 must not hide from the next poll what this one could not read
                    poll = replace(poll, validators=task.validators)
        except IngestError as error:
            poll = failed(poll, error, task.validators)
        return poll, entries

    async def _parsed(self, document: Found, feed: Feed) -> Entries:
        """The entries of a feed's document; of a sitemap index those of its latest sitemaps, one level deep."""
        try:
            return as_entries(await self.parse(document.page, feed, now=self.now()))
        except SitemapIndex as index:
            if document.archived:  # sitemaps change: their entries are fetched by live runs
                raise
            return await self._news_of(index, feed)

    async def _news_of(self, index: SitemapIndex, feed: Feed) -> Entries:
        """Raises the index if none of its sitemaps could be read and lists news."""
        found = Entries()
        problem: IngestError = index
        for url in index.sitemaps[:MAX_SITEMAPS]:
            try:
                document = await self.fetch.get(url, headers=feed.headers, kind="feed")
                if isinstance(document, Page):
                    read = as_entries(await self.parse(document, feed, now=self.now()))
                    found.extend(read)
                    found.beyond += read.beyond
            except IngestError as error:
                log.warning("left to the next poll feed=%s: a sitemap of its index: %s", feed.id, error)
                found.whole, problem = False, error
        if not found:
            raise problem
        return found


def as_entries(entries: list[Entry]) -> Entries:
    """The same entries, with counts of what was left out."""
    return entries if isinstance(entries, Entries) else Entries(entries)
