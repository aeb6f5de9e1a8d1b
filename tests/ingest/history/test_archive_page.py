"""A page of an archive: which of its links may lead to articles, and which lead to more of it."""

from __future__ import annotations

import pytest

from ingest.errors import ParseError
from ingest.history.archivepage import more_of_it, read_archive_page
from tests.ingest.samples import a_page

OWN = "https://www.gazette.example/archive/2026/10/15/"


def links(body: str, url: str = OWN) -> list[str]:
    page = a_page(f"<html><body><main>{body}</main></body></html>", url=url)
    return [entry.links[0].removeprefix("https://www.gazette.example") for entry in read_archive_page(page)]


@pytest.mark.parametrize(
    "href",
    [
        pytest.param("/2026/10/15/harbour/", id="below its day"),
        pytest.param("/news/council-votes-on-harbour", id="a slug of words"),
        pytest.param("/category/politics/council-votes-on-harbour", id="a slug below a section"),
        pytest.param("/story-84512.html", id="a number"),
        pytest.param("/%D8%AE%D8%A8%D8%B1-%D8%B9%D8%A7%D8%AC%D9%84-%D8%AC%D8%AF%D9%8A%D8%AF", id="Arabic"),
        pytest.param("/政府宣布新的經濟措施以應對通貨膨脹", id="Chinese"),
        pytest.param("/?p=77", id="a number in the query"),
        pytest.param("https://sport.gazette.example/cup-final-ends-in-draw", id="another host of the site"),
    ],
)
def test_links_of_articles(href):
    """By their address, beside links that are none."""
    found = links(f'<a href="{href}">Words</a> <a href="/world/">World</a>')
    assert len(found) == 1
    assert "/world/" not in found


@pytest.mark.parametrize(
    "href",
    [
        pytest.param("/", id="front page"),
        pytest.param("/archive/2026/10/14/", id="another day"),
        pytest.param("/archive/2026/10/", id="the month"),
        pytest.param("/archive/2026/10/15/?page=2", id="its second page"),
        pytest.param("/tag/harbour-and-the-town", id="a tag"),
        pytest.param("/category/world-news/", id="a category"),
        pytest.param("/photos/harbour-at-night-2026.jpg", id="a picture"),
        pytest.param("https://www.elsewhere.example/a-long-slug-of-words", id="another site"),
        pytest.param("mailto:a-long-slug-of-words@gazette.example", id="mail"),
    ],
)
def test_links_of_other_things(href):
    """Beside one that is an article's."""
    assert links(f'<a href="{href}">Words of a link</a> <a href="/2026/10/15/harbour/">H</a>') == [
        "/2026/10/15/harbour/"
    ]


@pytest.mark.parametrize(
    "around",
    ["<nav>{}</nav>", "<footer>{}</footer>", '<div role="navigation">{}</div>', '<ul class="main-menu">{}</ul>',
     '<div id="sidebar">{}</div>'],
)  # fmt: skip
def test_navigation_is_left_out(around):
    """Whatever its links look like."""
    aside = around.format('<a href="/special/our-best-reports-of-2026">S</a>')
    page = a_page(f'<html><body>{aside}<main><a href="/a-slug-of-words">A</a></main></body></html>', url=OWN)
    assert [entry.links[0] for entry in read_archive_page(page)] == ["https://www.gazette.example/a-slug-of-words"]


def test_short_addresses():
    """A headline tells, and where nothing does, every link of the text is one."""
    assert links('<h3><a href="/x1">Harbour opens</a></h3><a href="/world">World</a>') == ["/x1"]
    assert links('<li><a href="/x1">Harbour opens</a></li><li><a href="/x2">Market closes</a></li>') == ["/x1", "/x2"]


def test_each_page_once():
    """Picture and headline are two links of one page; the words are those of the headline."""
    body = '<a href="/a-slug-of-words?utm_source=x"><img></a><a href="/a-slug-of-words">A <b>slug</b></a>'
    page = a_page(f"<html><body>{body}</body></html>", url=OWN)
    assert [entry.title for entry in read_archive_page(page)] == ["A slug"]


def test_its_further_pages():
    """By rel=next, or the page's own address and a number."""
    body = '<a href="2/">2</a><a href="?page=3">3</a><a href="/archive/2026/10/14/">before</a><a href="harbour/">H</a>'
    page = a_page(f'<html><head><link rel="next" href="more"></head><body>{body}</body></html>', url=OWN)
    assert more_of_it(page) == [f"{OWN}more", f"{OWN}2/", f"{OWN}?page=3"]
    second = a_page(f'<html><body><a href="{OWN}?page=3">3</a><a href="{OWN}">1</a></body></html>', url=f"{OWN}?page=2")
    assert f"{OWN}?page=3" in more_of_it(second)


@pytest.mark.parametrize(
    ("own", "further"),
    [
        ("/archive?date=2026-10-15", "/archive?page=2&date=2026-10-15"),
        ("/archive?date=2026-10-15&page=2", "/archive?date=2026-10-15&page=3"),
        ("/archive/2026-10-15.html", "/archive/2026-10-15-2.html"),
        ("/archive/2026/10/15/", "/archive/2026/10/15/p2/"),
        ("/archive/2026/10/15/3/", "/archive/2026/10/15/4/"),
        ("/archive/2026/10/15", "/archive/2026/10/15?start=50"),
    ],
)
def test_how_pages_are_numbered(own, further):
    """In the query, in any order, or at the end of the path; a page is not one of another day or month."""
    site = "https://www.gazette.example"
    others = [
        "/archive?date=2026-10-16",
        "/archive/2026-10-16.html",
        "/archive/2026/10/16/",
        "/archive/2026/10/",
        "/?p=2",
    ]
    body = "".join(f'<a href="{one}">x</a>' for one in (further, *others))
    assert more_of_it(a_page(f"<html><body>{body}</body></html>", url=site + own)) == [site + further]


def test_what_is_no_page_of_links():
    """An error that names it, not an empty day."""
    with pytest.raises(ParseError, match="without links"):
        list(read_archive_page(a_page("<html><body>Not found</body></html>", url=OWN)))
