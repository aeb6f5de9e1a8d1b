"""opml: lists of other readers in, ours out, and back again."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from ingest.errors import FeedListError
from ingest.feedlist.feededit import with_feeds
from ingest.feedlist.feedlist import parse_feed_list
from ingest.feedlist.opml import read_opml, write_opml
from ingest.records import Feed

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OPML = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.1"><head><title>mine</title></head><body>
 <outline text="World &amp; more"><outline text="Inner">
   <outline type="rss" text="Harbor Gazette" title="Harbor Gazette" xmlUrl="https://gazette.example/feed.xml?a=1&amp;b=2"/>
 </outline></outline>
 <outline type="rss" text="روزنامه بندر" xmlUrl="https://bandar.example/rss"/>
 <outline type="rss" text="Twice" xmlUrl="https://gazette.example/feed.xml?a=1&amp;b=2"/>
 <outline type="rss" text="Known" xmlUrl="https://known.example/rss"/>
 <outline type="rss" text="Not the web" xmlUrl="file:///etc/passwd"/>
 <outline type="include" text="More" url="https://lists.example/more.opml"/>
</body></opml>""".encode()
KNOWN = [Feed(id="harbor-gazette", url="https://known.example/rss")]


def test_feeds_of_another_reader():
    """Addresses once each, ids from titles, folders as tags; what is not taken is told with its reason."""
    found = read_opml(OPML, known=KNOWN)
    assert [(feed["id"], feed["url"]) for feed in found.feeds] == [
        ("harbor-gazette-2", "https://gazette.example/feed.xml?a=1&b=2"),
        ("bandar", "https://bandar.example/rss"),
    ]
    assert "Inner" in " ".join(found.feeds[0]["tags"])
    assert {url: reason.split()[0] for url, reason in found.left} == {
        "https://known.example/rss": "is", "file:///etc/passwd": "must",
    }  # fmt: skip
    assert found.lists == ("https://lists.example/more.opml",)
    assert len(parse_feed_list(with_feeds("", found.feeds)).feeds) == 2


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<html><body>sign in</body></html>", id="a-web-page"),
        pytest.param(b"<rss version='2.0'><channel><title>a</title></channel></rss>", id="a-feed"),
        pytest.param(b"\x00\xff not xml at all", id="bytes"),
    ],
)
def test_what_is_no_opml(body):
    """Told as such, with the name of the file."""
    with pytest.raises(FeedListError, match=r"subs\.opml is no OPML document"):
        read_opml(body, known=(), name="subs.opml")


def test_a_bomb_of_entities_does_not_explode():
    """Ten levels of ten: a few bytes that would be ten billion."""
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 11))
    body = f'<?xml version="1.0"?><!DOCTYPE opml [<!ENTITY e0 "lol">{levels}]><opml version="1.1"><body>' \
           '<outline text="&e10;" type="rss" xmlUrl="https://a.example/"/></body></opml>'  # fmt: skip
    try:
        found = read_opml(body.encode(), known=())
    except FeedListError:
        return
    assert all(len(feed["id"]) < 100 for feed in found.feeds)


def test_out_and_in_again():
    """Ids, addresses and tags survive; headers stay behind, as they may hold a key."""
    feeds = [
        Feed(id="a.b_c", url="https://a.example/?x=1&y=<2>", tags=("world", 'say "hi"'), publisher="A\x08 & Sons"),
        Feed(id="bandar", url="https://b.example/", language="fa", headers={"X-Key": "geheim"}),
    ]
    body = write_opml(feeds, now=NOW)
    assert b"geheim" not in body
    assert ET.fromstring(body).findtext("head/dateCreated") == "Sun, 22 Nov 2026 12:00:00 +0000"
    found = read_opml(body, known=()).feeds
    assert [(one["id"], one["url"]) for one in found] == [(feed.id, feed.url) for feed in feeds]
    assert found[0]["tags"] == ["world", 'say "hi"']
    assert read_opml(body, known=feeds).feeds == ()
