"""unbooked: what lies in raw/ and no run has used."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.records import Capture
from tests.wirecopy.builders import DAY, a_page, an_entry, at
from tests.wirecopy.store.test_ledger import outcome, poll
from wirecopy.schedule import Interval
from wirecopy.store.archive.raw import write_raw
from wirecopy.store.archive.unprocessed import unprocessed_captures
from wirecopy.store.ledger import append_log

SUNDAY = Interval(start=at(0), end=at(24))


def page(slug: str, seen: Any, published: Any) -> Capture:
    """A captured page whose entry says *published*."""
    return Capture(
        kind="page", feed_id="gazette", page=a_page(slug, seen=seen), entry=an_entry(slug, published_at=published)
    )


def document(seen: Any) -> Capture:
    """A captured feed document."""
    return Capture(kind="feed", feed_id="gazette", page=a_page("feed.xml", seen=seen))


@pytest.mark.parametrize(
    ("capture", "used"),
    [
        pytest.param(page("a", at(10), at(9)), True, id="published-inside"),
        pytest.param(page("a", at(10, 25), at(9)), True, id="published-inside-captured-later"),
        pytest.param(page("a", at(20, 21), at(1)), True, id="captured-shortly-before-its-date"),
        pytest.param(page("a", at(10), at(9, 21)), False, id="published-elsewhere"),
        pytest.param(page("a", at(10), at(24)), False, id="published-at-the-end"),
        pytest.param(page("a", at(10), None), True, id="undated-captured-inside"),
        pytest.param(page("a", at(10, 23), None), False, id="undated-captured-elsewhere"),
        pytest.param(document(at(10)), True, id="document"),
        pytest.param(document(at(10, 25)), True, id="later-document-may-show-it"),
        pytest.param(document(at(10, 19)), False, id="document-of-long-before"),
    ],
)
def test_what_an_interval_needs(layout, capture, used):
    """Pages published inside, or undated and captured inside; documents that may show entries of it."""
    write_raw(layout, capture.page.fetched_at.date(), "copied", [capture])
    heads = unprocessed_captures(layout, SUNDAY)
    assert [head["fetch_id"] for head in heads] == ([capture.page.fetch_id] if used else [])
    assert all(head["raw_file"].endswith("/copied.parquet") for head in heads)


def test_booked_captures_are_done(layout):
    """A page that an outcome names and a document that a poll names, in a file of another store's part, are left
    alone.
    """
    captures = [page("a", at(10), at(9)), page("b", at(11), at(9)), document(at(10))]
    write_raw(layout, DAY, "copied", captures)
    append_log(layout, "outcomes", DAY, [outcome(fetch_id=captures[0].page.fetch_id)])
    append_log(layout, "polls", DAY, [poll(fetch_id=captures[2].page.fetch_id)])
    assert [head["fetch_id"] for head in unprocessed_captures(layout, SUNDAY)] == [captures[1].page.fetch_id]


def test_committed_parts_are_not_opened(layout):
    """A raw file whose part is in the ledger has no unbooked page."""
    path = write_raw(layout, DAY, "p.a.0.0", [page("a", at(10), at(9))])
    append_log(layout, "polls", DAY, [poll(part="p.a.0.0")])
    path.write_bytes(b"not to be opened")
    assert unprocessed_captures(layout, SUNDAY) == []


def test_leftovers_of_a_document_are_found(layout):
    """A run left entries of the interval alone (outside of its own): the document is used again, though a poll names
    it.
    """
    shown = document(at(10, 24))
    write_raw(layout, shown.page.fetched_at.date(), "p.a.0.0", [shown])
    append_log(
        layout,
        "polls",
        at(0, 24).date(),
        [poll(fetch_id=shown.page.fetch_id, oldest_left=at(3), newest_left=at(9, 23))],
    )
    assert [head["fetch_id"] for head in unprocessed_captures(layout, SUNDAY)] == [shown.page.fetch_id]


def test_pages_first_then_oldest(layout):
    """The order of work."""
    captures = [document(at(8)), page("a", at(11), at(9)), page("b", at(10), at(9))]
    write_raw(layout, DAY, "copied", captures)
    heads = unprocessed_captures(layout, SUNDAY)
    assert [(head["kind"], head["fetched_at"]) for head in heads] == [
        ("page", at(10)),
        ("page", at(11)),
        ("feed", at(8)),
    ]
