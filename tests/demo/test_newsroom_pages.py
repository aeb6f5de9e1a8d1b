"""The newsroom's pages, as trafilatura and htmldate read them."""

from __future__ import annotations

import json
import re
import time
from datetime import datetime, timedelta

import pytest
import trafilatura

from demo.newsroom import load_world
from demo.newsroom.pages import PHRASES, render_page
from demo.newsroom.site import Site
from demo.newsroom.world import Article

WORLD = load_world()
READABLE = [article for article in WORLD.articles.values() if "missing" not in article.quirks]


def page_of(article: Article) -> str:
    """The page's HTML, rendered without the server: ninety GETs would only cost time."""
    site = Site(world=WORLD, anchor=datetime.fromisoformat("2026-11-25T00:00Z"), port=8640)
    return render_page(article, article.versions[-1], site)


@pytest.mark.parametrize("article", READABLE, ids=lambda article: article.slug)
def test_page_extracts_to_its_text(article):
    """Trafilatura gets every paragraph and nothing of what surrounds them."""
    text = trafilatura.extract(page_of(article)) or ""
    missing = [paragraph for paragraph in article.versions[-1].printed if paragraph not in text]
    assert [] == missing
    publisher = WORLD.publishers[article.publisher]
    around = [*publisher.boilerplate, *PHRASES[article.language][:3], "©"]
    assert [] == [line for line in around if line in text]
    assert len(text) < sum(map(len, article.versions[-1].printed)) + len(article.versions[-1].headline) + 120


@pytest.mark.parametrize("slug, pattern", [
    pytest.param("the-last-lamp-maker", r'"datePublished": "2026-11-23T05:05:00-04:00"', id="jsonld"),
    pytest.param("crack-closes-port-alden-bridge", r'published_time" content="2026-11-22T06:00:00-04:00"', id="meta"),
    pytest.param("bibliothek-oeffnet-am-abend", r'<time datetime="2026-11-23T17:05:00\+01:00">', id="time"),
])  # fmt: skip
def test_dates_on_pages(slug, pattern):
    """Each publisher has its way to tell the date, in its own zone."""
    assert re.search(pattern, page_of(WORLD.articles[slug]))


def test_page_without_date():
    """The Bulletin's pages have no date, only a copyright year."""
    page = page_of(WORLD.articles["reading-room-buys-telescope"])
    assert re.findall(r"20\d\d", page) == ["2026"]


def test_json_ld_is_json():
    """What stands in the script parses, and names the author."""
    page = page_of(WORLD.articles["orgel-bekommt-ihre-stimme-zurueck"])
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert found is not None
    fields = json.loads(found[1])
    assert "NewsArticle" == fields["@type"]
    assert [{"@type": "Person", "name": "Wiebke Ahlborn-Tietz"}] == fields["author"]


def test_page_appears_with_publication(newsroom, ask):
    """Before its publication an article's page is not there."""
    url = newsroom.url("cheese-fair-draws-record-crowd")
    newsroom.now = newsroom.days[0] + timedelta(hours=13, minutes=59)
    assert 404 == ask(url).status
    newsroom.now = newsroom.days[0] + timedelta(hours=14)
    assert 200 == ask(url).status


@pytest.mark.parametrize("hours, cost, title", [
    pytest.param(33.5, "120 million", "Tram extension to cost 120 million crowns", id="first"),
    pytest.param(39.0, "102 million", "Corrected: tram extension to cost 102 million crowns", id="corrected"),
])  # fmt: skip
def test_corrected_article(newsroom, ask, hours, cost, title):
    """From 15:00 of the second day on the tram article is another one, in page and feed."""
    newsroom.now = newsroom.days[0] + timedelta(hours=hours)
    assert f"hospital quarter will cost {cost} crowns" in ask(newsroom.url("tram-extension-cost-corrected")).text
    assert f"<title>{title}</title>" in ask(newsroom.url("northline")).text


def test_missing_page(newsroom, ask):
    """One entry leads to a page that is not there."""
    assert 404 == ask(newsroom.url("footbridge-opens-at-weir")).status


def test_slow_page(newsroom, ask):
    """One page comes in drips that take their time; in the end it is whole."""
    before, newsroom.slow = newsroom.slow, timedelta(seconds=0.6)
    try:
        start = time.monotonic()
        answer = ask(newsroom.url("the-last-lamp-maker"))
        assert time.monotonic() - start > 0.5
    finally:
        newsroom.slow = before
    assert answer.text.rstrip().endswith("</html>")
    assert timedelta(seconds=4) == before


def test_id_in_query(newsroom, ask):
    """The Bulletin's articles differ in nothing but the id of the query."""
    url = newsroom.url("lifeboat-tea-raises-record-sum")
    assert "Lifeboat tea &amp; raffle" in ask(url).text
    assert 404 == ask(url.split("?")[0]).status
