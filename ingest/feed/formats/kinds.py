"""The registry of kinds of feeds. A new kind is a module with a FeedKind, and its name in KINDS.

The list decides how a document is read (parse.py) and named (feedhead.py), which links of a page and which usual places
may lead to a feed (feedlinks.py), and the Accept header of a poll (ingest.fetch).
"""

from __future__ import annotations

from typing import Final

from ingest.feed.formats.document import Document
from ingest.feed.formats.jsonfeed import JSON_FEED
from ingest.feed.formats.kind import FeedKind
from ingest.feed.formats.sitemap import NEWS_SITEMAP, SITEMAP_INDEX
from ingest.feed.formats.wordpressposts import WORDPRESS_POSTS
from ingest.feed.formats.xmlfeed import XML_FEED

# In the order in which news sites use them.
KINDS: Final[tuple[FeedKind, ...]] = (XML_FEED, JSON_FEED, NEWS_SITEMAP, SITEMAP_INDEX, WORDPRESS_POSTS)


def kind_of(document: Document) -> FeedKind:
    """The kind of *document*. A document that no kind recognises is given to XML_FEED: feedparser finds entries in
    broken documents too, and its reader reports what the document is instead.
    """
    return next((kind for kind in KINDS if kind.recognises(document)), XML_FEED)


def accept_header() -> str:
    """The Accept header of a poll: the types that we can read, then anything, since many feeds have a wrong type."""
    return ", ".join([*(media for kind in KINDS for media in kind.accept), "*/*;q=0.1"])


def link_types() -> list[str]:
    """The link types of all kinds."""
    return [name for kind in KINDS for name in kind.link_types]


def usual_places() -> list[str]:
    """The usual places of all kinds, the most used first."""
    return [place for kind in KINDS for place in kind.usual_places]
