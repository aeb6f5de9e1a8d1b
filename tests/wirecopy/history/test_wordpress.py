"""WordPress's list of posts as a source: which list is a feed's own, and exactly the posts of an interval."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ingest.errors import ParseError
from ingest.feed.parse import parse_feed
from ingest.records import Feed
from tests.ingest.fetching import NOW
from tests.ingest.samples import a_page
from tests.wirecopy.history.asking_sites import asking, entries, read
from tests.wirecopy.history.wordpress_site import Post, WordPressSite, every
from tests.wirecopy.running import serving
from wirecopy.history.wordpress.listing import ClosedError, list_of
from wirecopy.history.wordpress.posts import Posts, find_posts, read_posts

LOAN = Path(__file__).parents[4] / "shared" / "data" / "archives"
HAVANA = ZoneInfo("America/Havana")
DAY = timedelta(days=1)
START = datetime(2026, 10, 15, tzinfo=UTC)


def posts_of(site: WordPressSite, path: str, start: datetime = START, end: datetime = START + DAY):
    """(the list that was found, the posts' numbers in the interval, what the reading asked for)."""
    with serving(site.answer) as address:
        feed = Feed(id="s", url=f"{address}{path}")
        found: Posts = asking(lambda fetch: find_posts(feed, fetch, now=NOW))
        site.hits.clear()
        documents = asking(lambda fetch: read(read_posts(found, start, end, fetch)))
        listed = entries(feed, documents)
    assert all(entry.published_at and not entry.summary for entry in listed)
    by_link = {site.link(post, site.folder): post.number for post in site.posts}
    return found, [by_link["/" + entry.link.split("/", 3)[3]] for entry in listed], list(site.hits)


@pytest.mark.parametrize("zone", ["America/Havana", "Asia/Kolkata", "Pacific/Auckland"])
def test_the_day_is_exact_to_the_second(zone):
    """Half-open in UTC, whatever the zone of the site: midnight belongs to the day, the next one does not."""
    borders = [START + at + timedelta(seconds=second) for at in (timedelta(), DAY) for second in (-1, 0, 1)]
    site = WordPressSite(ZoneInfo(zone), [Post(number=number, at=at) for number, at in enumerate(borders)])
    _, numbers, asked = posts_of(site, "/feed/")
    assert (numbers, len(asked)) == ([1, 2, 3], 1)


@pytest.mark.parametrize("count", [0, 99, 100, 101, 250])
def test_requests_of_a_day(count):
    """⌈n/100⌉ and at most one more; each post once."""
    site = WordPressSite(HAVANA, [*every(timedelta(seconds=60), START, count), Post(number=999, at=START - DAY)])
    _, numbers, asked = posts_of(site, "/feed/")
    assert numbers == list(range(1, count + 1))
    assert len(asked) <= math.ceil(count / 100) + 1


@pytest.mark.parametrize(
    "site, path",
    [
        pytest.param(WordPressSite(HAVANA, every(DAY / 4, START, 8), folder="/blog"), "/blog/feed/", id="sub-folder"),
        pytest.param(WordPressSite(HAVANA, every(DAY / 4, START, 8), plain=True), "/?feed=rss2", id="plain permalinks"),
        pytest.param(WordPressSite(HAVANA, every(DAY / 4, START, 8), says_so=False), "/feed/", id="generator only"),
        pytest.param(WordPressSite(HAVANA, every(DAY / 4, START, 8), says_so=False, plain=True, folder="/b"),
                     "/b/?feed=rss2", id="generator, plain, sub-folder"),
    ],
)  # fmt: skip
def test_where_the_api_is(site, path):
    """By what the feed or the home page announces, else at the two usual places."""
    found, numbers, _ = posts_of(site, path)
    assert (numbers, found.reaches) == ([1, 2, 3], (START + DAY / 4).date())


def test_a_category_feed_has_the_posts_of_its_category():
    """The API's own address of the category is compared, so the words of the path do not matter."""
    site = WordPressSite(HAVANA, every(DAY / 8, START, 8, then=lambda number: 1 + number % 2))
    assert posts_of(site, "/topics/sport/feed/")[1] == [1, 3, 5, 7]


@pytest.mark.parametrize(
    "site, path, why",
    [
        pytest.param(WordPressSite(HAVANA, every(DAY, START, 3), closed=401), "/feed/", "closed", id="401"),
        pytest.param(WordPressSite(HAVANA, every(DAY, START, 3), closed=404), "/feed/", "closed", id="404"),
        pytest.param(WordPressSite(HAVANA, every(DAY, START, 3)), "/comments/feed/", "comments", id="comments"),
        pytest.param(WordPressSite(HAVANA, every(DAY, START, 3)), "/?feed=rss2&s=harbour", "search", id="search"),
    ],
)
def test_a_list_that_is_not_the_feeds_own_is_none(site, path, why):
    """A closed API, or a feed that stands for something that the API cannot be asked for: the reason is told."""
    with serving(_with_comments(site)) as address, pytest.raises(ClosedError, match=why):
        asking(lambda fetch: find_posts(Feed(id="s", url=f"{address}{path}"), fetch, now=NOW))


def test_a_list_that_lacks_what_the_feed_shows_is_none():
    """A theme's own kind of posts is in the feed, and not in the list."""
    site = WordPressSite(HAVANA, every(DAY, START, 12))
    shown = WordPressSite(
        HAVANA, [Post(number=post.number, at=post.at, slug=f"film-{post.number}") for post in site.posts]
    )

    async def answer(request):
        return await (shown if request.path.endswith("/feed/") else site).answer(request)

    with serving(answer) as address, pytest.raises(ClosedError, match="lists 0 of 5"):
        asking(lambda fetch: find_posts(Feed(id="s", url=f"{address}/feed/"), fetch, now=NOW))


def test_a_list_of_much_more_than_the_feed_shows_is_none():
    """Two languages of one site, say, whose posts stand in one list."""
    site = WordPressSite(HAVANA, every(DAY / 3, START, 30))
    shown = WordPressSite(HAVANA, site.posts[::3])

    async def answer(request):
        return await (shown if request.path.endswith("/feed/") else site).answer(request)

    with serving(answer) as address, pytest.raises(ClosedError, match="part of the site"):
        asking(lambda fetch: find_posts(Feed(id="s", url=f"{address}/feed/"), fetch, now=NOW))


def test_a_list_that_knows_nothing_of_what_the_feed_shows_yet():
    """Nothing contradicts it: an empty answer is no list of others."""
    site = WordPressSite(HAVANA, every(DAY / 4, START, 20))
    shown = WordPressSite(HAVANA, every(DAY / 4, START + 20 * DAY, 5), says_so=False)

    async def answer(request):
        return await (shown if request.path.endswith("/feed/") else site).answer(request)

    with serving(answer) as address:
        found = asking(lambda fetch: find_posts(Feed(id="s", url=f"{address}/feed/"), fetch, now=NOW))
    assert found.reaches == (START + DAY / 4).date()


def test_an_api_that_takes_no_notice_of_dates():
    """A cache that drops the query, say: one answer is enough to see it."""
    site = WordPressSite(HAVANA, every(DAY / 100, START, 500))

    async def answer(request):
        kept = {name: value for name, value in request.query.items() if name not in ("after", "before")}
        return await site.answer(request.clone(rel_url=request.rel_url.with_query(kept)))

    with serving(answer) as address:
        posts = Posts(address=f"{address}/wp-json/wp/v2/posts", size=100, reaches=None)
        with pytest.raises(ParseError, match="no notice of dates"):
            asking(lambda fetch: read(read_posts(posts, START + 30 * DAY, START + 31 * DAY, fetch)))
    assert len(site.hits) == 1


def _changed(query=dict, headers=lambda answer: None):
    """A server between us and WordPress: it changes what it is asked, and the headers of its answers."""

    def of(site: WordPressSite):
        async def answer(request):
            asked = query(dict(request.query)) if "wp/v2/posts" in str(request.rel_url) else request.query
            found = await site.answer(request.clone(rel_url=request.rel_url.with_query(asked)))
            headers(found)
            return found

        return answer

    return of


def _untold(answer):
    for name in ("X-WP-Total", "X-WP-TotalPages"):
        answer.headers.pop(name, None)


def _ten(query):
    return query | {"per_page": str(min(10, int(query.get("per_page", 10))))}


NOTICE = "<br />\n<b>Deprecated</b>:  [x] is old in <b>/srv/www/plugin.php</b> on line <b>7</b><br />\n"


def _warned(answer):
    answer.text = NOTICE + answer.text
    answer.content_type = "text/html"


@pytest.mark.parametrize(
    ("habit", "most"),
    [
        pytest.param(_changed(_ten), 25, id="ten at most, without a word"),
        pytest.param(_changed(headers=_untold), 4, id="no counts"),
        pytest.param(_changed(_ten, _untold), 30, id="ten at most, and no counts"),
        pytest.param(_changed(lambda query: query | {"page": "1"}), 8, id="no pages"),
        pytest.param(_changed(lambda query: {**query, "order": "desc"}), 4, id="another order"),
        pytest.param(_changed(lambda query: {name: value for name, value in query.items() if name != "_fields"}), 3,
                     id="all fields"),
        pytest.param(_changed(lambda query: {name: value.rstrip("Z") if name in ("after", "before") else value
                                             for name, value in query.items()}), 8, id="bounds as local time"),
        pytest.param(_changed(headers=_warned), 3, id="warnings of PHP before the list"),
    ],
)  # fmt: skip
def test_servers_with_habits_of_their_own(habit, most):
    """Nothing of the day is missed, whatever the server makes of the question."""
    site = WordPressSite(HAVANA, every(DAY / 240, START - DAY / 2, 480))
    with serving(habit(site)) as address:
        feed, posts = Feed(id="s", url=address), Posts(address=f"{address}/wp-json/wp/v2/posts", size=100, reaches=None)
        documents = asking(lambda fetch: read(read_posts(posts, START, START + DAY, fetch)))
    listed = {entry.link for entry in entries(feed, documents) if START <= entry.published_at < START + DAY}
    assert len(listed) == 240
    assert documents[-1].complete
    assert len(site.hits) <= most


@pytest.mark.parametrize(
    ("text", "posts"),
    [
        pytest.param(NOTICE + "[]", 0, id="an empty list behind a warning"),
        pytest.param(NOTICE + '[{"link": "https://x.example/a"}]', 1, id="one behind a warning"),
        pytest.param(NOTICE + '<!doctype html><script>[{"link": "https://x.example/a"}]</script>', None,
                     id="a page for people behind one"),
        pytest.param('<!doctype html><p>Warning: page on line 3</p><script>[{"link": "https://x.example/a"}]</script>',
                     None, id="a page for people that holds JSON"),
        pytest.param('Welcome [{"link": "https://x.example/a"}]', None, id="words that are no warning"),
    ],
)  # fmt: skip
def test_what_is_a_list(text, posts):
    """A list that a page for people happens to hold is none: the search would be complete, and empty."""
    page = a_page(text.encode(), url="https://x.example/wp-json/wp/v2/posts")
    if posts is None:
        with pytest.raises(ClosedError):
            list_of(page)
    else:
        assert len(list_of(page)) == posts


def test_posts_that_are_deleted_while_we_read():
    """They move all that follow: none of those is missed."""
    site = WordPressSite(HAVANA, every(DAY / 250, START, 249))
    kept = {post.number for post in site.posts[5:]}

    async def answer(request):
        if request.query.get("page") == "2" and len(site.posts) == 249:
            site.posts[:] = site.posts[5:]
        return await site.answer(request)

    with serving(answer) as address:
        posts = Posts(address=f"{address}/wp-json/wp/v2/posts", size=100, reaches=None)
        documents = asking(lambda fetch: read(read_posts(posts, START, START + DAY, fetch)))
    feed = Feed(id="s", url=address)
    numbers = {int(entry.title.split()[1]) for entry in entries(feed, documents)}
    assert kept <= numbers
    assert documents[-1].complete


@pytest.mark.skipif(not LOAN.exists(), reason="../shared/data/archives is not on this machine")
def test_a_real_list_of_posts():
    """Some of what WordPress 6.5 gave for one UTC day: every post has an instant of that day, and no text."""
    page = a_page((LOAN / "wordpress-6.5-posts-one-day.json").read_bytes(), url="https://x.example/wp-json/wp/v2/posts")
    entries = parse_feed(page, Feed(id="x", url="https://x.example/feed/"), now=NOW)
    dates = [entry.published_at for entry in entries]
    assert len(dates) == 3
    assert all(date and START <= date < START + DAY for date in dates)
    assert not any(entry.summary for entry in entries)


def test_an_old_article_on_top_of_the_feed_proves_nothing():
    """Only the latest half is compared with the list."""
    site = WordPressSite(HAVANA, every(DAY / 4, START, 80))
    shown = WordPressSite(HAVANA, [site.posts[0], *site.posts[-9:]])

    async def answer(request):
        return await (shown if request.path.endswith("/feed/") else site).answer(request)

    with serving(answer) as address:
        found = asking(lambda fetch: find_posts(Feed(id="s", url=f"{address}/feed/"), fetch, now=NOW))
    assert found.reaches == (START + DAY / 4).date()


def _with_comments(site: WordPressSite):
    """The feed of comments looks like any other."""

    async def answer(request):
        if request.path.startswith("/comments/"):
            return await site.answer(request.clone(rel_url="/feed/"))
        return await site.answer(request)

    return answer
