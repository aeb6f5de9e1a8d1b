"""Where the feeds of a site may be, by what its page says; and what a feed says of itself."""

from __future__ import annotations

import pytest

from ingest.feed.feedhead import FeedHead, feed_head
from ingest.feed.feedlinks import MOST_LINKS, names_news, page_candidates, usual_candidates
from tests.ingest.samples import a_page

PAGE = "https://www.gazette.example/world/"


@pytest.mark.parametrize(
    ("html", "found"),
    [
        pytest.param('<link rel="alternate" type="application/rss+xml" href="/rss">', ["/rss"], id="rss"),
        pytest.param('<link rel="alternate" type="application/atom+xml" href="a.xml">', ["/world/a.xml"], id="atom"),
        pytest.param('<link rel="alternate" type="application/feed+json" href="/j">', ["/j"], id="json-feed"),
        pytest.param("<LINK REL='home Alternate' TYPE='Application/RSS+XML; charset=x' HREF=/r>", ["/r"], id="case"),
        pytest.param('<link rel="alternate" type="text/rss" href="/f?lang=de#x">', ["/f?lang=de"], id="query"),
        pytest.param('<base href="/b/"><link rel="alternate" type="text/rss" href="f">', ["/b/f"], id="base"),
        pytest.param('<link rel="alternate" href="/feed/">', ["/feed/"], id="no-type"),
        pytest.param('<link rel="alternate" type="application/xml" href="/rss.xml">', ["/rss.xml"], id="plain-xml"),
        pytest.param('<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/8">', [], id="an-api"),
        pytest.param('<link rel="alternate" hreflang="de" href="/de/">', [], id="a-translation"),
        pytest.param('<link rel="alternate" type="text/html" href="/feed/">', [], id="a-page"),
        pytest.param('<link rel="stylesheet" type="application/rss+xml" href="/rss">', [], id="no-alternate"),
        pytest.param('<link rel="alternate" type="application/rss+xml" href="/comments/feed/">', [], id="comments"),
        pytest.param(
            '<link rel="alternate" type="application/rss+xml" title="Harbour Kommentar-Feed" href="/h/feed/">', [],
            id="comments-by-title",
        ),
        pytest.param('<a href="/world/rss.xml">RSS</a><a href="/world/">World</a>', ["/world/rss.xml"], id="anchor"),
        pytest.param('<a href="/?feed=rss2">RSS</a>', ["/?feed=rss2"], id="anchor-query"),
        pytest.param('<a href="/service/rss.html">RSS</a>', ["/service/rss.html"], id="a-page-of-feeds"),
        pytest.param('<a href="/feedback">Write to us</a><a href="/rss-explained/42">RSS</a>', [], id="no-feeds"),
        pytest.param('<a href="https://other.example/feed">x</a>', [], id="another-site"),
        pytest.param('<a href="http://[broken/feed">x</a>', [], id="broken"),
        pytest.param('<a href="/rss">a</a><link rel="alternate" type="text/rss" href="/rss">', ["/rss"], id="once"),
        pytest.param("", [], id="nothing"),
        pytest.param("<!-- only this -->", [], id="a-comment"),
    ],
)  # fmt: skip
def test_what_a_page_names(html, found):
    """Feeds by type or look, whole addresses, the site's own; what only looks like one is left out."""
    assert [f"https://www.gazette.example{path}" for path in found] == [
        one.url for one in page_candidates(html.encode(), PAGE)
    ]


def test_links_before_anchors_and_feed_hosts():
    """A publisher's feed host counts as its own, and what `<link>` names comes first."""
    html = b'<a href="https://feeds.gz.example/all">x</a><link rel=alternate type="application/rss+xml" href="/r">'
    assert [("link", "https://www.gazette.example/r"), ("anchor", "https://feeds.gz.example/all")] == [
        (one.how, one.url) for one in page_candidates(html, PAGE)
    ]


def test_a_page_of_a_thousand_feeds():
    """Each costs a request."""
    html = "".join(f'<a href="/{n}/rss.xml">x</a>' for n in range(1000)).encode()
    assert len(page_candidates(html, PAGE)) == MOST_LINKS


def test_usual_places():
    """Below the page's own folder first, then at the site; each once."""
    urls = [one.url for one in usual_candidates(PAGE)]
    assert urls[0] == "https://www.gazette.example/world/feed/"
    assert "https://www.gazette.example/rss.xml" in urls
    assert len(urls) == len(set(urls))
    front = [one.url for one in usual_candidates("https://www.gazette.example/")]
    assert front[0] == "https://www.gazette.example/feed/"


@pytest.mark.parametrize(
    ("name", "is_one"), [("/news-sitemap.xml", True), ("/sitemaps/noticias.xml", True), ("/sitemap-2019.xml", False)]
)
def test_names_of_news_sitemaps(name, is_one):
    """Only the path counts: every host of a newspaper says news."""
    assert names_news(f"https://news.example{name}") is is_one


@pytest.mark.parametrize(
    ("body", "head"),
    [
        pytest.param(
            "<rss><channel><title>A &amp;amp; B</title><language>de-AT</language><item/></channel></rss>",
            ("RSS", "A & B", "de"), id="rss",
        ),
        pytest.param(
            '<r:RDF xmlns:r="urn:r"><channel xmlns="urn:c"><title>T</title></channel></r:RDF>', ("RSS 1.0", "T", None),
            id="rdf",
        ),
        pytest.param(
            '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="es"><title>T</title></feed>',
            ("Atom", "T", "es"), id="atom",
        ),
        pytest.param('{"version": "https://jsonfeed.org/version/1.1", "title": "T", "language": "fr", "items": []}',
                     ("JSON Feed", "T", "fr"), id="json"),
        pytest.param(
            '<urlset xmlns:n="urn:n"><url><n:news><n:publication><n:name>T</n:name><n:language>pt</n:language>'
            "</n:publication></n:news></url></urlset>",
            ("news sitemap", "T", "pt"), id="sitemap",
        ),
        pytest.param("<rss><channel><title>T</title><item>", ("RSS", "T", None), id="cut-off"),
    ],
)  # fmt: skip
def test_what_a_feed_says_of_itself(body, head):
    """Kind, title and declared language, from any kind and also from a broken document."""
    found = feed_head(a_page(body, headers={}))
    assert found == FeedHead(kind=head[0], title=head[1], language=head[2])


@pytest.mark.parametrize("body", ["<!DOCTYPE html><html><body>x</body></html>", "", "hello", "[1]", "{"])
def test_what_is_no_feed(body):
    """A page, nothing, words, other JSON."""
    assert feed_head(a_page(body, headers={})) is None
