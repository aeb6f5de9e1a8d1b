"""The source `paging`, behind the protocol of sources."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import ClassVar

from ingest.errors import FetchError, IngestError
from ingest.feed.glance import glance
from ingest.records import Feed, Via
from ingest.serial import from_json, to_json
from ingest.text.secrets import hide_secrets
from ingest.work import Found
from wirecopy.history.asking import ask as asked
from wirecopy.history.askinggetter import AskingGetter
from wirecopy.history.paging.reach import reach_of
from wirecopy.history.paging.walk import read_paging
from wirecopy.history.paging.ways import NoWayError, Paging, find_paging, is_wordpress
from wirecopy.history.searched import Ask, Searched
from wirecopy.history.wordpress.listing import ClosedError
from wirecopy.history.wordpress.source import posts_of
from wirecopy.store.feeds.places import Place


class OlderDocuments(Searched):
    """The older documents of a feed, as it or its software names them."""

    name: ClassVar[str] = "paging"
    via: ClassVar[Via] = "paging"
    exact: ClassVar[bool] = True

    async def look(self, feed: Feed, fetch: AskingGetter) -> Place:
        """The way to them. A WordPress that lists its posts by its API has nothing more in its feeds."""
        now = self._past.now
        page = await asked(fetch, feed.url)
        shown = glance(page, now=now)
        if is_wordpress(shown) and await _lists_posts(feed, fetch):
            return self.nothing(feed, "its posts are listed by the API of WordPress (wordpress)")
        try:
            paging = await find_paging(feed, fetch, now=now)
        except NoWayError as error:
            return self.nothing(feed, str(error))
        reaches = await reach_of(paging, page, shown, fetch, now=now)
        return self.place(feed, hide_secrets(feed.url, feed.secret), detail=to_json(paging), reaches=reaches)

    def read(self, ask: Ask, fetch: AskingGetter) -> AsyncGenerator[Found | IngestError, None]:
        """Those that may list entries of the interval."""
        paging = from_json(Paging, ask.place.detail)
        return read_paging(paging, ask.feed, ask.start, ask.end, fetch, now=self._past.now)


async def _lists_posts(feed: Feed, fetch: AskingGetter) -> bool:
    try:
        await posts_of(feed, fetch)
    except (ClosedError, FetchError):  # an API that fails says nothing against the feeds
        return False
    return True
