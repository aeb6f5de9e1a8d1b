"""WordPress's list of posts (REST API, wp/v2/posts): what a site published between two instants, exact to the second.

`after` and `before` are both exclusive, and local time unless they end in Z. A page beyond the last is answered by 400.
Only posts that the feed itself would show count: find() looks up what the feed stands for (wordpressscope.py), and
compares the list with the entries that the feed shows now.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from ingest.errors import HttpStatus, IngestError, ParseError
from ingest.feed.formats.wordpressposts import FIELDS, ROUTE
from ingest.feed.glance import Glance, glance
from ingest.fetch.headers import site_of
from ingest.records import Feed, Page, Span
from ingest.text.urls import absolute_url, entry_key
from ingest.work import Found, Getter
from wirecopy.history.asking import ask
from wirecopy.history.wordpress.listing import ZONE, ClosedError, Walk, list_of, posts_in, utc_of
from wirecopy.history.wordpress.scope import LIMITS, NotToldError, scope_of

SECOND: Final = timedelta(seconds=1)  # the grain of WordPress's dates
# The most that WordPress gives at once, and what sites that cut it allow: more is answered by 400.
PAGE_SIZES: Final = (100, 20, 10)
MOST_PAGES: Final = 100  # of one interval: a thousand to ten thousand posts
# Of the entries that a feed shows now, the share that the list must name: a theme's own kinds of posts are not in it.
LEAST_SHARED: Final = 0.5  # or of what it names of that time, if that is less
MOST_LISTED: Final = 2  # times as many as the feed shows of the same time: else the feed leaves out most of them
_HEADER: Final = re.compile(r'<([^>]+)>\s*;[^,]*\brel\s*=\s*"?https://api\.w\.org/', re.IGNORECASE)
_TAG: Final = re.compile(rb"<link\b[^>]*https://api\.w\.org/[^>]*>", re.IGNORECASE)
_HREF: Final = re.compile(rb"\bhref\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
_BEYOND: Final = 400  # status of a page behind the last one, and of a page size that is not allowed
_CLOSED: Final = frozenset((401, 403, 404, 410, 501))


@dataclass(frozen=True, slots=True, kw_only=True)
class Posts:
    """Where a feed's posts are listed."""

    address: str  # of the list, with what limits it to the feed's posts, without dates and page
    size: int  # posts in one answer
    reaches: date | None  # of its oldest post; None: it lists none

    @property
    def is_part(self) -> bool:
        """Whether they are those of a category, a tag or an author, and not of the whole site."""
        return not LIMITS.isdisjoint(name for name, _ in parse_qsl(urlsplit(self.address).query))


async def find_posts(feed: Feed, fetch: Getter, *, now: datetime) -> Posts:
    """The list of the posts of *feed*. About five requests. Raises ClosedError, or FetchError if the feed itself cannot
    be read.
    """
    page = await ask(fetch, feed.url)
    look = glance(page, now=now)
    problem = "neither its feed nor its home page names the API of WordPress (rel https://api.w.org/)"
    failure: IngestError | None = None
    for root in await _roots(fetch, page, look):
        try:
            limits = await scope_of(fetch, page.final_url, home=look.home or site_of(page.final_url), root=root)
            return await _checked(feed, fetch, look, _joined(f"{root}{ROUTE[1:]}posts", limits))
        except (NotToldError, ClosedError) as error:
            problem = str(error)
        except HttpStatus as error:
            problem, failure = f"its API is closed ({error})", None if error.status in _CLOSED else error
        except IngestError as error:
            failure = error
    raise failure or ClosedError(problem)


async def read_posts(
    posts: Posts, start: datetime, end: datetime, fetch: Getter
) -> AsyncGenerator[Found | IngestError, None]:
    """The lists of what was published in [*start*, *end*), UTC, oldest first: one request for each Posts.size posts,
    and at most one more, if the server does as WordPress does. The last one is marked complete.
    """
    waiting: Found | None = None  # until it is clear whether it was the last
    walk = Walk(start=start, end=end)
    for _ in range(MOST_PAGES):
        try:
            page = await ask(fetch, posts_url(posts, walk.after, walk.before, walk.number), kind="json")
        except IngestError as error:
            if waiting:
                is_behind = walk.number > 1 and getattr(error, "status", None) == _BEYOND
                yield replace(waiting, complete=is_behind)
                if is_behind:
                    return
            raise
        if waiting:
            yield waiting
        listed = posts_in(page)
        if _ignores_dates(listed, walk.after - ZONE, walk.before + ZONE):
            yield Found(page=page)
            raise ParseError(page.final_url, "the API takes no notice of dates: it lists posts of other days")
        walk.read(listed, page)
        waiting = Found(page=page, span=Span(start=start, end=end), complete=walk.done)
        if walk.done:
            break
    if waiting:
        yield waiting


def posts_url(posts: Posts, start: datetime, end: datetime, number: int) -> str:
    """Page *number* (from 1) of what was published in [*start*, *end*)."""
    first = start.astimezone(UTC)
    whole = first.replace(microsecond=0)
    after = whole - SECOND if first == whole else whole
    before = end.astimezone(UTC)
    before = before if before.microsecond == 0 else before.replace(microsecond=0) + SECOND
    return _listing(
        posts.address, posts.size,
        {"after": f"{after:%Y-%m-%dT%H:%M:%SZ}", "before": f"{before:%Y-%m-%dT%H:%M:%SZ}", "page": str(number)},
    )  # fmt: skip


def _listing(address: str, size: int, more: Mapping[str, str]) -> str:
    fields = {"order": "asc", "orderby": "date", "per_page": str(size), "_fields": ",".join(FIELDS)}
    return _joined(address, {**more, **fields})


def _joined(address: str, query: Mapping[str, str]) -> str:
    """A site with plain permalinks has its route in the query already."""
    if not query:
        return address
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query, safe=',:[]')}"


async def _roots(fetch: Getter, page: Page, look: Glance) -> list[str]:
    """The roots of the API, each ending in a slash: the announced one, else the usual ones if this is WordPress."""
    if root := announced(page):
        return [root]
    if "blogger" in look.generator:
        return []
    own = f"{site_of(page.final_url)}/"
    homes = list(dict.fromkeys(home.partition("?")[0].rstrip("/") for home in (look.home or own, own)))
    for home in homes:
        try:
            if root := announced(await ask(fetch, f"{home}/", kind="page")):
                return [root]
        except IngestError:
            continue  # a closed front page proves nothing
    usual = ("/wp-json/", "/?rest_route=/") if "wordpress" in look.generator else ()
    return [f"{home}{place}" for home in homes for place in usual]


def announced(page: Page) -> str | None:
    """The root of the API that *page* names, by its Link header or its head; with a slash at its end."""
    found = _HEADER.search(page.headers.get("link", ""))
    tag = None if found else _TAG.search(page.body)
    href = _HREF.search(tag[0]) if tag else None
    link = found[1] if found else href[1].decode("utf-8", "replace").replace("&amp;", "&") if href else None
    root = absolute_url(link, page.final_url) if link else None
    return f"{root.rstrip('/')}/" if root else None


async def _checked(feed: Feed, fetch: Getter, look: Glance, address: str) -> Posts:
    """The list at *address*, if it names what the feed shows."""
    shown = _latest_half({entry_key(one.link, feed.id, None): one.published for one in look.entries
                          if one.link and one.published})  # fmt: skip
    between = _around(list(shown.values()))
    for size in PAGE_SIZES:
        try:
            listed = list_of(await ask(fetch, _listing(address, size, between), kind="json"))
            break
        except HttpStatus as error:
            if error.status != _BEYOND:
                raise
    else:
        raise ClosedError(f"its API refuses the list of posts ({_BEYOND})")
    shared = shown.keys() & {entry_key(post["link"], feed.id, None) for post in listed}
    if shown and len(listed) > MOST_LISTED * len(shown) + 1:
        raise ClosedError(
            f"its API lists {len(listed)} articles where the feed shows {len(shown)}: the feed is a part of the site "
            "that cannot be told"
        )
    if len(shared) < LEAST_SHARED * min(len(shown), len(listed), size):
        raise ClosedError(f"its API lists {len(shared)} of {len(shown)} articles that the feed shows: it is of others")
    oldest = list_of(await ask(fetch, _listing(address, 1, {}), kind="json"))
    first = utc_of(oldest[0]) if oldest else None
    is_oldest = first and not any(first > date for date in shown.values())  # else the order is not obeyed
    return Posts(address=address, size=size, reaches=first.date() if first and is_oldest else None)


def _latest_half(dates: Mapping[str, datetime]) -> dict[str, datetime]:
    """A feed may have old articles pinned to it."""
    keys = sorted(dates, key=lambda key: dates[key], reverse=True)
    return {key: dates[key] for key in keys[: (len(keys) + 1) // 2]}


def _around(dates: Sequence[datetime]) -> dict[str, str]:
    if not dates:
        return {}
    first, last = min(dates) - SECOND, max(dates) + SECOND
    return {"after": f"{first:%Y-%m-%dT%H:%M:%SZ}", "before": f"{last:%Y-%m-%dT%H:%M:%SZ}"}


def _ignores_dates(listed: Sequence[Mapping[str, Any]], start: datetime, end: datetime) -> bool:
    """Whether a list has dates, and none of [*start*, *end*): behind it would come all posts of the site."""
    dates = [date for post in listed if (date := utc_of(post))]
    return bool(dates) and not any(start <= date < end for date in dates)
