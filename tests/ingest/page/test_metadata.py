"""What pages say about themselves, well and badly."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from ingest.page.extract import parse_html
from ingest.page.metadata import Metadata, read_metadata
from ingest.page.names import split_names
from tests.ingest.samples import NOW, PARAGRAPHS, a_page, html


def read(
    head: str = "", body: str | None = None, *, headers: dict[str, str] | None = None, attributes: str = ""
) -> Metadata:
    page = a_page(html(head, body, attributes=attributes))
    return read_metadata(parse_html(page), page.final_url, headers or {}, now=NOW)


def ld(data: Any) -> str:
    return f'<script type="application/ld+json">{data if isinstance(data, str) else json.dumps(data)}</script>'


ARTICLE = {"@type": "NewsArticle", "headline": "From the data", "datePublished": "2026-11-23T10:00:00Z"}


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(json.dumps(ARTICLE), id="object"),
        pytest.param(json.dumps([{"@type": "WebSite", "name": "x"}, ARTICLE]), id="list"),
        pytest.param(json.dumps({"@graph": [{"@type": "Organization"}, ARTICLE]}), id="graph"),
        pytest.param(json.dumps({"@type": "WebPage", "mainEntity": ARTICLE}), id="main-entity"),
        pytest.param(json.dumps({**ARTICLE, "@type": ["Article", "ReportageNewsArticle"]}), id="type-list"),
        pytest.param("<!-- " + json.dumps(ARTICLE) + " -->", id="html-comment"),
        pytest.param("//<![CDATA[\n" + json.dumps(ARTICLE) + "\n//]]>", id="cdata"),
        pytest.param(json.dumps(ARTICLE)[:-1] + ",}", id="trailing-comma"),
        pytest.param(json.dumps(ARTICLE) + ";", id="semicolon"),
        pytest.param(json.dumps(ARTICLE)[:-1] + ', "body": "line\nbreak"}', id="raw-newline"),
        pytest.param(json.dumps(ARTICLE)[:-1] + ', "body": "un "quoted" text"}', id="inner-quotes"),
        pytest.param(json.dumps(ARTICLE)[:-1] + ', "body": "' + "x" * 48_000, id="unterminated-hangs-trafilatura"),
    ],
)
def test_json_ld(script: str) -> None:
    """Headline and date are found in every wrapping, and in scripts that are no JSON."""
    started = time.process_time()
    found = read(ld(script))
    assert found.title == "From the data"
    assert [(claim.source, claim.date.value.isoformat()) for claim in found.published][:1] == [
        ("jsonld", "2026-11-23T10:00:00+00:00")
    ]
    assert time.process_time() - started < 2


def test_json_ld_of_other_articles_is_not_ours() -> None:
    """Of several articles the one that names this page counts; teasers in lists never do."""
    teaser = {"@type": "ItemList", "itemListElement": [{**ARTICLE, "headline": "A teaser"}]}
    other = {**ARTICLE, "headline": "Another", "url": "https://news.example.com/other", "author": "Nobody Else"}
    own = {**ARTICLE, "mainEntityOfPage": {"@id": "https://news.example.com/2026/11/harbour-board-votes-to-dredge"}}
    assert read(ld(teaser)).published == ()
    assert read(ld([other, own])).title == "From the data"


@pytest.mark.parametrize(
    ("head", "title"),
    [
        pytest.param(ld(ARTICLE) + '<meta property="og:title" content="From og">', "From the data", id="json-ld-first"),
        pytest.param('<meta property="og:title" content="From og">', "From og", id="og"),
        pytest.param(
            '<meta property="og:title" content="Storm hits | The Courier">'
            '<meta property="og:site_name" content="Courier">',
            "Storm hits",
            id="site-name",
        ),
        pytest.param(
            '<meta property="og:title" content="Harbour board votes to dredge | HB | 23.11.2026">',
            "Harbour board votes to dredge",
            id="heading-says-where-it-ends",
        ),
        pytest.param('<meta property="og:title" content="Q&amp;amp;A">', "Q&A", id="escaped-twice"),
        pytest.param("", "Harbour board votes to dredge", id="h1"),
    ],
)
def test_title(head: str, title: str) -> None:
    """The headline that readers see, without the site's name."""
    assert read(head).title == title


@pytest.mark.parametrize(
    ("head", "authors"),
    [
        pytest.param(ld({**ARTICLE, "author": {"@type": "Person", "name": "Ann Lee"}}), ("Ann Lee",), id="person"),
        pytest.param(ld({**ARTICLE, "author": [{"name": "Ann Lee"}, "Bo Chi"]}), ("Ann Lee", "Bo Chi"), id="list"),
        pytest.param(
            ld({"@graph": [{**ARTICLE, "author": {"@id": "#a"}}, {"@type": "Person", "@id": "#a", "name": "Ann Lee"}]}),
            ("Ann Lee",),
            id="reference",
        ),
        pytest.param('<meta name="author" content="By Ann Lee and Bo Chi">', ("Ann Lee", "Bo Chi"), id="byline"),
        pytest.param('<meta property="article:author" content="https://facebook.com/ann">', (), id="profile-url"),
        pytest.param(
            ld({**ARTICLE, "author": {"name": "The Courier"}, "publisher": {"name": "The Courier"}})
            + '<meta name="author" content="Ann Lee">',
            ("Ann Lee",),
            id="site-is-no-author",
        ),
        pytest.param(ld({**ARTICLE, "author": {"name": "The Courier"}}), ("The Courier",), id="unless-nobody-else-is"),
        pytest.param(
            ld({**ARTICLE, "author": {"@type": "Person", "givenName": "Ann", "familyName": "Lee"}}),
            ("Ann Lee",),
            id="name-in-parts",
        ),
    ],
)
def test_authors(head: str, authors: tuple[str, ...]) -> None:
    """Names, not profile links and not the site's own name."""
    assert read(head).authors == authors


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        pytest.param('<span class="authorname">Ann Lee</span>', ("Ann Lee",), id="authorname"),
        pytest.param('<li class="authors__list-item"><span>von</span> <b>Ann Lee</b></li>', ("Ann Lee",), id="by-word"),
        pytest.param('<div class="authors__list">Ann Lee writes about ferries.</div>', (), id="no-by-word"),
        pytest.param('<a rel="author" href="/x">Ann Lee</a>', ("Ann Lee",), id="rel"),
        pytest.param('<span itemprop="author">Ann Lee</span>', ("Ann Lee",), id="itemprop"),
        pytest.param('<span class="author">von Courier</span>', (), id="the-site-itself"),
    ],
)
def test_visible_byline(byline: str, authors: tuple[str, ...]) -> None:
    """Where markup names nobody, the byline that readers see does."""
    body = byline + "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    assert read('<meta property="og:site_name" content="Courier">', body).authors == authors


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        pytest.param("By ANN LEE", ["ANN LEE"], id="by"),
        pytest.param("Von Ann Lee und Bo Chi", ["Ann Lee", "Bo Chi"], id="german"),
        pytest.param("Ann Lee, Associated Press", ["Ann Lee", "Associated Press"], id="agency"),
        pytest.param("Lee, Ann", ["Lee, Ann"], id="surname-first"),
        pytest.param("Ann Lee, Jr.", ["Ann Lee, Jr."], id="suffix"),
        pytest.param("Ann Lee, Bo Chi, Cy Doe", ["Ann Lee", "Bo Chi", "Cy Doe"], id="commas"),
        pytest.param("Ann Lee y Bo Chi", ["Ann Lee", "Bo Chi"], id="spanish"),
        pytest.param("Ann Lee / Bo Chi", ["Ann Lee", "Bo Chi"], id="slash"),
        pytest.param("Ann Lee, senior science reporter", ["Ann Lee"], id="role"),
        pytest.param("Ann Lee, Political Editor", ["Ann Lee"], id="role-in-capitals"),
        pytest.param("Ann Lee, professor of law at Harlan, courier.example", ["Ann Lee"], id="office-and-site"),
        pytest.param("Ann Lee, Ursula von der Bay", ["Ann Lee", "Ursula von der Bay"], id="particles"),
        pytest.param("Ann Lee (ale)", ["Ann Lee"], id="initials"),
        pytest.param("Ursula Von Miller", ["Ursula Von Miller"], id="von-inside"),
        pytest.param("Da Silva", ["Da Silva"], id="da"),
        pytest.param("Lea Wagner, Nairobi", ["Lea Wagner"], id="place"),
        pytest.param("von APA", ["APA"], id="von-agency"),
        pytest.param("ByABC News", ["ABC News"], id="by-without-a-space"),
        pytest.param("Ann Lee 14:30", ["Ann Lee"], id="time-behind"),
        pytest.param("By Ann Lee | Published 3 Nov 2026", ["Ann Lee"], id="day-behind"),
        pytest.param("Ann Lee • 2 hours ago", ["Ann Lee"], id="age-behind"),
        pytest.param("50 Cent", ["50 Cent"], id="a-number-that-is-a-name"),
        pytest.param("admin", [], id="admin"),
        pytest.param("ann.lee@example.com", [], id="mail"),
        pytest.param("x" * 900, [], id="prose"),
    ],
)
def test_split_names(byline: str, names: list[str]) -> None:
    """One byline is its people."""
    assert split_names(byline) == names


@pytest.mark.parametrize(
    ("head", "headers", "reserved"),
    [
        pytest.param('<meta name="tdm-reservation" content="1">', {}, True, id="meta"),
        pytest.param('<meta name="tdm-reservation" content="0">', {}, False, id="meta-free"),
        pytest.param("", {"tdm-reservation": "1"}, True, id="header"),
        pytest.param('<meta name="robots" content="index, noai">', {}, True, id="noai"),
        pytest.param("", {"x-robots-tag": "noimageai, noai"}, True, id="x-robots-tag"),
        pytest.param('<meta name="robots" content="index, follow">', {}, None, id="silent"),
    ],
)
def test_tdm_reservation(head: str, headers: dict[str, str], reserved: bool | None) -> None:
    """A publisher's reservation is recorded; silence is None."""
    assert read(head, headers=headers).tdm_reservation is reserved


@pytest.mark.parametrize(
    ("free", "paywalled"), [(False, True), ("False", True), (True, False), ("true", False), (None, None)]
)
def test_paywalled(free: object, paywalled: bool | None) -> None:
    """isAccessibleForFree in its spellings."""
    assert read(ld({**ARTICLE, "isAccessibleForFree": free})).paywalled is paywalled


def test_other_fields() -> None:
    """Language, canonical, image, licence, description and keywords."""
    found = read(
        '<link rel="canonical" href="/a"><link rel="license" href="https://creativecommons.org/licenses/by/4.0/">'
        '<meta property="og:image" content="/a.jpg"><meta name="description" content="What &amp; why">'
        '<meta name="keywords" content="ferry, harbour,ferry">'
        '<meta property="article:modified_time" content="2026-11-24T08:00:00Z">',
        attributes='lang="en-GB"',
    )
    assert (found.language, found.canonical) == ("en-GB", "https://news.example.com/a")
    assert (found.image_url, found.license) == (
        "https://news.example.com/a.jpg",
        "https://creativecommons.org/licenses/by/4.0/",
    )
    assert (found.description, found.tags) == ("What & why", ("ferry", "harbour"))
    assert found.modified is not None
    assert found.modified.value.isoformat() == "2026-11-24T08:00:00+00:00"


def test_two_canonicals_are_none() -> None:
    """A page that names two canonical URLs names none."""
    assert read('<link rel="canonical" href="/a"><link rel="canonical" href="/b">').canonical is None
