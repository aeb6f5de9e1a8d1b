"""Which documents of a site's sitemaps are read for a day: without a network, from a dictionary of documents."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.errors import BudgetSpent, HttpStatus, IngestError
from ingest.records import Feed, Page
from ingest.work import Found
from wirecopy.history.searched import Ask
from wirecopy.history.sitemap import Sitemaps
from wirecopy.store.feeds.places import Place

NOW = datetime(2026, 11, 25, tzinfo=UTC)
SITE = "https://gazette.example"
LIST = "<urlset><url><loc>/a</loc></url></urlset>"
HTML = "<html><body>Not found</body></html>"


def index(*names: str, changed: str = "") -> str:
    parts = "".join(f"<sitemap><loc>{SITE}/{name}</loc>{changed}</sitemap>" for name in names)
    return f"<sitemapindex>{parts}</sitemapindex>"


class Documents:
    """A getter of *documents* by name; what is missing answers 404."""

    def __init__(self, documents: dict[str, str], most: int = 99) -> None:
        self.documents, self.most, self.asked = documents, most, list[str]()

    async def document(self, url: str, kind: str) -> Page:
        name = url.removeprefix(f"{SITE}/")
        if len(self.asked) == self.most:
            raise BudgetSpent(url, "the budget is spent")
        self.asked.append(name)
        if name not in self.documents:
            raise HttpStatus(url, "answered 404", 404)
        return Page(
            fetch_id=name, url=url, final_url=url, status=200, headers={}, body=self.documents[name].encode(),
            fetched_at=NOW,
        )  # fmt: skip


def walked(documents: Documents, *roots: str, day: int = 5, year: int = 2026) -> list[Any]:
    """What is read for a day of October: names of lists, with `+` the one that completes them, and codes of errors."""
    place = Place(
        feed_id="g", source="sitemap", url=SITE, checked_at=NOW, detail=json.dumps([f"{SITE}/{r}" for r in roots])
    )
    start = datetime(year, 10, day, tzinfo=UTC)
    ask = Ask(feed=Feed(id="g", url=SITE), place=place, url=SITE, start=start, end=start.replace(day=day + 1), now=NOW)

    async def read() -> list[Any]:
        found: list[Any] = []
        try:
            reading = Sitemaps.read(Sitemaps.__new__(Sitemaps), ask, documents)  # type: ignore[arg-type]
            async for one in reading:
                found += [_told(one)]
        except IngestError as error:
            found.append(error.code)
        return found

    return asyncio.run(read())


def _told(one: Found | IngestError) -> str:
    if isinstance(one, IngestError):
        return one.code
    return ("" if one.reader else "index ") + one.page.fetch_id + ("+" if one.complete else "")


def test_an_index_of_itself() -> None:
    """A loop is read once around, also over two documents."""
    site = Documents({"a": index("a", "b", "list"), "b": index("a", "b"), "list": LIST})
    assert walked(site, "a") == ["index a", "index b", "list+"]
    assert sorted(site.asked) == ["a", "b", "list"]


def test_indexes_of_indexes() -> None:
    """Three levels deep, and no further."""
    chain = {f"{at}": index(f"{at + 1}") for at in range(9)}
    assert len(walked(Documents(chain), "0")) == 4


def test_days_of_a_year_hold_for_its_parts() -> None:
    """The index of a year lists parts by number: those of other years are not asked for."""
    site = Documents(
        {"i-2025": index("x-1", "x-2"), "i-2026": index("y-1", "y-2"), **dict.fromkeys(("y-1", "y-2"), LIST)}
    )
    assert walked(site, "i-2025", "i-2026") == ["index i-2026", "y-1", "y-2+"]


def test_lists_without_articles_are_left() -> None:
    """Tags, authors, pictures; but if there is nothing else they are read."""
    names = ("post-sitemap.xml", "tag-sitemap.xml", "author-sitemap.xml", "page-sitemap.xml", "video.xml")
    site = Documents({"i": index(*names), **dict.fromkeys(names, LIST)})
    assert walked(site, "i") == ["index i", "post-sitemap.xml+"]
    assert walked(Documents({"i": index("topics.xml"), "topics.xml": LIST}), "i") == ["index i", "topics.xml+"]


def test_numbered_parts() -> None:
    """Those changed before the day are not asked for; the others from the one changed soonest after it."""
    changes = {"p-1": "2026-09-01", "p-2": "2026-11-20", "p-3": "2026-10-07", "p-4": ""}
    parts = "".join(f"<sitemap><loc>{SITE}/{n}</loc><lastmod>{at}</lastmod></sitemap>" for n, at in changes.items())
    site = Documents({"i": f"<sitemapindex>{parts}</sitemapindex>", **dict.fromkeys(changes, LIST)})
    assert walked(site, "i") == ["index i", "p-3", "p-2", "p-4+"]


def test_a_part_that_fails() -> None:
    """The others are read, and the day is not complete."""
    site = Documents({"i": index("s-2026-10-1", "s-2026-10-2", "s-2026-09-1"), "s-2026-10-2": LIST})
    assert walked(site, "i") == ["http_4xx", "index i", "s-2026-10-2"]


def test_hidden_parts() -> None:
    """Tried once by the pattern of those listed, then by number; a page that says it is none counts for nothing."""
    site = Documents({"i": index("s-2026-09-1", "s-2026-10-1"), "s-2019-10-1": LIST, "s-2019-10-2": LIST})
    assert walked(site, "i", year=2019) == ["index i", "s-2019-10-1", "s-2019-10-2+"]
    assert site.asked[-1] == "s-2019-10-3"
    assert walked(Documents({"i": index("s-2026-09", "s-2026-10")}), "i", year=2019) == ["index i+"]
    says_so = Documents({"i": index("s-2026-09", "s-2026-10"), "s-2019-10": HTML})
    assert walked(says_so, "i", year=2019) == ["index i", "index s-2019-10+"]


@pytest.mark.parametrize(("most", "found"), [(1, ["index i", "deferred"]), (2, ["index i", "a", "deferred"])])
def test_a_budget_that_is_spent(most: int, found: list[str]) -> None:
    """What was read before is given, and nothing is complete."""
    site = Documents({"i": index("a", "b", "c"), **dict.fromkeys("abc", LIST)}, most=most)
    assert walked(site, "i") == found
