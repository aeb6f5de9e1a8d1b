"""Parts of archives: the days that their addresses name, as far as siblings confirm them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from ingest.history.archivedates import same_shape
from ingest.history.hints import days
from ingest.history.siblings import hidden_parts, next_part, parts_of
from ingest.records import Span

SURVEY = Path(__file__).parents[4] / "shared/data/archives/archive_urls.tsv"
DAY = timedelta(days=1)
SITE = "https://gazette.example"
MISREAD = (  # by one address alone: a half-year named by its first day, and a number that may be a year
    "https://googlecrawl.npr.org/standard/sitemap_standard_01-Jul-26.xml",
    "https://nypost.com/sitemap-1865.xml",
)


def listed(*names: str) -> list[tuple[str, datetime | None]]:
    return [(f"{SITE}/{name}", None) for name in names]


def first_and_last(span: Span | None) -> tuple[str, str] | None:
    if span is None or span.start is None:
        return None
    return span.start.date().isoformat(), (span.end - DAY).date().isoformat() if span.end else ""


@pytest.mark.skipif(not SURVEY.exists(), reason=f"{SURVEY} is on loan, and not here")
def test_real_addresses() -> None:
    """What publishers call the parts of their archives."""
    lines = [line.split("\t") for line in SURVEY.read_text().splitlines() if line and not line.startswith("#")]
    read = {url: first_and_last(next((found[0].span for found in same_shape([url])), None)) for url, *_ in lines}
    wrong = [url for url, first, last, *_ in lines if read[url] != (None if first == "-" else (first, last))]
    assert sorted(wrong) == sorted(MISREAD)
    assert len(lines) > 40


SEPTEMBER, OCTOBER = ("2026-09-01", "2026-09-30"), ("2026-10-01", "2026-10-31")
YEARS = [(f"{year}-01-01", f"{year}-12-31") for year in (2024, 2025, 2026)]
CASES: dict[str, tuple[list[str], list[Any]]] = {
    "months": (["s-2026-9.xml", "s-2026-10.xml"], [SEPTEMBER, OCTOBER]),
    "days": (["2026/10/05/", "2026/10/06/"], [("2026-10-05", "2026-10-05"), ("2026-10-06", "2026-10-06")]),
    "query": (["s?yyyy=2026&mm=09", "s?yyyy=2026&mm=10"], [SEPTEMBER, OCTOBER]),
    "years": (["s-2025.xml", "s-2026.xml"], YEARS[1:]),
    "half-years": (["s-2026-h1.xml", "s-2026-h2.xml"], [("2026-01-01", "2026-06-30"), ("2026-07-01", "2026-12-31")]),
    "half-years-by-first-day": (["01-Jan-26.xml", "01-Jul-26.xml"], [("2026-01-01", "2026-06-30"), ("2026-07-01", "")]),
    "names-of-months": (["2026-september.xml", "2026-october.xml"], [SEPTEMBER, OCTOBER]),
    "parts-of-months": (["s-2026-09-1.xml", "s-2026-09-2.xml", "s-2026-10-1.xml"], [SEPTEMBER, SEPTEMBER, OCTOBER]),
    "parts-of-years": ([f"s-{year}-{part}.xml" for year, part in product((2024, 2025, 2026), (1, 2))],
                       [year for year in YEARS for _ in range(2)]),
    "the-year-of-an-election": (["2016_election_sitemap.xml", "sport_sitemap.xml"], [None, None]),
    "numbered-parts": ([f"s-{number}.xml" for number in (1, 2, 2025, 2026)], [None] * 4),
    "pages": (["s?page=2024", "s?page=2025"], [None, None]),
    "alone": (["s-2026-10.xml"], [None]),
}  # fmt: skip


@pytest.mark.parametrize(("names", "spans"), CASES.values(), ids=CASES)
def test_siblings_confirm(names: list[str], spans: list[Any]) -> None:
    """A date is believed if the parts differ in just that, and the numbers in its place are dates."""
    assert [first_and_last(part.span) for part in parts_of(listed(*names))] == spans


TWO = ["s-2026-09.xml", "s-2026-10.xml"]
HIDDEN: dict[str, tuple[list[str], str, list[str]]] = {
    "older": (TWO, "2021-03-15", ["s-2021-03.xml"]),
    "unpadded-and-near-a-border": (["s-2026-9.xml", "s-2026-10.xml"], "2021-03-31", ["s-2021-3.xml", "s-2021-4.xml"]),
    "the-first-of-numbered": (
        [*("s-2026-09-1.xml", "s-2026-10-1.xml"), "s-2026-10-2.xml"],
        "2021-03-15",
        ["s-2021-03-1.xml"],
    ),
    "listed": (TWO, "2026-09-15", []),
    "newer": (TWO, "2026-12-15", []),
    "no-dates": (["s-1.xml", "s-2.xml"], "2021-03-15", []),
}


@pytest.mark.parametrize(("names", "day", "guesses"), HIDDEN.values(), ids=HIDDEN)
def test_what_an_index_hides(names: list[str], day: str, guesses: list[str]) -> None:
    """The date that is wanted, in the pattern of the parts that are listed."""
    found = hidden_parts(parts_of(listed(*names)), days(date.fromisoformat(day)))
    assert [part.url.removeprefix(f"{SITE}/") for part in found] == guesses


def test_the_part_after_a_guess() -> None:
    """It has the next number, of the same month."""
    [guess] = hidden_parts(parts_of(listed("a-2026-09-p00.xml", "a-2026-10-p00.xml")), days(date(2021, 3, 15)))
    following = next_part(guess)
    assert following
    assert following.url == f"{SITE}/a-2021-03-p01.xml"
    assert first_and_last(following.span) == ("2021-03-01", "2021-03-31")


@pytest.mark.parametrize(
    ("changed", "listed"),
    [("2026-10-03T23:00:00", False), ("2026-10-04T12:00:00", True), ("2026-11-30T00:00:00", True)],
)
def test_a_last_change_only_excludes(changed: str, listed: bool) -> None:
    """A part that was not changed since the day before the interval holds nothing of it."""
    [part] = parts_of([(f"{SITE}/post-sitemap7.xml", datetime.fromisoformat(changed).replace(tzinfo=UTC))])
    assert part.may_list(days(date(2026, 10, 5))) is listed
