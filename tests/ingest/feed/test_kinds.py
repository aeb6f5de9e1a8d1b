"""A kind of feed joins by its record in KINDS: all that depends on the kind follows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.errors import ParseError, SitemapIndex
from ingest.feed.feedhead import FeedHead, feed_head
from ingest.feed.formats import kinds
from ingest.feed.formats.document import Document, read_document
from ingest.feed.formats.kind import FeedKind
from ingest.feed.formats.rawentry import RawEntry
from ingest.feed.parse import parse_feed
from ingest.records import Feed
from tests.ingest.samples import a_page

NOW = datetime(2026, 11, 30, tzinfo=UTC)
FEED = Feed(id="gazette", url="https://www.gazette.example/headlines.tsv")
LINES = "/1\tHarbour opens\n/2\tMarket closes\n"


def _rows(document: Document) -> tuple[str | None, list[RawEntry]]:
    rows = [line.split("\t") for line in document.text.splitlines()]
    if any(len(row) != 2 for row in rows):
        raise ParseError(document.url, "a line that is no link and title")
    return "en", [RawEntry(links=(link,), title=title) for link, title in rows]


HEADLINES = FeedKind(
    name="headlines",
    recognises=lambda document: document.media_type == "text/tab-separated-values",
    read=_rows,
    head=lambda document: FeedHead(kind="headlines", title=None, language="en-GB"),
    accept=("text/tab-separated-values",),
    link_types=("tab-separated-values",),
    usual_places=("/headlines.tsv",),
)


@pytest.fixture
def headlines(monkeypatch):
    """The one line in KINDS."""
    monkeypatch.setattr(kinds, "KINDS", (*kinds.KINDS, HEADLINES))


def a_document(text: str, content_type: str = "Text/Tab-Separated-Values; charset=utf-8"):
    return a_page(text, url=FEED.url, headers={"content-type": content_type})


def test_a_kind_that_joins_is_read(headlines):
    """By its reader, into entries like any other; and its head is that of the document."""
    entries = parse_feed(a_document(LINES), FEED, now=NOW)
    assert [(one.link, one.title, one.language) for one in entries] == [
        ("https://www.gazette.example/1", "Harbour opens", "en"),
        ("https://www.gazette.example/2", "Market closes", "en"),
    ]
    assert feed_head(a_document(LINES)) == FeedHead(kind="headlines", title=None, language="en")


def test_a_kind_that_joins_refuses(headlines):
    """What its reader refuses is no other kind's, and a bug of its reader costs this document only."""
    with pytest.raises(ParseError, match="no link and title"):
        parse_feed(a_document("alone"), FEED, now=NOW)


def test_a_kind_that_joins_is_asked_for_and_looked_for(headlines):
    """In the Accept header, by the type of a link and at its usual place; behind the kinds before it."""
    assert kinds.accept_header().endswith(", text/tab-separated-values, */*;q=0.1")
    assert kinds.link_types()[-1] == "tab-separated-values"
    assert kinds.usual_places()[-1] == "/headlines.tsv"


def test_without_it(monkeypatch):
    """The same document is no feed before the kind has joined."""
    with pytest.raises(ParseError, match="no feed but a document that begins with"):
        parse_feed(a_document(LINES), FEED, now=NOW)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("<rss><channel/></rss>", "RSS or Atom", id="rss"),
        pytest.param('<?xml version="1.0"?><a:feed xmlns:a="http://www.w3.org/2005/Atom"/>', "RSS or Atom", id="atom"),
        pytest.param('<r:RDF xmlns:r="urn:r">', "RSS or Atom", id="rdf"),
        pytest.param('\ufeff {"title": "<rss> and <urlset> "}', "JSON Feed", id="json-that-speaks-of-xml"),
        pytest.param("<!-- <rss> --><urlset >", "news sitemap", id="sitemap-behind-a-comment"),
        pytest.param("<?xml version='1.0'?><s:sitemapindex\n>", "news sitemap index", id="index"),
    ],
)
def test_each_document_has_one_kind(text, name):
    """Told by the outermost element, whatever the server calls it; no two kinds claim one document."""
    document = read_document(a_document(text, "text/html"))
    assert [kind.name for kind in kinds.KINDS if kind.recognises(document)] == [name]
    assert kinds.kind_of(document).name == name


def test_an_index_is_not_a_broken_feed():
    """It says which documents are to be fetched."""
    index = "<sitemapindex><sitemap><loc>https://a.example/1.xml</loc></sitemap></sitemapindex>"
    with pytest.raises(SitemapIndex) as raised:
        parse_feed(a_document(index), FEED, now=NOW)
    assert raised.value.sitemaps == ("https://a.example/1.xml",)
