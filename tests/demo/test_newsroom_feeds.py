"""The newsroom's feeds, as feedparser reads them."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta

import feedparser
import pytest

from demo.newsroom import Newsroom, load_world

FEEDS = load_world().feeds
BRIDGE, FERRY = "port-alden-swing-bridge-shut-after-crack", "all-rescued-after-fire-on-skerrow-ferry"
FORMATS = {"rss2": "rss20", "atom": "atom10", "rss1": "rss10"}


def entries_of(answer, feed=None):
    return feedparser.parse(answer.body, response_headers={"content-type": answer.headers["content-type"]}).entries


@pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS.keys())
def test_feed_shows_all_three_days(newsroom, ask, feed):
    """At the anchor a feed shows all its articles, newest first, in its own format."""
    answer = ask(newsroom.url(feed.id))
    parsed = feedparser.parse(answer.body, response_headers={"content-type": answer.headers["content-type"]})
    expected = [article.versions[-1].headline for article in newsroom.world.articles_of(feed)]
    assert expected == [entry.title.replace("&amp;", "&") for entry in parsed.entries]
    assert FORMATS[feed.format] == parsed.version
    assert parsed.bozo == feed.broken


def test_there_are_feeds_enough():
    """Thirteen feeds in three formats over ten publishers."""
    assert len(FEEDS) >= 8
    assert set(FORMATS) == {feed.format for feed in FEEDS.values()}
    assert len({feed.publisher for feed in FEEDS.values()}) >= 7


def test_broken_feed_is_broken_in_the_middle(newsroom, ask):
    """A strict reader stops half-way; the entries before that are whole."""
    body = ask(newsroom.url("bulletin")).body
    good, _, rest = body.partition(b"<advert>")
    assert b"encoding='us-ascii'" in body
    assert max(body) > 127
    assert good.count(b"</item>") >= 4
    assert rest.count(b"</item>") >= 3
    assert b" & " in rest


def test_feed_links_lead_to_pages(newsroom, ask):
    """Every entry's link is a readable page, except for the one that is missing."""
    broken = []
    slow = newsroom.url("the-last-lamp-maker")
    for feed in FEEDS:
        for entry in entries_of(ask(newsroom.url(feed))):
            method = "HEAD" if entry.link == slow else "GET"
            broken += [entry.link] if ask(entry.link, method=method).status != 200 else []
    assert [newsroom.url("footbridge-opens-at-weir")] == broken


def test_entry_dates_are_the_truth(newsroom, ask):
    """What a feed tells as date, in whatever zone, is the instant of publication."""
    truth = {one.url: one.published_at for one in newsroom.truth()}
    undated = []
    for feed in FEEDS:
        for entry in entries_of(ask(newsroom.url(feed))):
            url = entry.link.split("?utm_")[0].split("&utm_")[0]
            if "published_parsed" not in entry and "updated_parsed" not in entry:
                undated.append(url)
                continue
            stamp = entry.get("published_parsed") or entry.updated_parsed
            assert truth[url] == datetime(*stamp[:6], tzinfo=UTC), url
    assert [newsroom.url("el-mercado-de-la-lonja-reabre")] == undated


@pytest.mark.parametrize("feed, field, count", [
    pytest.param("ledger", "id", 1, id="no-guid-rss"),
    pytest.param("zeitung", "id", 1, id="no-guid-german"),
    pytest.param("heraldo", "published", 1, id="no-date"),
])  # fmt: skip
def test_missing_fields(newsroom, ask, feed, field, count):
    """Some entries lack what others have."""
    assert count == sum(field not in entry for entry in entries_of(ask(newsroom.url(feed))))


def test_tracking_parameters_in_links(newsroom, ask):
    """Some links carry tracking parameters; the page behind them names its canonical URL."""
    tracked = [entry.link for entry in entries_of(ask(newsroom.url("ledger"))) if "utm_source" in entry.link]
    assert 2 == len(tracked)
    url = tracked[0].split("?")[0]
    assert f'rel="canonical" href="{url}"' in ask(tracked[0]).text
    assert 1 == newsroom.hits[url]


def test_one_article_in_two_feeds(newsroom, ask):
    """The levy stands in the top feed and in the politics feed of one publisher."""
    both = [{entry.link for entry in entries_of(ask(newsroom.url(feed)))} for feed in ("harbor-top", "harbor-politics")]
    assert {newsroom.url("sea-wall-levy-passes")} == both[0] & both[1]


@pytest.mark.parametrize("hours, slugs", [
    pytest.param(0, [], id="before-all"),
    pytest.param(8, [BRIDGE], id="first-morning"),
    pytest.param(15, [FERRY, BRIDGE], id="afternoon"),
])  # fmt: skip
def test_feed_grows_with_now(newsroom, ask, hours, slugs):
    """A feed shows what is published by now."""
    newsroom.now = newsroom.days[0] + timedelta(hours=hours)
    assert [newsroom.url(slug) for slug in slugs] == [one.link for one in entries_of(ask(newsroom.url("meridian-en")))]


@pytest.mark.parametrize("window, limit, count", [
    pytest.param(timedelta(hours=72), 60, 9, id="default"),
    pytest.param(timedelta(hours=24), 60, 2, id="one-day"),
    pytest.param(timedelta(hours=72), 3, 3, id="three-entries"),
])  # fmt: skip
def test_window_and_limit(newsroom, ask, window, limit, count):
    """How far back a feed goes is a setting."""
    before = newsroom.window, newsroom.limit
    try:
        newsroom.window, newsroom.limit = window, limit
        assert count == len(entries_of(ask(newsroom.url("meridian-en"))))
    finally:
        newsroom.window, newsroom.limit = before


@pytest.mark.parametrize("sent, got", [
    pytest.param({"If-None-Match": "{etag}"}, 304, id="same-etag"),
    pytest.param({"If-None-Match": 'W/{etag}, "else"'}, 304, id="weak-in-list"),
    pytest.param({"If-None-Match": '"else"'}, 200, id="other-etag"),
    pytest.param({"If-Modified-Since": "{changed}"}, 304, id="same-date"),
    pytest.param({"If-Modified-Since": "Sat, 01 Nov 2025 00:00:00 GMT"}, 200, id="older-date"),
    pytest.param({"If-Modified-Since": "yesterday"}, 200, id="no-date"),
    pytest.param({"If-None-Match": '"else"', "If-Modified-Since": "{changed}"}, 200, id="etag-decides"),
])  # fmt: skip
def test_conditional_get(newsroom, ask, sent, got):
    """A feed that has not changed is answered 304 without a body."""
    url = newsroom.url("northline")
    first = ask(url)
    filled = {
        name: text.format(etag=first.headers["etag"], changed=first.headers["last-modified"])
        for name, text in sent.items()
    }
    again = ask(url, headers=filled)
    assert got == again.status
    assert (got == 304) == (again.body == b"")
    assert first.headers["etag"] == again.headers["etag"]


@pytest.mark.parametrize("earlier, later, same", [
    pytest.param("2 10:00", "2 11:00", True, id="nothing-new"),
    pytest.param("2 10:00", "2 16:00", False, id="correction"),
    pytest.param("2 17:00", "2 17:30", False, id="new-entry"),
    pytest.param("4 09:00", "4 10:00", False, id="entry-drops-out"),
])  # fmt: skip
def test_validators_change_with_the_feed(newsroom, ask, earlier, later, same):
    """ETag and Last-Modified move exactly when the document does."""
    answers = []
    for text in (earlier, later):
        day, clock = text.split(" ")
        newsroom.now = newsroom.anchor + timedelta(days=int(day) - 4, hours=int(clock[:2]), minutes=int(clock[3:]))
        answers.append(ask(newsroom.url("northline")))
    first, second = answers
    assert same == (first.headers["etag"] == second.headers["etag"]) == (first.body == second.body)
    assert same == (first.headers["last-modified"] == second.headers["last-modified"])


def test_feeds_toml(newsroom: Newsroom, tmp_path):
    """The written feed list has every feed with its URL, and names the publisher of every host."""
    listed = tomllib.loads(newsroom.write_feeds(tmp_path / "feeds.toml").read_text("utf-8"))
    assert {feed: newsroom.url(feed) for feed in FEEDS} == {feed["id"]: feed["url"] for feed in listed["feed"]}
    assert {"id", "url", "publisher", "language", "tags", "every"} == set(listed["feed"][0])
    names = {publisher.address: publisher.name for publisher in newsroom.world.publishers.values()}
    assert names == listed["publishers"]
