"""The source `wordpress`, behind the protocol of sources."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import ClassVar

from ingest.errors import FetchError, IngestError
from ingest.records import Feed, Via
from ingest.work import Found
from wirecopy.history.askinggetter import AskingGetter
from wirecopy.history.searched import Ask, Searched
from wirecopy.history.wordpress.listing import ClosedError
from wirecopy.history.wordpress.posts import Posts, find_posts, read_posts
from wirecopy.store.feeds.places import Place


async def posts_of(feed: Feed, fetch: AskingGetter) -> Posts:
    """The list of *feed*'s posts, looked for once in a run. Raises ClosedError, FetchError."""
    past = fetch.past
    found: Posts = await past.posts.get(feed.id, lambda: find_posts(feed, fetch, now=past.now))
    return found


async def lists_a_part(feed: Feed, fetch: AskingGetter) -> bool:
    """Whether the API lists just *feed*'s part of its site. What fails proves nothing."""
    try:
        return (await posts_of(feed, fetch)).is_part
    except (ClosedError, FetchError):
        return False


class WordPress(Searched):
    """Lists of posts by the REST API: exact, about one request a day."""

    name: ClassVar[str] = "wordpress"
    via: ClassVar[Via] = "wordpress"
    exact: ClassVar[bool] = True

    async def look(self, feed: Feed, fetch: AskingGetter) -> Place:
        """The list of its posts. About five requests."""
        try:
            posts = await posts_of(feed, fetch)
        except ClosedError as error:
            return self.nothing(feed, str(error))
        return self.place(feed, posts.address, detail=str(posts.size), reaches=posts.reaches)

    def read(self, ask: Ask, fetch: AskingGetter) -> AsyncGenerator[Found | IngestError, None]:
        """The lists of the interval."""
        posts = Posts(address=ask.url, size=int(ask.place.detail), reaches=ask.place.reaches)
        return read_posts(posts, ask.start, ask.end, fetch)
