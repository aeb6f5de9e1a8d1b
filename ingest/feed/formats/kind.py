"""The record of a kind of feed. Each kind is a module with one such record; kinds.py lists them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ingest.feed.formats.document import Document
from ingest.feed.formats.rawentry import RawEntry

# Of one document: what is beyond them is counted and left. The longest of 98 real feeds has 338; 20,000 small ones cost
# 3 s of CPU and 50 MB.
MAX_ENTRIES: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHead:
    """The head of a document: kind, title and language."""

    kind: str  # RSS, RSS 1.0, Atom, JSON Feed, news sitemap, news sitemap index
    title: str | None
    language: str | None  # as declared


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedKind:
    """One kind of feed: how its documents are told from others, and how they are read.

    *read* gives (language of the feed, its entries as written, in order). It raises ParseError for a document that is
    broken or turns out to be something else, SitemapIndex for a list of documents. What else escapes from it is a
    ParseError for the caller.
    """

    name: str
    recognises: Callable[[Document], bool]  # by media type and first characters; quick, and sure: the first kind wins
    read: Callable[[Document], tuple[str | None, list[RawEntry]]]
    head: Callable[[Document], FeedHead | None]  # None: no document of this kind after all
    accept: tuple[str, ...] = ()  # media ranges for the Accept header of a poll, each with its q
    link_types: tuple[str, ...] = ()  # subtypes in a page's <link type=…>, without +xml and +json
    usual_places: tuple[str, ...] = ()  # paths where sites keep such a feed, those that most sites use first
