"""Older documents of a feed: the way to them, where the walk ends, and what it costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ingest.errors import IngestError
from ingest.feed.glance import glance
from ingest.records import Feed
from ingest.work import Found
from tests.ingest.fetching import NOW
from tests.wirecopy.history.asking_sites import asking, entries, read
from tests.wirecopy.history.paged_sites import BloggerSite, PagedSite
from tests.wirecopy.history.wordpress_site import WordPressSite, every
from tests.wirecopy.running import serving
from wirecopy.history.paging.reach import reach_of
from wirecopy.history.paging.walk import read_paging
from wirecopy.history.paging.ways import NoWayError, Paging, find_paging

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEWEST = datetime(2026, 11, 20, tzinfo=UTC)
START = datetime(2026, 11, 15, tzinfo=UTC)
FALLING = [NEWEST - HOUR * number for number in range(240)]  # ten days of 24 entries


def of_the_day(site, path: str = "/feed", way: Paging | None = None, start: datetime = START):
    """(the way, the dates listed in the day of *start*, requests of the reading, its documents)."""
    with serving(site.answer) as address:
        feed = Feed(id="s", url=f"{address}{path}")
        found: Paging = way or asking(lambda fetch: find_paging(feed, fetch, now=NOW))
        site.hits.clear()
        documents = asking(lambda fetch: read(read_paging(found, feed, start, start + DAY, fetch, now=NOW)))
        listed = {entry.published_at for entry in entries(feed, documents)}
    return found, sorted(date for date in listed if start <= date < start + DAY), list(site.hits), documents


def linked(rel: str, step: int = 1):
    return lambda page, last: (rel, page + step) if 1 <= page + step <= last else None


@pytest.mark.parametrize(
    "rel, way, by_header",
    [
        ("prev-archive", "archives", False),
        ("next", "pages", False),
        ("previous", "pages", False),
        ("next", "pages", True),
    ],
)
def test_links_are_followed_until_the_documents_are_older(rel, way, by_header):
    """Two documents in a row prove it; the walk is complete then."""
    found, dates, asked, documents = of_the_day(PagedSite(FALLING, linked(rel), by_header))
    assert (found.way, dates) == (way, sorted(date for date in FALLING if START <= date < START + DAY))
    assert len(asked) == 15  # of 24: the day ends on the 13th, two more prove it
    assert [document.complete for document in documents] == [False] * 14 + [True]


@pytest.mark.parametrize(
    "dates",
    [
        pytest.param(FALLING[::-1], id="oldest first"),
        pytest.param([FALLING[239], *FALLING[:239]], id="an old one is pinned on top"),
        pytest.param(
            [one for pair in zip(FALLING[::2], FALLING[1::2], strict=True) for one in pair[::-1]], id="swapped"
        ),
        pytest.param([*FALLING[:60], *FALLING[200:210], *FALLING[60:200]], id="a page of old ones between"),
    ],
)
def test_order_is_not_trusted(dates):
    """Every entry of the day is found, whatever stands before it."""
    _, found, _, _ = of_the_day(PagedSite(dates, linked("next")), way=Paging(way="pages", rel="next"))
    assert found == sorted(date for date in FALLING if START <= date < START + DAY)


@pytest.mark.parametrize(
    "link, most",
    [
        pytest.param(lambda page, last: ("next", 1), 1, id="to itself"),
        pytest.param(lambda page, last: ("next", page % 3 + 1), 3, id="a circle"),
        pytest.param(lambda page, last: ("next", 99), 2, id="to nowhere"),
    ],
)
def test_a_walk_ends(link, most):
    """Addresses that come again, and a link to a page that does not exist."""
    _, _, asked, documents = of_the_day(PagedSite(FALLING, link), way=Paging(way="pages", rel="next"))
    assert len(asked) <= most + 1
    assert not any(isinstance(document, IngestError) for document in documents)


def test_a_link_to_another_site_is_not_followed():
    """Where a feed leads is not ours to trust."""
    site = PagedSite(FALLING, lambda page, last: None)
    with serving(site.answer) as address, pytest.raises(NoWayError):
        asking(lambda fetch: find_paging(Feed(id="s", url=f"{address}/feed"), fetch, now=NOW))


@pytest.mark.parametrize(
    "site, path, oldest",
    [
        pytest.param(BloggerSite(FALLING), "/feeds/posts/default", FALLING[-1], id="Blogger"),
        pytest.param(
            WordPressSite(ZoneInfo("UTC"), every(HOUR, START, 60), closed=401), "/feed/", START + HOUR, id="WordPress"
        ),
        pytest.param(PagedSite(FALLING, linked("last", 23)), "/feed", FALLING[-1], id="a last page"),
        pytest.param(PagedSite(FALLING, linked("next")), "/feed", None, id="nothing tells"),
    ],
)
def test_how_far_back(site, path, oldest):
    """By one request more."""
    with serving(site.answer) as address:
        page = asking(lambda fetch: fetch.get(f"{address}{path}", kind="feed"))
        look = glance(page, now=NOW)
        ways = {BloggerSite: "blogger", WordPressSite: "wordpress-days", PagedSite: "pages"}
        site.hits.clear()
        reaches = asking(lambda fetch: reach_of(Paging(way=ways[type(site)]), page, look, fetch, now=NOW))
    assert reaches == (oldest.date() if oldest else None)
    assert len(site.hits) == (1 if oldest else 0)


@pytest.mark.parametrize("most", [150, 7])
def test_blogger_is_asked_for_the_interval(most):
    """Half-open to the second, by its own count of entries: it may give fewer than it was asked for."""
    dates = sorted(
        [*(START + HOUR * number for number in range(24)), START - timedelta(seconds=1), START + DAY], reverse=True
    )
    site = BloggerSite([*FALLING[:20], *dates], most=most)
    found, listed, asked, documents = of_the_day(site, "/feeds/posts/default")
    assert (found.way, listed) == ("blogger", sorted(dates)[1:-1])
    assert len(asked) == -(-24 // most)
    assert documents[-1].complete


@pytest.mark.parametrize("zone", ["America/Havana", "Asia/Kolkata", "Pacific/Auckland"])
def test_wordpress_days_are_local(zone):
    """The three local days that share an instant with the UTC day, each until a page is not full."""
    site = WordPressSite(ZoneInfo(zone), every(HOUR, START - 3 * DAY, 200), closed=401)
    found, listed, asked, documents = of_the_day(site, "/feed/")
    assert (found.way, found.form, len(listed)) == ("wordpress-days", "path", 24)
    assert len(asked) == 9  # 24 a day, ten at once
    assert documents[-1].complete


def test_wordpress_category_days():
    """A category's feed takes the day as parameters."""
    site = WordPressSite(ZoneInfo("America/Havana"), every(HOUR, START - 3 * DAY, 200, then=lambda n: 1 + n % 2))
    found, listed, _, _ = of_the_day(site, "/topics/sport/feed/")
    assert (found.form, len(listed)) == ("query", 12)


def test_wordpress_pages_end_by_404():
    """Where the feed of a day is not that of a day, ?paged= is left; the page behind the last one is missing."""
    site = WordPressSite(ZoneInfo("UTC"), every(HOUR, START, 60), ignores_days=True)
    found, listed, asked, documents = of_the_day(site, "/feed/")
    assert (found.way, len(listed), asked[-1]) == ("wordpress-pages", 23, "/feed/?paged=7")
    assert isinstance(documents[-1], Found)
    assert documents[-1].complete
