"""The getter of a source of history: it remembers what it read, and spends no more than its feed's budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final

from ingest.errors import BudgetSpent, HttpStatus, IngestError
from ingest.records import Feed, NotModified, Page, Validators
from ingest.text.urls import host_of
from ingest.work import DocumentKind, Getter
from wirecopy.history.source import Past
from wirecopy.log import get_log
from wirecopy.store.archive.raw import read_captures
from wirecopy.store.feeds.places import Places

log = get_log(__name__)

# A list of a past month hardly changes, and 31 day runs want it; a day later it is asked for again, so that a run
# repeated the next day finds what the list left out.
FRESH: Final = timedelta(hours=24)
SHARED_BYTES: Final = 1_000_000  # of a list that is kept in memory for other feeds (once.KEPT says how many are)


async def shown_by(fetch: Getter, feed: Feed) -> Page:
    """What *feed* shows now. Raises FetchError, Deferred."""
    page = await fetch.get(feed.url, headers=feed.headers, kind="feed")
    assert isinstance(page, Page)  # nothing conditional was sent
    return page


@dataclass(slots=True)
class AskingGetter:
    """`ingest.work.Getter` for one feed: a document that raw/ has is read there, and costs no request."""

    fetch: Getter
    past: Past
    feed: Feed
    places: Places
    remembers: bool = True  # False: every document is asked for anew
    from_raw: set[str] = field(default_factory=set)  # fetch_ids of pages that cost no request
    holds: bool = False  # while it looks
    held: dict[str, Page] = field(default_factory=dict)  # by URL: what a look read, for the search after it

    async def get(
        self,
        url: str,
        *,
        validators: Validators | None = None,
        headers: Mapping[str, str] | None = None,
        kind: DocumentKind = "sitemap",
    ) -> Page | NotModified:
        """The document as raw/ has it, else by a request. Raises FetchError, BudgetSpent, Deferred."""
        if url == self.feed.url and not validators:
            shown = await self.past.shown.get(self.feed.id, self._shown)
            self.from_raw.add(shown.fetch_id)  # FeedItself archives it
            return shown
        if url in self.held:
            return self.held[url] if self.holds else self.held.pop(url)
        known = self._remembered(url) if self.remembers and not validators else None
        if known:
            self.from_raw.add(known.fetch_id)
            return known
        if self.remembers and self._is_missing(url):
            raise HttpStatus(url, "answered 404 a moment ago", 404)
        own = self.feed.headers if host_of(url) == host_of(self.feed.url) else {}  # they may hold a key
        if kind == "sitemap" and not (validators or headers or own):
            return await self._shared(url)
        return await self._asked(url, validators, {**own, **(headers or {})}, kind)

    async def _shared(self, url: str) -> Page:
        """A list that another feed of this run has asked for costs no request."""
        lists = self.past.lists
        if url in lists:
            page = await lists.get(url, partial(self._list, url))
            self.from_raw.add(page.fetch_id)  # whoever asked archives it
            if self.holds:
                self.held[url] = page
            return page
        try:
            page = await lists.get(url, partial(self._list, url))
        except IngestError:  # the budget of this feed, say: another one asks for itself
            lists.forget(url)
            raise
        if len(page.body) > SHARED_BYTES:
            lists.forget(url)
        return page

    async def _list(self, url: str) -> Page:
        page = await self._asked(url, None, {}, "sitemap")
        assert isinstance(page, Page)  # nothing conditional was sent
        return page

    async def _asked(
        self, url: str, validators: Validators | None, headers: Mapping[str, str], kind: DocumentKind
    ) -> Page | NotModified:
        """By a request."""
        self._spend(url)
        try:
            page = await self.fetch.get(url, validators=validators, headers=headers, kind=kind)
        except HttpStatus as error:
            if error.status in (404, 410):
                self.places.save_missing(url, self.past.now)
            raise
        if self.holds and isinstance(page, Page):
            self.held[url] = page
        return page

    async def _shown(self) -> Page:
        """As raw/ has it if another run has just read it, else by a request."""
        unread = self.past.unread.get(self.feed.id)
        return (unread and unread()) or await shown_by(self.fetch, self.feed)

    async def document(self, url: str, kind: DocumentKind = "sitemap") -> Page:
        """`get` for a source that sends no conditions."""
        page = await self.get(url, kind=kind)
        if isinstance(page, NotModified):
            raise TypeError(f"{url}: NotModified for a request without conditions")
        return page

    async def sitemaps(self, url: str) -> tuple[str, ...]:
        """See Getter: robots.txt is cached, and costs nothing of the budget."""
        return await self.fetch.sitemaps(url)

    def _spend(self, url: str) -> None:
        most, spent = self.past.settings.history_requests, self.past.spent
        if spent[self.feed.id] >= most:
            raise BudgetSpent(
                url,
                f"{most} requests for the history of {self.feed.id} were made in this run (history_requests); "
                "run this interval again to go on",
            )
        spent[self.feed.id] += 1

    def _is_missing(self, url: str) -> bool:
        known = self.places.document(url)
        return known is not None and not known.fetch_id and self.past.now - known.fetched_at < FRESH

    def _remembered(self, url: str) -> Page | None:
        known = self.places.document(url)
        if known is None or not known.fetch_id or self.past.now - known.fetched_at >= FRESH:
            return None
        path = self.past.layout.raw / known.raw_file
        try:
            return next((one.page for one in read_captures(self.past.layout, path, [known.fetch_id])), None)
        except FileNotFoundError:  # retention, or another store's
            return None
