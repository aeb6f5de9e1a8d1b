"""News sitemaps and their indexes."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from ingest.errors import SitemapIndex
from tests.ingest.feed.test_parse import parsed

SITEMAP = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://news.example.com/section</loc></url>
 <url><loc>https://news.example.com/a</loc><n:news><n:publication><n:language>fr</n:language></n:publication>
 <n:publication_date>2026-11-20T10:00:00Z</n:publication_date><n:title>Un</n:title></n:news></url></urlset>"""


INDEX = """<sitemapindex><sitemap><loc>https://news.example.com/old.xml</loc><lastmod>2026-01-01</lastmod></sitemap>
 <sitemap><loc>https://news.example.com/new.xml</loc><lastmod>2026-11-20</lastmod></sitemap></sitemapindex>"""


def test_news_sitemap() -> None:
    """Pages with a news element are entries; sections are none."""
    (one,) = parsed(SITEMAP)
    assert (one.link, one.title, one.language) == ("https://news.example.com/a", "Un", "fr")
    assert one.published_at == datetime(2026, 11, 20, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "link", "title"),
    [
        pytest.param("?id=1&lang=en", "?id=1&lang=en", "A & B", id="bare"),
        pytest.param("?id=1&amp;lang=en", "?id=1&lang=en", "A & B", id="well-formed"),
        pytest.param("?a=1&copy=2&amp;b=3&c", "?a=1&copy=2&b=3&c", "A & B", id="like-a-name-of-HTML"),
        pytest.param("?q=caf&eacute;", "?q=caf\xe9", "A & B", id="a-name-of-HTML"),
        pytest.param("<![CDATA[?id=1&lang=en]]>", "?id=1&lang=en", "A & B", id="cdata"),
        pytest.param("?id=&#49;&x=&#x32;", "?id=1&x=2", "A & B", id="numbers"),
    ],
)
def test_news_sitemap_with_bare_ampersands(written: str, link: str, title: str) -> None:
    """They are what most sitemaps get wrong: the address and the title are as they were meant."""
    page = SITEMAP.replace("<n:title>Un</n:title>", "<n:title>A & B</n:title>")
    page = re.sub(r"<loc>[^<]*</loc>(?=\s*<n:news>)", f"<loc>https://news.example.com/p{written}</loc>", page)
    [entry] = parsed(page)
    assert (entry.link, entry.title) == (f"https://news.example.com/p{link}", title)


def test_sitemap_index_with_bare_ampersands() -> None:
    """Of their addresses, too."""
    with pytest.raises(SitemapIndex) as caught:
        parsed("<sitemapindex><sitemap><loc>https://news.example.com/s?a=1&b=2</loc></sitemap></sitemapindex>")
    assert caught.value.sitemaps == ("https://news.example.com/s?a=1&b=2",)


def test_sitemap_index() -> None:
    """Its sitemaps, the last changed first."""
    with pytest.raises(SitemapIndex) as caught:
        parsed(INDEX)
    assert caught.value.sitemaps == ("https://news.example.com/new.xml", "https://news.example.com/old.xml")
