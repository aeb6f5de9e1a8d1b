"""Older documents of a feed, found from the feed itself: by its links, or by parameters that its software reads.

- `archives`: RFC 5005 section 4, rel=prev-archive; `pages`: section 3, rel=next (next_url of JSON Feed), or rel=prev
  where that leads to what is older.
- `blogger`: published-min and published-max, both instants; the answers are pages by start-index.
- `wordpress-days`: a feed of each local day; `wordpress-pages`: ?paged=2, 3, … Both end by 404.

find_paging() tries a way before it believes in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from ingest.errors import HttpStatus
from ingest.feed.formats.document import read_document
from ingest.feed.glance import Glance, glance
from ingest.history.feedaddresses import DAY_FORMS, DayForm, day_feed, numbered
from ingest.records import Feed, Page
from ingest.text.urls import entry_key, host_of, registered_domain
from ingest.work import Getter
from wirecopy.history.asking import ask

Way = Literal["archives", "pages", "blogger", "wordpress-days", "wordpress-pages"]

DAY: Final = timedelta(days=1)
# A day feed that a server answers with its newest articles, whatever the day, is found out by a day that is far away.
ANOTHER_DAY: Final = timedelta(days=40)
_TOTAL: Final = re.compile(r"<(?:\w+:)?totalResults\b[^>]*>\s*(\d{1,9})\s*<")
_MISSING: Final = frozenset((400, 404, 410))


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """The way to a feed's older documents."""

    way: Way
    rel: str = ""  # of the links to follow
    form: DayForm = "path"  # of the address of a day's feed
    size: int = 0  # entries of a full document; 0: not known


class NoWayError(Exception):
    """A feed shows no way to older documents; the message says so."""


async def find_paging(feed: Feed, fetch: Getter, *, now: datetime) -> Paging:
    """The best way for *feed*. One to four requests. Raises NoWayError, or FetchError if the feed cannot be read."""
    page = await ask(fetch, feed.url)
    look = glance(page, now=now)
    if followed(look, "prev-archive", page):
        return Paging(way="archives", rel="prev-archive")
    if is_blogger(look):
        return Paging(way="blogger", size=len(look.entries))
    for form in DAY_FORMS if is_wordpress(look) else ():
        if await _has_day_feeds(fetch, page.final_url, look, form, now):
            return Paging(way="wordpress-days", form=form, size=len(look.entries))
    for rel in ("next", "prev", "previous"):
        if (url := followed(look, rel, page)) and await _leads_back(feed, fetch, url, look, now):
            return Paging(way="pages", rel=rel)
    if is_wordpress(look) and await _leads_back(feed, fetch, numbered(page.final_url, 2), look, now):
        return Paging(way="wordpress-pages", size=len(look.entries))
    raise NoWayError("it has no link to older documents (prev-archive, next), and is no feed of WordPress or Blogger")


def followed(look: Glance, rel: str, page: Page) -> str | None:
    """The address behind the *rel* of a document. Only within its own site: where a feed leads is not ours to trust."""
    url = look.links.get(rel)
    if url is None or registered_domain(host_of(url)) != registered_domain(host_of(page.final_url)):
        return None
    return url


def total_of(page: Page) -> int | None:
    """How many entries there are, as OpenSearch says; Blogger has it."""
    found = _TOTAL.search(read_document(page).text)
    return int(found[1]) if found else None


def is_blogger(look: Glance) -> bool:
    """Blogger calls itself so."""
    return "blogger" in look.generator


def is_wordpress(look: Glance) -> bool:
    """WordPress names its site and version."""
    return "wordpress" in look.generator


def keys(feed: Feed, look: Glance) -> set[str]:
    """The entries of a document, as keys."""
    return {entry_key(one.link, feed.id, None) for one in look.entries if one.link}


async def _leads_back(feed: Feed, fetch: Getter, url: str, look: Glance, now: datetime) -> bool:
    """Whether *url* gives entries that the feed *look* does not, and that are older."""
    older = await _look_at(fetch, url, now)
    if older is None or not keys(feed, older) - keys(feed, look):
        return False
    return not (older.newest and look.newest) or older.newest <= look.newest


async def _has_day_feeds(fetch: Getter, url: str, look: Glance, form: DayForm, now: datetime) -> bool:
    """Whether the feed of a day lists that day, and that of another one does not list the newest articles."""
    dates = [one.published for one in look.entries if one.published]
    if not dates:
        return False
    known, far = min(dates), min(dates) - ANOTHER_DAY
    near, away = day_feed(url, known.date(), form), day_feed(url, far.date(), form)
    if near is None or away is None:
        return False
    listed = await _look_at(fetch, near, now)
    if listed is None or not listed.entries or not _about(listed, known):
        return False
    listed = await _look_at(fetch, away, now)
    return listed is None or _about(listed, far)


def _about(look: Glance, when: datetime) -> bool:
    """Whether all entries are of that day, in whatever zone the site has."""
    return all(abs(one.published - when) < 2 * DAY for one in look.entries if one.published)


async def _look_at(fetch: Getter, url: str, now: datetime) -> Glance | None:
    """None for a document that the server does not have."""
    try:
        return glance(await ask(fetch, url), now=now)
    except HttpStatus as error:
        if error.status in _MISSING:
            return None
        raise
