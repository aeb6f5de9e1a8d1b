"""Days that a page shows its readers, where neither its data nor the feed names one."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.page.extract import extract_article
from ingest.page.dating.address import day_in_address
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
