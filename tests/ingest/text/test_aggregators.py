"""Addresses that name no article: read where the entry tells more, counted where no article can be reached."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver

from ingest.pull import Work
from ingest.records import Article, Entry, Skipped
from ingest.text.aggregators import article_link, dead_end, is_portal
from tests.ingest.fetching import redirect
from tests.ingest.pulling import Desk, codes, document, entry, poll_of, task

REDDIT = "https://www.reddit.com/r/news/comments/1abc/harbour/"


@pytest.mark.parametrize(
    ("url", "whose"),
    [
        ("https://news.google.com/rss/articles/CBMiK2h0?oc=5", "Google News"),
        ("https://news.google.com/read/CBMiK2h0", "Google News"),
        (REDDIT, "Reddit"),
        ("https://old.reddit.com/r/news/comments/1abc/", "Reddit"),
        ("https://i.redd.it/1.jpg", "Reddit"),
        ("https://news.ycombinator.com/item?id=1", "Hacker News"),
        ("https://x.com/anna/status/1", "X"),
        ("https://mobile.twitter.com/anna/status/1", "X"),
        ("https://www.facebook.com/gazette/posts/1", "Facebook"),
        ("https://bsky.app/profile/a.example/post/1", "Bluesky"),
        ("https://social.example/@anna/112233445566778899", "a Mastodon server"),
        ("https://blog.google.com/rss/articles/1", None),
        ("https://www.redditinc.com/blog/1", None),
        ("https://news.ycombinator.com/", None),
        ("https://about.fb.com/news/2026/11/x/", None),
        ("https://medium.example/@anna/harbour-112233", None),
        ("https://gazette.example/x.com/anna/status/1", None),
        ("https://news.yahoo.com/harbour-1.html", None),
        ("http://[broken", None),
    ],
)
def test_dead_ends(url: str, whose: str | None) -> None:
    """By host and path: a network's own news is no post, and who only sounds like one is none."""
    assert dead_end(url) == whose


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://www.msn.com/en-gb/news/a", True),
        ("https://uk.news.yahoo.com/harbour-1.html", True),
        ("https://t.co/abc", True),
        ("http://feedproxy.google.com/~r/gazette/1", True),
        ("https://gazette.example/a", False),
        ("https://blog.google/a", False),
    ],
)
def test_portals(url: str, is_one: bool) -> None:
    """Hosts that show or lead to the articles of others."""
    assert is_portal(url) is is_one


@pytest.mark.parametrize(
    ("link", "summary", "article"),
    [
        pytest.param("https://www.google.com/url?rct=j&url=https://g.example/a%3Fid%3D1&ct=ga", None,
                     "https://g.example/a?id=1", id="google-alerts"),
        pytest.param("http://www.bing.com/news/apiclick.aspx?ref=F&url=https%3a%2f%2fg.example%2fa&c=1", None,
                     "https://g.example/a", id="bing-news"),
        pytest.param("https://l.facebook.com/l.php?u=https%3A%2F%2Fg.example%2Fa", None, "https://g.example/a",
                     id="facebook"),
        pytest.param("https://www.google.com/url?url=javascript:x", None, "https://www.google.com/url?url=javascript:x",
                     id="no-address-inside"),
        pytest.param("https://g.example/url?q=http://h.example/", None, "https://g.example/url?q=http://h.example/",
                     id="another-host"),
        pytest.param(REDDIT, '<a href="https://g.example/a?x=1&amp;y=2">[link]</a>', "https://g.example/a?x=1&y=2",
                     id="reddit-link"),
        pytest.param(REDDIT, f'<a href="{REDDIT}">[link]</a>', REDDIT, id="reddit-text"),
        pytest.param(REDDIT, "<p>words", REDDIT, id="reddit-nothing"),
        pytest.param("http://g.example/a", '<a href="http://h.example/">[link]</a>', "http://g.example/a", id="plain"),
    ],
)  # fmt: skip
def test_the_article_behind(link: str, summary: str | None, article: str) -> None:
    """As far as the entry itself tells; no address of another kind is believed."""
    assert article_link(link, summary) == article


class _Loopback(AbstractResolver):
    """Every name is the test's own server."""

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> list[Any]:
        found = {"hostname": host, "host": "127.0.0.1", "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}
        return [found]

    async def close(self) -> None:
        pass


@pytest.mark.asyncio
async def test_every_entry_is_counted(site: Any) -> None:
    """A dead end costs no request; a redirector to one and a portal without text are told; all else is as it was."""
    site.pages |= {"/@anna/112233445566778899": "a post", "/short": redirect("/@anna/112233445566778899"),
                   "/long": redirect("/a"), "/a": "an article",
                   "/empty": "empty", "/whole": "the whole text"}  # fmt: skip
    msn = f"http://www.msn.com:{site.port}"
    links = [REDDIT, site.url("/short"), site.url("/long"), f"{msn}/empty", f"{msn}/whole", site.url("/empty")]
    site.pages["/feed"] = document(*(entry(link) for link in links))
    desk = Desk()
    [result] = await desk.run(Work(feeds=[task(site)]), resolver=_Loopback())
    assert codes(result) == ["aggregator", "aggregator", "article", "aggregator", "article", "no_text"]
    assert (poll_of(result).entries, poll_of(result).taken) == (6, 6)
    skips = [taken.result for taken in result.taken if isinstance(taken.result, Skipped)]
    assert [skip.retryable for skip in skips] == [False, False, False, True]
    assert [bool(skip.fetch_id) for skip in skips] == [False, True, True, True]  # what was fetched is in raw
    article = result.taken[2].result
    assert isinstance(article, Article)
    assert article.canonical_url == site.url("/a")


@pytest.mark.asyncio
async def test_the_outcome_names_the_publisher(site: Any) -> None:
    """What <source> says stands in the outcome, with the next step; without it the step alone."""
    google = Entry(entry_key="k", feed_id="feed", guid=None, link="https://news.google.com/rss/articles/C", title="T",
                   source_name="The Gazette", source_url="https://www.gazette.example")  # fmt: skip
    [result] = await Desk().run(Work(entries=[google]))
    assert isinstance(result.taken[0].result, Skipped)
    detail = result.taken[0].result.detail
    assert "Google News" in detail
    assert "It is of The Gazette (https://www.gazette.example)" in detail
    assert "wirecopy feeds discover https://www.gazette.example" in detail
    assert site.hits == []
