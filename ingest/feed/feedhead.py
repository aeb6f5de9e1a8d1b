"""The head of a feed document: its kind, title and language. parse.py reads its entries."""

from __future__ import annotations

from dataclasses import replace

from ingest.feed.formats.document import read_document
from ingest.feed.formats.kind import FeedHead
from ingest.feed.formats.kinds import kind_of
from ingest.feed.formats.rawentry import MAX_TITLE
from ingest.records import Page
from ingest.text.cleaning import plain_text
from ingest.text.tags import primary_tag

__all__ = ["FeedHead", "feed_head"]


def feed_head(page: Page) -> FeedHead | None:
    """The head of *page*, its title plain and its language a primary tag; None for what is no feed."""
    document = read_document(page)
    head = kind_of(document).head(document)
    if head is None:
        return None
    return replace(head, title=plain_text(head.title, limit=MAX_TITLE), language=primary_tag(head.language))
