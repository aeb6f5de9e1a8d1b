"""The registry of readers: how the documents of sources of history are turned into entries as written.

A new reader is a function in a module of this folder, and its name here. It gives the entries of a document as a
stream, in its order, and raises ParseError for a document that is something else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from ingest.feed.formats.document import read_document
from ingest.feed.formats.kinds import kind_of
from ingest.feed.formats.rawentry import RawEntry
from ingest.history.archivepage import read_archive_page
from ingest.history.sitemaps import read_sitemap
from ingest.records import Page

Reader = Callable[[Page], Iterable[RawEntry]]


def _read_feed(page: Page) -> Iterable[RawEntry]:
    document = read_document(page)
    return kind_of(document).read(document)[1]


READERS: Final[dict[str, Reader]] = {
    "feed": _read_feed,  # RSS, Atom, JSON Feed, news sitemap, lists of WordPress posts
    "sitemap": read_sitemap,  # urlset of any size
    "archive page": read_archive_page,
}
