"""The kinds of feeds that there are. A new kind is a module with a FeedKind, and its name in KINDS.

From the list follow how a document is read (parse.py) and named (feedhead.py), which links of a page and which usual
places may lead to a feed (feedlinks.py), and what a poll accepts (ingest.fetch).
"""

from __future__ import annotations

from typing import Final

from ingest.feed.document import Document
from ingest.feed.jsonfeed import JSON_FEED
from ingest.feed.kind import FeedKind
from ingest.feed.sitemap import NEWS_SITEMAP, SITEMAP_INDEX
from ingest.feed.xmlfeed import XML_FEED

# In the order in which news sites use them.
KINDS: Final[tuple[FeedKind, ...]] = (XML_FEED, JSON_FEED, NEWS_SITEMAP, SITEMAP_INDEX)


def kind_of(document: Document) -> FeedKind:
    """The kind of *document*. What no kind recognises is XML_FEED's: feedparser finds entries in broken documents too,
    and its reader says what the document is instead.
    """
    return next((kind for kind in KINDS if kind.recognises(document)), XML_FEED)


def accept_header() -> str:
    """The Accept header of a poll: what we can read first, and anything else, as many feeds have a wrong type."""
    return ", ".join([*(media for kind in KINDS for media in kind.accept), "*/*;q=0.1"])


def link_types() -> list[str]:
    """Of all kinds."""
    return [name for kind in KINDS for name in kind.link_types]


def usual_places() -> list[str]:
    """Of all kinds, the most used first."""
    return [place for kind in KINDS for place in kind.usual_places]
