"""raw: captures archived whole or not at all, read by row groups."""

from __future__ import annotations

from datetime import date

import pyarrow.parquet as pq
import pytest

from ingest.records import Capture
from tests.wirecopy.builders import DAY, a_capture, a_page, an_entry, at, name
from wirecopy.store.archive.raw import ROW_GROUP, raw_files, read_captures, read_heads, write_raw

PAGES = [a_capture(f"page-{number}") for number in range(2 * ROW_GROUP + 3)]


def test_round_trip(layout):
    """Pages with their entry, and feed documents, come back as they were."""
    body = bytes(range(256)) * 10
    page = Capture(
        kind="page", feed_id="gazette", page=a_page(body=body), entry=an_entry(updated_at=at(9.5), authors=("Ö",))
    )
    feed = Capture(kind="feed", feed_id="gazette", page=a_page("feed.xml", body=b"<rss>"))
    path = write_raw(layout, DAY, "part", [page, feed])
    assert path == layout.raw / "date=2026-11-22" / "part.parquet"
    assert list(read_captures(layout, path, [page.page.fetch_id, feed.page.fetch_id])) == [page, feed]


def test_row_groups(layout):
    """64 captures a row group; heads without bodies; captures in stored order, whatever the order asked for."""
    path = write_raw(layout, DAY, "part", iter(PAGES))
    assert pq.ParquetFile(path).metadata.num_row_groups == 3
    heads = read_heads(layout, path)
    assert (heads.num_rows, "body" in heads.column_names) == (len(PAGES), False)
    wanted = [PAGES[-1], PAGES[0]]
    assert list(read_captures(layout, path, [capture.page.fetch_id for capture in wanted])) == wanted[::-1]
    assert list(read_captures(layout, path, [name("unknown")])) == []


def test_nothing_to_write(layout):
    """No captures, no file."""
    assert write_raw(layout, DAY, "part", []) is None
    assert list(layout.raw.rglob("*")) == []


def test_failure_leaves_nothing(layout):
    """What breaks while captures come leaves neither a file nor something in staging."""

    def broken():
        yield from PAGES[:100]
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        write_raw(layout, DAY, "part", broken())
    assert [path for path in layout.root.rglob("*") if path.is_file()] == []


def test_raw_files_by_date(layout):
    """Inclusive dates, in the order of date and name."""
    paths = [
        write_raw(layout, date(2026, 11, day), label, PAGES[:1])
        for day, label in ((21, "b"), (21, "c"), (22, "a"), (24, "d"))
    ]
    assert raw_files(layout, date(2026, 11, 21), date(2026, 11, 22)) == paths[:3]
    assert raw_files(layout, date(2026, 11, 23), date.max) == paths[3:]
