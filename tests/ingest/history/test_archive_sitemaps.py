"""Archive sitemaps as they come: compressed, mislabelled, broken, without news elements, and as bombs."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ingest.errors import ParseError
from ingest.history.hints import days
from ingest.history.reading import read_history
from ingest.history.sitemaps import is_index, read_index
from ingest.records import Entries, Feed, Page, Span
from ingest.work import Reading

NOW = datetime(2026, 11, 30, tzinfo=UTC)
SITE = "https://gazette.example"
DAY = days(date(2026, 10, 5))
NEWS = "<n:news><n:publication_date>{}</n:publication_date><n:title>Un</n:title></n:news>"


def page(body: str | bytes, **headers: str) -> Page:
    raw = body if isinstance(body, bytes) else body.encode()
    return Page(
        fetch_id="a" * 32, url=f"{SITE}/s.xml", final_url=f"{SITE}/s.xml", status=200, headers=headers, body=raw,
        fetched_at=NOW,
    )  # fmt: skip


def urlset(*urls: tuple[str, str], more: str = "") -> str:
    inner = "".join(f"<url><loc>{SITE}{path}</loc>{rest}</url>" for path, rest in urls)
    return f'<?xml version="1.0"?><urlset xmlns="http://s" xmlns:n="http://n">{inner}{more}</urlset>'


def read(body: str | bytes, *, span: Span | None = None, **headers: str) -> Entries:
    reading = Reading(reader="sitemap", interval=DAY, span=span)
    return read_history(page(body, **headers), Feed(id="gazette", url=f"{SITE}/feed"), reading, now=NOW)


def paths(entries: Entries) -> list[str]:
    return [(entry.link or "").removeprefix(SITE) for entry in entries]


PLAIN = urlset(("/a?id=1&lang=en", ""), ("/b", ""))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(PLAIN, id="plain"),
        pytest.param(gzip.compress(PLAIN.encode()), id="gzip-under-any-type"),
        pytest.param(gzip.compress(PLAIN[:90].encode()) + gzip.compress(PLAIN[90:].encode()), id="gzip-of-two-members"),
        pytest.param(PLAIN.replace("&", "&amp;"), id="well-formed"),
        pytest.param(f"\ufeff\n{PLAIN}", id="byte-order-mark"),
        pytest.param(PLAIN.encode("utf-16"), id="two-bytes-a-character"),
        pytest.param(re.sub(r"</?\w+", lambda tag: tag[0].upper(), PLAIN), id="in-capitals"),
        pytest.param(
            PLAIN.replace("<?xml", "<!-- <url> --><?xml-stylesheet href='x'?><?xml"), id="a-stylesheet-before"
        ),
        pytest.param(PLAIN.replace("</urlset>", ""), id="broken-off"),
        pytest.param(PLAIN.replace("<loc>", "<loc> <![CDATA[").replace("</loc>", "]]> </loc>"), id="cdata"),
        pytest.param(f"{SITE}/a?id=1&lang=en\n{SITE}/b\n", id="text"),
        pytest.param(f"\ufeff# all\r\n{SITE}/a?id=1&lang=en\r\n\r\n{SITE}/b", id="text-with-a-comment"),
        pytest.param(gzip.compress(gzip.compress(PLAIN.encode())), id="gzip-twice"),
        pytest.param(f"<br />\n<b>Warning</b>: fopen() in x.php\n{PLAIN}", id="a-warning-before"),
        pytest.param(PLAIN.replace("<loc>", "<loc><!-- of today -->"), id="a-comment-in-the-address"),
        pytest.param(re.sub(r"<(/?)(\w)", r"<\1sm:\2", PLAIN), id="a-prefix"),
    ],
)
def test_every_page_counts(body: str | bytes) -> None:
    """Also without news elements, whatever the wrapping; a bare & is part of its address."""
    assert paths(read(body, **{"content-type": "text/html"})) == ["/a?id=1&lang=en", "/b"]


@pytest.mark.parametrize(
    ("end", "links"),
    [
        pytest.param(f"<url><loc>{SITE}/c</loc><lastmod>2026-1", ["/c"], id="behind-the-address"),
        pytest.param(f"<url><loc>{SITE}/half-of-an-addr", [""], id="inside-of-the-address"),
        pytest.param("<url><lo", [""], id="inside-of-a-tag"),
        pytest.param("<url>", [""], id="before-the-address"),
    ],
)
def test_the_last_of_a_list_that_breaks_off(end: str, links: list[str]) -> None:
    """It is an entry, counted: without an address if that is not whole."""
    assert paths(read(PLAIN.replace("</urlset>", end))) == ["/a?id=1&lang=en", "/b", *links]


@pytest.mark.parametrize(
    ("rest", "taken"),
    [
        pytest.param(NEWS.format("2026-10-05T00:00:00Z"), True, id="first-instant"),
        pytest.param(NEWS.format("2026-10-04T23:59:59Z"), False, id="a-second-before"),
        pytest.param(NEWS.format("2026-10-06T00:30:00+02:00"), True, id="of-a-zone"),
        pytest.param("<lastmod>2026-10-03</lastmod>", False, id="changed-before"),
        pytest.param("<lastmod>2026-10-04</lastmod>", True, id="changed-the-day-before-in-some-zone"),
        pytest.param("<lastmod>2026-11-29</lastmod>", True, id="changed-later"),
        pytest.param("<lastmod>yesterday</lastmod>", True, id="no-date"),
    ],
)
def test_what_may_lie_in_the_day(rest: str, taken: bool) -> None:
    """An instant decides; a last change only excludes, with a day of slack. What is left out is counted."""
    found = read(urlset(("/a", rest)))
    assert (len(found), found.outside) == ((1, 0) if taken else (0, 1))


def test_the_day_in_a_link_and_the_span_of_a_file_exclude() -> None:
    """With a day of slack on both sides; the most probable come first."""
    links = [(f"/2026/10/{day:02d}/x", f"<lastmod>2026-10-{day + 10}</lastmod>") for day in (2, 3, 4, 5, 6, 7, 8)]
    assert paths(read(urlset(*reversed(links)))) == ["/2026/10/04/x", "/2026/10/05/x", "/2026/10/06/x"]
    assert paths(read(PLAIN, span=days(date(2026, 9, 1), date(2026, 10, 2)))) == []
    assert len(read(PLAIN, span=days(date(2026, 9, 1), date(2026, 10, 4)))) == 2


def bomb() -> bytes:
    """A gzip file of 1 GB, in many members as a stream packs it."""
    member = gzip.compress((b"<url><loc>" + b"x" * 440 + b"</loc></url>") * 22_500)
    return gzip.compress(b"<urlset>") + member * 100


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param(gzip.compress(PLAIN.encode())[:-20], "breaks off", id="gzip-breaks-off"),
        pytest.param(b"\x1f\x8bno gzip at all", "broken gzip", id="no-gzip"),
        pytest.param("<html><body>Not found</body></html>", "no sitemap", id="a-page-that-says-so"),
        pytest.param("", "no sitemap", id="empty"),
    ],
)
def test_what_is_no_sitemap(body: Any, problem: str) -> None:
    """It is an error with its reason, never a list without entries."""
    with pytest.raises(ParseError, match=problem):
        read(body)


@pytest.mark.slow
def test_a_bomb_is_cut() -> None:
    """It is read up to the cap."""
    with pytest.raises(ParseError, match="more than 64,000,000 bytes"):
        read(bomb())


def test_broken_in_the_middle() -> None:
    """What stands around it counts, and so does an address that was never closed."""
    broken = f"<url><loc>{SITE}/c</loc><url><loc>{SITE}/d</loc></url><url><loc>{SITE}/\x0be</lo></url>"
    assert sorted(paths(read(urlset(("/a", ""), more=broken + f"<url><loc>{SITE}/f</loc></url>")))) == [
        "/a", "/c", "/d", "/e", "/f"
    ]  # fmt: skip


def test_entities_are_no_bomb() -> None:
    """They are not resolved."""
    laugh = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    body = urlset(("/&l8;", ""), ("/b", "")).replace("<urlset", f'<!DOCTYPE urlset [<!ENTITY l0 "lol">{laugh}]><urlset')
    assert paths(read(body)) == ["/&l8", "/b"]


def test_an_index() -> None:
    """Its parts in their order, each once, with their last change."""
    parts = "".join(
        f"<sitemap><loc>{loc}</loc><lastmod>{at}</lastmod></sitemap>"
        for loc, at in (
            (f"{SITE}/1.xml?a=1&b=2", "2026-10-05"),
            ("/2.xml", "2026-10-05T02:00:00+02:00"),
            ("/2.xml", ""),
        )
    )
    found = page(f'<sitemapindex xmlns="http://s">{parts}</sitemapindex>')
    assert is_index(found)
    midnight = datetime(2026, 10, 5, tzinfo=UTC)
    assert dict(read_index(found, now=NOW)) == {f"{SITE}/1.xml?a=1&b=2": midnight, f"{SITE}/2.xml": None}
