"""News sitemaps as feeds (https://www.sitemaps.org/protocol.html with Google's news: extension), and their indexes.

Only a page with a news: element is an entry: what else a sitemap lists are sections and old pages.
"""

from __future__ import annotations

from typing import Any, Final

from ingest.errors import ParseError, SitemapIndex
from ingest.feed.formats.document import Document
from ingest.feed.formats.kind import FeedHead, FeedKind
from ingest.feed.formats.mending import mend_markup
from ingest.feed.formats.rawentry import RawEntry
from ingest.feed.formats.xmltree import child, child_text, children, local_name, root_of


def _read_news(document: Document) -> tuple[str | None, list[RawEntry]]:
    """The news entries of a `urlset` in its order, mended if it is broken."""
    urls = children(root_of(mend_markup(document.text)), "url")
    raw_entries = [_raw_entry(url, news) for url in urls if (news := child(url, "news")) is not None]
    if not raw_entries:
        raise ParseError(document.url, "a sitemap that lists no news: its pages have no news: element")
    return None, raw_entries


def _read_index(document: Document) -> tuple[str | None, list[RawEntry]]:
    """Raises the sitemaps listed, the last changed first, those without lastmod as they stand behind them."""
    sitemaps = children(root_of(mend_markup(document.text)), "sitemap")
    listed = ((child_text(one, "lastmod") or "", child_text(one, "loc")) for one in sitemaps)
    raise SitemapIndex(document.url, [loc for _, loc in sorted(listed, key=lambda pair: pair[0], reverse=True) if loc])


def _raw_entry(url: Any, news: Any) -> RawEntry:
    publication = child(news, "publication")
    link = child_text(url, "loc")
    keywords = (child_text(news, "keywords") or "").split(",")
    return RawEntry(
        links=(link,) if link else (),
        title=child_text(news, "title"),
        tags=tuple(word for word in keywords if word.strip()),
        dates=(child_text(news, "publication_date"),),
        updated=child_text(url, "lastmod"),
        language=child_text(publication, "language") if publication is not None else None,
    )


def _news_head(document: Document) -> FeedHead | None:
    """Title and language are those of the first entry's publication."""
    root = root_of(document.text)
    if root is None:
        return None
    publication = next((one for one in root.iter() if local_name(one) == "publication"), root)
    title, language = child_text(publication, "name"), child_text(publication, "language")
    return FeedHead(kind=NEWS_SITEMAP.name, title=title, language=language)


def _index_head(_document: Document) -> FeedHead | None:
    return FeedHead(kind=SITEMAP_INDEX.name, title=None, language=None)


NEWS_SITEMAP: Final = FeedKind(
    name="news sitemap",
    recognises=lambda document: document.root == "urlset",
    read=_read_news,
    head=_news_head,
    usual_places=("/news-sitemap.xml", "/sitemap-news.xml"),
)
SITEMAP_INDEX: Final = FeedKind(
    name="news sitemap index",
    recognises=lambda document: document.root == "sitemapindex",
    read=_read_index,
    head=_index_head,
)
