"""Where articles of history belong: half-open UTC days, by the page's own date, in any zone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ingest.history.filing import filed
from ingest.history.hints import days
from ingest.history.reading import read_history
from ingest.page.extract import extract_article
from ingest.records import Article, Entry, Feed, Skipped
from ingest.work import Reading
from tests.ingest.samples import TEXT, a_page, an_entry

DAY = days(date(2026, 10, 5))
MIDNIGHT = datetime(2026, 10, 5, tzinfo=UTC)
LINK = "https://news.example.com/story-7"
NOW = datetime(2026, 11, 30, tzinfo=UTC)
ZONES = ("America/Havana", "Asia/Kolkata", "Pacific/Auckland", "UTC")
BORDERS = {
    "a-second-before": (timedelta(seconds=-1), False), "midnight": (timedelta(), True),
    "a-second-after": (timedelta(seconds=1), True), "the-last-second": (timedelta(hours=24, seconds=-1), True),
    "the-next-midnight": (timedelta(hours=24), False),
}  # fmt: skip


def article(entry: Entry, published: str | None, link: str = LINK) -> Article:
    meta = f'<meta property="article:published_time" content="{published}">' if published else ""
    page = a_page(f"<html><head>{meta}</head><body><article><h1>Dredging</h1><p>{TEXT}</p></article></body>", url=link)
    return extract_article(page, entry, publisher_of=str, via="sitemap", now=NOW)


def hinted(link: str = LINK) -> Entry:
    return an_entry(link=link, hint=days(date(2026, 10, 1), date(2026, 10, 31)))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("after", "inside"), BORDERS.values(), ids=BORDERS)
def test_borders_of_a_day(zone: str, after: timedelta, inside: bool) -> None:
    """By the page's own date, and by that of a list, written in the publisher's zone."""
    written = (MIDNIGHT + after).astimezone(ZoneInfo(zone)).isoformat()
    result = filed(article(hinted(), written), hinted(), DAY)
    expected = "stored" if inside else "another_day"
    assert (result.code if isinstance(result, Skipped) else "stored") == expected
    assert result.published_at == MIDNIGHT + after
    news = f"<news:news><news:publication_date>{written}</news:publication_date></news:news>"
    listing = f'<urlset xmlns:news="n"><url><loc>{LINK}</loc>{news}</url></urlset>'
    reading = Reading(reader="sitemap", interval=DAY)
    found = read_history(a_page(listing), Feed(id="harlan", url=LINK), reading, now=NOW)
    assert (len(found), found.outside) == ((1, 0) if inside else (0, 1))


@pytest.mark.parametrize(
    ("source", "link", "code"),
    [
        pytest.param("jsonld", LINK, "", id="its-markup"),
        pytest.param("text", LINK, "", id="what-it-shows-its-readers"),
        pytest.param("url", "https://news.example.com/2026/10/05/x", "undated", id="only-its-address"),
        pytest.param("htmldate", LINK, "undated", id="a-guess"),
        pytest.param("htmldate", "https://news.example.com/2026/10/06/x", "", id="a-guess-with-an-address-near-it"),
        pytest.param("htmldate", "https://news.example.com/2026/10/09/x", "undated", id="a-guess-far-from-its-address"),
        pytest.param(None, LINK, "undated", id="nothing"),
    ],
)
def test_which_dates_are_trusted(source: str | None, link: str, code: str) -> None:
    """A day in an address is local and sometimes an event's: it decides nothing."""
    found = article(hinted(link), MIDNIGHT.isoformat(), link)
    dated = replace(found, published_source=source, published_at=MIDNIGHT if source else None)
    result = filed(dated, hinted(link), DAY)
    assert (result.code if isinstance(result, Skipped) else "") == code


def test_what_is_left_alone() -> None:
    """Entries with a date of their own, of feeds, and runs of any day."""
    late = article(an_entry(link=LINK), "2026-10-09T00:00:00Z")
    assert filed(late, an_entry(link=LINK), DAY) is late
    assert filed(late, hinted(), None) is late
    assert filed(late, replace(hinted(), published_at=MIDNIGHT), DAY) is late
