"""Archive pages by template: which are asked for, and what a missing one means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from ingest.errors import BudgetSpent, HttpStatus
from tests.wirecopy.history.asking_sites import asking, read
from tests.wirecopy.running import serving
from wirecopy.history.template import MOST_PAGES, pages_of, read_archive

DAY = timedelta(days=1)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "template, pages",
    [
        ("/{yyyy}/{mm}/{dd}/", ["/2025/12/31/", "/2026/01/01/", "/2026/01/02/"]),
        ("/{d}-{m}-{yyyy}.html", ["/31-12-2025.html", "/1-1-2026.html", "/2-1-2026.html"]),
        ("/{yyyy}/{mm}/", ["/2025/12/", "/2026/01/"]),
        ("/{yyyy}", ["/2025", "/2026"]),
    ],
)
def test_pages_of_a_day(template, pages):
    """The local days that share an instant with it; each month and year once."""
    assert [url for url, _ in pages_of(template, NEW_YEAR, NEW_YEAR + DAY)] == pages


def documents(pages: dict[str, str]):
    async def answer(request: web.Request) -> web.Response:
        text = pages.get(request.path_qs)
        return web.Response(text=text, content_type="text/html") if text else web.Response(status=404)

    with serving(answer) as address:
        template = address + "/{yyyy}/{mm}/{dd}/"
        return asking(lambda fetch: read(read_archive(template, NEW_YEAR, NEW_YEAR + DAY, fetch)))


def test_further_pages_and_days_without_any():
    """A day page's further pages belong to it; a day that is missing has no articles."""
    first = '<a href="/2026/01/01/?page=2">2</a><a href="/a-slug-of-words">A</a>'
    found = documents({"/2025/12/31/": "<a href='/b-slug-of-words'>B</a>", "/2026/01/01/": first,
                       "/2026/01/01/?page=2": f"{first}<a href='/c-slug-of-words'>C</a>"})  # fmt: skip
    assert [(one.page.url.partition("/20")[2], one.complete) for one in found] == [
        ("25/12/31/", False),
        ("26/01/01/", False),
        ("26/01/01/?page=2", True),
    ]


def test_a_day_of_many_pages():
    """All of them, though the first one names them at once; of endless ones it is told that there are more."""

    def day(count: int) -> dict[str, str]:
        pages = "".join(f"<a href='/2026/01/01/?page={number}'>x</a>" for number in range(2, count + 1))
        addresses = ["/2026/01/01/", *(f"/2026/01/01/?page={number}" for number in range(2, count + 1))]
        return {address: f"{pages}<a href='/{n}-slug-of-words'>A</a>" for n, address in enumerate(addresses)}

    assert len(documents(day(MOST_PAGES))) == MOST_PAGES
    with pytest.raises(BudgetSpent, match="1 of them were not read"):
        documents(day(MOST_PAGES + 1))


def test_a_template_that_leads_nowhere_is_told():
    """All three days missing: the address is wrong."""
    (problem,) = documents({})
    assert isinstance(problem, HttpStatus)
