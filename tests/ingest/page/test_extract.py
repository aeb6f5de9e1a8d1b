"""One page, one article: text, identity, date, and what is refused. Extraction is a function of its arguments."""

from __future__ import annotations

import gzip
import json
import logging
import re
import socket
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import NoText, NotHtml
from ingest.page.canonical import page_canonical
from ingest.page.extract import extract_article
from ingest.records import Article, Entry, Page
from ingest.text.cleaning import content_hash
from ingest.text.urls import article_id
from tests.ingest.samples import NOW, PARAGRAPHS, TEXT, a_page, an_entry, html

DATA = Path(__file__).parents[1] / "data" / "pages"
LOAN = Path(__file__).parents[4] / "shared" / "data" / "fundus"
URL = "https://news.example.com/2026/11/harbour-board-votes-to-dredge"
FEED_TIME = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)
BY_FEED = an_entry(published_at=FEED_TIME, published_raw="Mon, 23 Nov 2026 17:30:00 GMT")


def extracted(page: Page, entry: Entry | None = None) -> Article:
    return extract_article(page, entry or an_entry(), publisher_of=lambda host: f"publisher of {host}", via="live")


def meta(published: str) -> str:
    return f'<meta property="article:published_time" content="{published}">'


@pytest.mark.parametrize("path", sorted(DATA.glob("*.html")), ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    """Each saved page yields the text and the fields written beside it."""
    article = extracted(a_page(path.read_bytes(), url=f"https://news.example.com/2026/{path.stem}"))
    expected = json.loads(path.with_suffix(".json").read_text())
    found = json.loads(json.dumps(asdict(article), default=str))
    assert article.text + "\n" == path.with_suffix(".txt").read_text()
    assert {name: found[name] for name in expected} == expected


def test_same_arguments_same_article() -> None:
    """Neither the page before nor the number of times changes the article: trafilatura's deduplication would."""
    page = a_page(html(meta("2026-11-23T10:00:00Z")))
    first = extracted(page)
    others = [extracted(a_page(html(), url=f"{URL}-{number}")).text for number in range(5)]
    assert extracted(page) == first
    assert set(others) == {first.text}
    assert first.text.endswith(TEXT)


def test_identity_and_publisher() -> None:
    """Id and publisher come from the canonical URL, not from the feed or the link."""
    page = a_page(
        html('<link rel="canonical" href="https://www.example.com/2026/11/harbour-board-votes-to-dredge?utm_source=x">')
    )
    article = extracted(page)
    assert article.canonical_url == "https://www.example.com/2026/11/harbour-board-votes-to-dredge"
    assert article.article_id == article_id(article.canonical_url)
    assert (article.source, article.publisher) == ("www.example.com", "publisher of www.example.com")
    assert article.url == URL


@pytest.mark.parametrize(
    ("claimed", "final", "taken"),
    [
        pytest.param("https://example.com/a-b-c?utm_source=x", "https://m.example.com/a-b-c", True, id="subdomain"),
        pytest.param(
            "https://example.com/a-b-c", "https://example-com.cdn.ampproject.org/c/a-b-c", True, id="amp-cache"
        ),
        pytest.param("https://example.com/", "https://example.com/2026/a", False, id="front-page"),
        pytest.param("https://example.com/news", "https://example.com/news/a-b-c", False, id="section-above"),
        pytest.param("https://example.com/story/123", "https://example.com/story/123/slug", True, id="number-above"),
        pytest.param(
            "https://example.com/article.php", "https://example.com/article.php?id=7", False, id="query-is-the-page"
        ),
        pytest.param("https://example.com/a-b-c", "https://example.com/a-b-c?page=2", True, id="query-is-not"),
        pytest.param("https://elsewhere.net/a-b-c", "https://example.com/a-b-c", False, id="another-site"),
        pytest.param("https://bbb.co.uk/a-b-c", "https://aaa.co.uk/a-b-c", False, id="public-suffix"),
        pytest.param("javascript:void(0)", "https://example.com/a", False, id="script"),
        pytest.param(None, "https://example.com/a", False, id="none"),
    ],
)
def test_canonical(claimed: str | None, final: str, taken: bool) -> None:
    """A canonical URL that would merge different pages is not believed."""
    assert page_canonical(claimed, final) == ((claimed or "").split("?")[0] if taken else final)


@pytest.mark.parametrize(
    ("head", "entry", "published", "source", "precision"),
    [
        pytest.param(
            meta("2026-11-23T10:00:00Z"), BY_FEED, "2026-11-23T10:00:00", "meta", "second", id="page-over-feed"
        ),
        pytest.param(meta("2026-11-23"), BY_FEED, "2026-11-23T17:30:00", "feed", "second", id="feed-tells-the-hour"),
        pytest.param(meta("2026-11-10"), BY_FEED, "2026-11-10T00:00:00", "meta", "day", id="another-day"),
        pytest.param(
            meta("2026-11-23T19:30:00"), BY_FEED, "2026-11-23T17:30:00", "feed", "second", id="zone-from-feed"
        ),
        pytest.param(
            meta("2026-11-23T19:37:00"), BY_FEED, "2026-11-23T19:37:00", "meta", "second", id="another-moment"
        ),
        pytest.param("", BY_FEED, "2026-11-23T17:30:00", "feed", "second", id="feed-alone"),
        pytest.param(meta("2099-01-01T10:00:00Z"), BY_FEED, "2026-11-23T17:30:00", "feed", "second", id="future-page"),
        pytest.param(meta("1970-01-01T00:00:00Z"), BY_FEED, "2026-11-23T17:30:00", "feed", "second", id="epoch-page"),
        pytest.param(meta(NOW.isoformat()), BY_FEED, "2026-11-23T17:30:00", "feed", "second", id="build-stamp"),
        pytest.param(
            meta("2099-01-01"), an_entry(published_raw="Mon, 23 Nov 2099"), None, None, None, id="nothing-to-believe"
        ),
    ],
)
def test_published(head: str, entry: Entry, published: str | None, source: str | None, precision: str | None) -> None:
    """An instant on the page, else the feed's, else a day; never the future and never 1970."""
    found = extracted(a_page(html(head), url="https://news.example.com/harbour-board"), entry)
    assert (found.published_at and found.published_at.replace(tzinfo=None).isoformat()) == published
    assert (found.published_source, found.published_precision) == (source, precision)


def test_time_element_is_weaker_than_the_feed() -> None:
    """A visible time counts if neither markup nor feed names an instant."""
    body = '<time datetime="2026-11-22T08:00:00Z">Sunday</time>' + "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    assert extracted(a_page(html(body=body)), BY_FEED).published_source == "feed"
    assert extracted(a_page(html(body=body))).published_source == "time"


def test_copyright_year_is_no_date() -> None:
    """A footer's year does not date an article."""
    body = "".join(f"<p>{text}</p>" for text in PARAGRAPHS) + "<footer>Copyright 2019 Harlan Courier</footer>"
    assert extracted(a_page(html(body=body), url="https://news.example.com/harbour")).published_at is None


def test_date_in_the_url_is_a_last_resort() -> None:
    """Its day is believed where nothing else names one, bounded by the page's own time, not by this machine's."""
    url = "https://news.example.com/2019/03/04/harbour-board"
    found = extracted(a_page(html(), url=url, fetched_at=datetime(2019, 3, 5, tzinfo=UTC)))
    assert (found.published_source, found.published_precision) == ("url", "day")
    assert found.published_at == datetime(2019, 3, 4, tzinfo=UTC)
    early = extracted(a_page(html(), url=url, fetched_at=datetime(2019, 3, 1, tzinfo=UTC)))
    assert early.published_at is None


@pytest.mark.parametrize(
    ("body", "headers", "error"),
    [
        pytest.param(html(), {"content-type": "application/pdf"}, NotHtml, id="pdf-type"),
        pytest.param(b"%PDF-1.7 ...", {"content-type": "text/html"}, NotHtml, id="pdf-body"),
        pytest.param('{"a": 1}', {"content-type": "text/html"}, NotHtml, id="json-body"),
        pytest.param(b"\x89PNG\r\n", {}, NotHtml, id="image"),
        pytest.param("", {"content-type": "text/html"}, NoText, id="empty"),
        pytest.param("   ", {"content-type": "text/html"}, NoText, id="blank"),
        pytest.param(
            html(body="<p>Accept all cookies to go on.</p>"), {"content-type": "text/html"}, NoText, id="consent"
        ),
        pytest.param("<html></html>", {"content-type": "text/html"}, NoText, id="no-body"),
    ],
)
def test_refused(body: str | bytes, headers: dict[str, str], error: type[Exception]) -> None:
    """What is no article says why."""
    with pytest.raises(error) as caught:
        extracted(a_page(body, headers=headers))
    assert URL in str(caught.value)


@pytest.mark.parametrize("media", ["text/html", "application/xhtml+xml", "", "application/octet-stream", "text/plain"])
def test_html_under_other_names(media: str) -> None:
    """HTML that is served under a wrong name is still HTML."""
    assert extracted(a_page(html(), headers={"content-type": media} if media else {})).text


@pytest.mark.parametrize(
    ("encoding", "header", "declared"),
    [
        pytest.param("utf-8", "text/html; charset=iso-8859-1", "", id="header-lies"),
        pytest.param("utf-8", "text/html", '<meta charset="iso-8859-1">', id="meta-lies"),
        pytest.param("cp1252", "text/html; charset=iso-8859-1", "", id="latin-1-is-cp1252"),
        pytest.param(
            "cp1252",
            "text/html",
            '<meta http-equiv="Content-Type" content="text/html; charset=windows-1252">',
            id="meta",
        ),
        pytest.param("utf-16", "text/html", "", id="utf-16"),
    ],
)
def test_encoding(encoding: str, header: str, declared: str) -> None:
    """The bytes decide over the labels."""
    extra = "Die „Fähre“ fährt über Zürich – täglich, sagte der Kapitän am Montag in großer Eile."
    body = html(declared, "".join(f"<p>{text}</p>" for text in (*PARAGRAPHS, extra)))
    article = extracted(a_page(body.encode(encoding), headers={"content-type": header}))
    assert extra in article.text


def test_language_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model is the one that lies in the package."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    article = extracted(a_page(html(attributes='lang="de"')))
    assert article.language == "en"
    assert article.language_score is not None
    assert article.language_score > 0.8


def test_feed_fills_the_gaps() -> None:
    """Authors, description and tags of the entry stand in for a silent page; its own headline does not."""
    entry = an_entry(title="From the feed", authors=("Ann Lee",), tags=("ferry",), summary="In short.", guid="g")
    article = extracted(a_page(html()), entry)
    assert (article.title, article.authors) == ("Harbour board votes to dredge", ("Ann Lee",))
    assert (article.tags, article.description, article.guid) == (("ferry",), "In short.", "g")


def test_content_hash_ignores_case_and_space() -> None:
    """Two spellings of one text share the hash; another word does not."""
    assert content_hash("The  Harbour\nboard") == content_hash("the harbour BOARD")
    assert content_hash("The harbour board") != content_hash("The harbour boards")


def test_articlebody_helps_a_page_that_shows_little() -> None:
    """A page drawn by script carries its text in JSON-LD."""
    node = json.dumps({"@type": "NewsArticle", "headline": "Dredging", "articleBody": TEXT * 2})
    script = f'<script type="application/ld+json">{node}</script>'
    assert extracted(a_page(html(script, "<div id=app></div>"))).word_count > 100


def _grams(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3)))


def _f1(found: str, truth: str) -> float:
    ours, theirs = _grams(found), _grams(truth)
    return 2 * (ours & theirs).total() / (ours.total() + theirs.total())


# Measured on these 40 pages: F1 of 4-grams .9512, 38 dates to the minute, 32 titles.
# Each floor leaves one page's worth of room.
FLOOR_F1, FLOOR_MINUTES, FLOOR_TITLES = 0.926, 37, 31


@pytest.mark.slow
@pytest.mark.skipif(not LOAN.exists(), reason="../shared/data/fundus is not on this machine")
def test_quality_on_borrowed_pages() -> None:
    """Every 3rd of 130 real pages, 40 in all: text, publication minute and headline stay above their floors."""
    logging.getLogger("trafilatura").setLevel(logging.ERROR)
    rows: list[dict[str, Any]] = [json.loads(line) for line in (LOAN / "manifest.jsonl").read_text().splitlines()]
    sample = rows[::3][:40]
    scores, minutes, titles = [], 0, 0
    for row in sample:
        fetched = datetime.fromisoformat(row["crawl_date"]).replace(tzinfo=UTC)
        page = a_page(
            gzip.decompress((LOAN / row["file"]).read_bytes()), url=row["url"], headers={}, fetched_at=fetched
        )
        article = extracted(page)
        truth = datetime.fromisoformat(row["date"])
        truth = truth if truth.tzinfo else truth.replace(tzinfo=UTC)
        scores.append(_f1(article.text, row["text"]))
        minutes += article.published_at is not None and abs(article.published_at - truth) < timedelta(minutes=1)
        titles += article.title == " ".join(row["title"].split())
    measured = (round(sum(scores) / len(scores), 4), minutes, titles)
    assert measured[0] >= FLOOR_F1
    assert measured[1] >= FLOOR_MINUTES
    assert measured[2] >= FLOOR_TITLES
