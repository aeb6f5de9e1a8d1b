"""Days that a page shows its readers, where neither its data nor the feed names one."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.page.dating.address import day_in_address
from ingest.page.extract import extract_article
from ingest.records import Article
from tests.ingest.samples import PARAGRAPHS, a_page, an_entry

TEXT = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


def extracted(body: str, *, language: str = "en", url: str = "https://news.example.com/harbour") -> Article:
    page = f"<html lang={language}><head><title>Board votes to dredge</title></head><body>{body}</body></html>"
    return extract_article(a_page(page, url=url), an_entry(), publisher_of=lambda host: host, via="live")


@pytest.mark.parametrize(
    ("line", "language", "day"),
    [
        pytest.param("Published on 16 November 2026 by the board", "en", "2026-11-16", id="words-around"),
        pytest.param("Von der Redaktion | 16.11.2026, 14:30 Uhr", "de", "2026-11-16", id="german"),
        pytest.param("Publicado el 16 de noviembre de 2026", "es", "2026-11-16", id="spanish"),
        pytest.param("Ngày đăng: 06/11/2026", "vi", "2026-11-06", id="day-first-by-language"),
        pytest.param("2026年11月16日 更新", "ja", "2026-11-16", id="japanese"),
        pytest.param("Опубликовано 16 ноября 2026", "ru", "2026-11-16", id="russian"),
        pytest.param(
            "Of 16 November 2026, when the ferry lay still, nobody will speak again in this town",
            "en",
            None,
            id="prose",
        ),
        pytest.param("The regatta is on 5 October 2026.", "en", None, id="short-prose"),
        pytest.param("1 January 2026", "en", None, id="first-of-january"),
        pytest.param("© 16 November 2026 Harlan Post", "en", None, id="copyright"),
        pytest.param("16 November 2031", "en", None, id="future"),
    ],
)
def test_a_line_near_the_headline(line: str, language: str, day: str | None) -> None:
    """A short line beside the headline dates the page; what is printed there is kept."""
    found = extracted(f"<main><h1>Board votes to dredge</h1><div>{line}</div>{TEXT}</main>", language=language)
    assert (found.published_at and found.published_at.date().isoformat()) == day
    assert found.published_source == ("text" if day else None)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<h1>Board votes to dredge</h1>{}<footer><p>16 November 2026</p></footer>", id="footer"),
        pytest.param("<nav>16 November 2026</nav><h1>Board votes to dredge</h1>{}", id="menu"),
        pytest.param("<h1>Board votes to dredge</h1>{}<div class='related'>16 November 2026</div>", id="related"),
        pytest.param("<h1>Board votes to dredge</h1>{}<ul class='events'><li>5 October 2026</li></ul>", id="events"),
    ],
)
def test_not_beside_the_article(body: str) -> None:
    """Dates of footers, menus and lists of others are none."""
    assert extracted(body.format(TEXT)).published_at is None


@pytest.mark.parametrize(
    ("path", "day"),
    [
        pytest.param("/2026/11/16/harbour", date(2026, 11, 16), id="folders"),
        pytest.param("/news/2026-11-16-harbour.html", date(2026, 11, 16), id="dashes"),
        pytest.param("/news/20261116/harbour", date(2026, 11, 16), id="digits"),
        pytest.param("/meldungen/16-11-2026", date(2026, 11, 16), id="day-first"),
        pytest.param("/2026/11/harbour", None, id="a-month-is-no-day"),
        pytest.param("/2026/13/16/harbour", None, id="no-such-month"),
        pytest.param("/item/202611161234", None, id="a-longer-number"),
        pytest.param("/2026/11/16/on-2025-10-02", None, id="two-days"),
    ],
)
def test_day_in_address(path: str, day: date | None) -> None:
    """A whole day in the path, and only one."""
    assert day_in_address(f"https://news.example.com{path}") == day


def test_a_time_of_another_day_than_the_address() -> None:
    """A time element far from the day in the address is another article's."""
    body = f"<main><h1>Board votes to dredge</h1><time datetime='2009-04-11T18:06:36Z'></time>{TEXT}</main>"
    found = extracted(body, url="https://news.example.com/2026/11/16/harbour")
    assert (found.published_source, str(found.published_at)[:10]) == ("url", "2026-11-16")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            "<div class='post category-popular tag-menu'><h1>{}</h1><p>16 November 2026</p>{}</div>", id="class"
        ),
        pytest.param("<h1>{}</h1><div class='teaser-meta'>Ann Lee, 16 November 2026</div>{}", id="notes"),
        pytest.param("<h1>{}</h1><aside class='article-data'><dd>16.11.2026</dd></aside>{}", id="aside"),
        pytest.param("<h1>{}</h1><ul class='nav meta'><li>16 November 2026</li></ul>{}", id="nav-meta"),
        pytest.param("<h1>{}</h1>{}<p><i>Posted on </i><b>16 November 2026</b></p>", id="below"),
        pytest.param(
            "<h1>{}</h1><p>Harlan Bay, 16 November 2026 – The ferries lie still, " + "and wait " * 20 + "</p>{}",
            id="dateline",
        ),
    ],
)
def test_beside_the_headline_whatever_it_is_called(body: str) -> None:
    """What holds the headline is no sidebar, nor is a short note about the article; a text may open with its day."""
    found = extracted(body.format("Board votes to dredge", TEXT), language="de" if "16.11" in body else "en")
    assert (found.published_source, str(found.published_at)[:10]) == ("text", "2026-11-16")


@pytest.mark.parametrize(
    ("body", "day"),
    [
        pytest.param("<div class='top'><time datetime='2026-11-24T13:00Z'>Today</time></div><main><h1>{}</h1>"
                     "<time datetime='2026-11-16'></time>{}</main>", "2026-11-16", id="clock-of-the-site"),
        pytest.param("<h1>{}</h1><time datetime='2026-11-20T10:18:46Z'>Published 16 November 2026</time>{}",
                     "2026-11-16", id="shows-another-day"),
        pytest.param("<h1>{}</h1><time datetime='2026-11-16T23:30:00Z'>17 November 2026</time>{}",
                     "2026-11-16", id="shows-the-local-day"),
        pytest.param("<h1>{}</h1>{}<div class='kb-comment-box'><time datetime='2026-11-20'></time></div>", None,
                     id="comment"),
    ],
)  # fmt: skip
def test_time_elements(body: str, day: str | None) -> None:
    """The time element that counts is the one beside the headline, and what it shows its readers."""
    found = extracted(body.format("Board votes to dredge", TEXT)).published_at
    assert (found and found.date().isoformat()) == day
