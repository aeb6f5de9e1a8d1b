"""The shipped list: facts that hold together, and that a feed list can take."""

from __future__ import annotations

from collections import Counter

import pytest

from ingest.errors import FeedListError
from ingest.feedlist.catalogue import chosen, world_feeds
from ingest.feedlist.feededit import with_feeds
from ingest.feedlist.feedlist import parse_feed_list
from ingest.text.urls import canonical_url, host_of, registered_domain

FEEDS = world_feeds()
# Pages of these publishers do not share a domain with their feeds.
FEED_HOSTS = {"bbci.co.uk": "bbc.com", "skynews.com": "sky.com", "uecdn.es": "elmundo.es"}


def test_the_world_is_there():
    """At least 60 feeds, six continents with eight feeds and more each, eight languages beside English."""
    assert len(FEEDS) >= 60
    continents = Counter(feed.continent for feed in FEEDS)
    assert set(continents) == {"africa", "asia", "europe", "north-america", "oceania", "south-america"}
    assert min(continents.values()) >= 8
    assert len({feed.language for feed in FEEDS} - {"en"}) >= 8
    assert len({feed.country for feed in FEEDS}) >= 40


def test_a_feed_list_takes_all_of_it():
    """Ids, addresses, languages and publishers by the rules of feeds.toml, which tells doubles too."""
    listed = parse_feed_list(with_feeds("", [feed.table() for feed in FEEDS]))
    assert [(feed.id, feed.url, feed.publisher, feed.language) for feed in listed.feeds] == [
        (feed.id, feed.url, feed.publisher, feed.language) for feed in FEEDS
    ]
    assert len({canonical_url(feed.url) for feed in FEEDS}) == len(FEEDS)


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.id)
def test_facts_of_a_feed(feed):
    """https throughout; the feed is the publisher's own, not a relay's; codes as the standards write them."""
    assert feed.url.startswith("https://")
    assert feed.homepage.startswith("https://")
    site = registered_domain(host_of(feed.url))
    assert FEED_HOSTS.get(site, site) == registered_domain(host_of(feed.homepage))
    assert feed.country.isupper()
    assert (len(feed.country), len(feed.language)) == (2, 2)
    assert feed.publisher == feed.publisher.strip() != ""


@pytest.mark.parametrize(
    ("filters", "holds"),
    [
        ({"language": "es"}, lambda feed: feed.language == "es"),
        ({"continent": "africa", "language": "en"}, lambda feed: (feed.continent, feed.language) == ("africa", "en")),
        ({"country": "ng"}, lambda feed: feed.country == "NG"),
        ({"ids": ["nhk", "bbc-world"]}, lambda feed: feed.id in ("nhk", "bbc-world")),
        ({}, lambda feed: True),
    ],
    ids=["language", "both", "country", "ids", "all"],
)
def test_filters(filters, holds):
    """All that is given must fit."""
    assert [feed for feed in FEEDS if holds(feed)] == list(chosen(**filters))
    assert chosen(**filters)


@pytest.mark.parametrize(
    ("filters", "says"),
    [
        ({"language": "xx"}, "There are: ar"),
        ({"continent": "afrika"}, "'africa'"),
        ({"ids": ["bbc-wrld"]}, "bbc-world"),
    ],
    ids=["language", "continent", "id"],
)
def test_what_is_not_in_it(filters, says):
    """Names the near ones."""
    with pytest.raises(FeedListError, match=says):
        chosen(**filters)
