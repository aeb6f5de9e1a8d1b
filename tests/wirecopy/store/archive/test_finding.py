"""finding: a capture by its fetch_id, or its beginning; lists by day, feed and address."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.records import Capture
from tests.wirecopy.builders import DAY, a_page, an_entry, at
from tests.wirecopy.store.test_ledger import outcome, poll
from wirecopy.errors import UsageError
from wirecopy.schedule import Interval
from wirecopy.store.archive.finding import find_capture, list_captures
from wirecopy.store.archive.raw import write_raw
from wirecopy.store.ledger import append_log


def page(slug: str, fetch_id: str, hour: float = 10, day: int = 22, feed: str = "gazette") -> Capture:
    """A captured page with a chosen fetch_id."""
    found = a_page(slug, fetch_id=fetch_id.ljust(32, "0"), fetched_at=at(hour, day))
    return Capture(kind="page", feed_id=feed, page=found, entry=an_entry(slug))


FIRST, SECOND, OTHER = page("a", "abcdef1"), page("b", "abcdef2", 9), page("c", "123456", 1, 23, "ledger")


@pytest.fixture
def archived(layout):
    """Two captures of a committed part, one of an import that no outcome names."""
    write_raw(layout, DAY, "p.a.0.0", [FIRST, SECOND])
    write_raw(layout, date(2026, 11, 23), "imported-2026-11-24-x", [OTHER])
    rows = [outcome(fetch_id=one.page.fetch_id, entry_key=one.page.fetch_id) for one in (FIRST, SECOND)]
    append_log(layout, "outcomes", DAY, rows)
    return layout


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param(FIRST.page.fetch_id, FIRST, id="whole"),
        pytest.param("ABCDEF2", SECOND, id="beginning-in-capitals"),
        pytest.param("123456", OTHER, id="not-in-the-ledger"),
    ],
)
def test_found_by_fetch_id(archived, asked, found):
    """Whole or its beginning, booked or not."""
    assert find_capture(archived, asked)[1] == found


def test_the_ledger_says_where_to_look(archived):
    """A booked capture is found without a look at any other file."""
    (archived.raw_folder(DAY) / "a-torn-file.parquet").write_bytes(b"not to be opened")
    assert find_capture(archived, FIRST.page.fetch_id)[0].stem == "p.a.0.0"


def test_booked_under_another_part(archived):
    """A page of raw/ that a past run used is booked under that run's part: every file is asked then."""
    append_log(archived, "outcomes", DAY, [outcome(part="q.b.0.0", fetch_id=OTHER.page.fetch_id)])
    append_log(archived, "polls", DAY, [poll(part="q.b.0.0", fetch_id="f" * 32)])
    assert find_capture(archived, OTHER.page.fetch_id)[1] == OTHER


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        pytest.param("abcdef", "begins 2 fetch_ids", id="ambiguous"),
        pytest.param("f" * 32, "`wirecopy raw list`", id="unknown"),
        pytest.param("abc", "the first 6", id="too-short"),
        pytest.param("harbour", "is no fetch_id", id="no-hex"),
    ],
)
def test_what_cannot_be_found_says_what_to_do(archived, asked, says):
    """One message with the next step."""
    with pytest.raises(UsageError, match=says):
        find_capture(archived, asked)


@pytest.mark.parametrize(
    ("how", "found"),
    [
        pytest.param({"interval": None}, [SECOND, FIRST, OTHER], id="all-oldest-first"),
        pytest.param({"interval": Interval(start=at(0), end=at(24))}, [SECOND, FIRST], id="a-day"),
        pytest.param({"interval": Interval(start=at(9.5), end=at(10.5))}, [FIRST], id="an-hour"),
        pytest.param({"interval": None, "feed_id": "ledger"}, [OTHER], id="a-feed"),
        pytest.param({"interval": None, "url": "HTTPS://gazette.example/a?utm_source=x"}, [FIRST], id="an-address"),
    ],
)
def test_lists(archived, how, found):
    """By instants of fetching, by feed, by any spelling of an address."""
    assert [row["fetch_id"] for row in list_captures(archived, **how)] == [one.page.fetch_id for one in found]
