"""WARC files as a source of history: by exact site, each file once, resumed at the record, ranges for what is added."""

from __future__ import annotations

import asyncio
import gzip
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from ingest.errors import HttpStatus
from tests.wirecopy.builders import content
from tests.wirecopy.history.test_history import TEXT, a_day, a_feed
from tests.wirecopy.running import ANCHOR, serving
from tests.wirecopy.warc.ccnews import Shot, write_ccnews
from wirecopy.history.warc import collecting
from wirecopy.history.warc.lists import archives_of
from wirecopy.schedule import Interval
from wirecopy.steps import find_places
from wirecopy.store.archive.raw import raw_files, read_heads
from wirecopy.store.files.layout import Layout
from wirecopy.store.warc.holdings import Holdings

pytestmark = pytest.mark.slow

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
END = ANCHOR - 30 * DAY  # of the past day: the 25th of October
LOANED = Path(__file__).parents[3] / ".." / "shared" / "data" / "warc"
SITE = "https://www.gazette.example"


def shot(path: str, published: datetime, captured: datetime | None = None, site: str = SITE) -> Shot:
    """A page that was captured two hours after it was published, or at *captured*."""
    meta = f'<meta property="article:published_time" content="{published.isoformat()}">'
    body = f"<article><h1>Of {path}</h1><p>{TEXT * 5}{site}{path}</p></article>"
    html = f"<html><head>{meta}</head><body>{body}</body></html>"
    return Shot(f"{site}{path}", html, captured or published + 2 * HOUR)


SHOTS = [
    shot("/eve", END - DAY - timedelta(seconds=1)),
    shot("/first", END - DAY, END - DAY + 2 * HOUR),
    shot("/trap-1", END - 9 * HOUR, site="https://notgazette.example"),
    shot("/trap-2", END - 9 * HOUR, site="https://gazette.example.evil.example"),
    shot("/?forward=www.gazette.example/", END - 9 * HOUR, site="https://g.example"),
    shot("/herald", END - 8 * HOUR, site="https://herald.example"),
    shot("/last", END - timedelta(seconds=1)),
    shot("/next", END),
    shot("/late", END - 5 * HOUR, END + 2 * DAY),
]


@pytest.fixture
def desk(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """A feed that shows nothing old, and a server with three files in CC-NEWS's layout. `asked` are (path, Range)."""
    from aiohttp import web

    asked: list[tuple[str, str | None]] = []
    served = tmp_path / "served"
    begun = (END - DAY, END - 12 * HOUR, END + 2 * DAY - HOUR)
    names = [f"CC-NEWS-{at:%Y%m%d%H%M%S}-0000{n}.warc.gz" for n, at in enumerate(begun)]
    folder = served / "crawl-data/CC-NEWS/2026/10"
    for name, shots in zip(names, (SHOTS[:2], SHOTS[2:-1], SHOTS[-1:]), strict=True):
        write_ccnews(folder / name, shots)
    listed = "".join(f"crawl-data/CC-NEWS/2026/10/{name}\n" for name in names)
    (folder / "warc.paths.gz").write_bytes(gzip.compress(listed.encode()))

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/feed.json":
            return web.Response(
                text=a_feed(f"http://{request.host}", ("/new", ANCHOR)), content_type="application/json"
            )
        if request.path.startswith("/crawl-data/"):
            asked.append((request.path.rpartition("/")[2], request.headers.get("Range")))
        path = served / request.path.lstrip("/")
        return web.FileResponse(path) if path.is_file() else web.Response(status=404)

    def feeds(*hosts: str) -> None:
        listed = [f'[[feed]]\nid = "gazette"\nurl = "{address}/feed.json"\npublisher = "Gazette"\nhistory = ["warc"]\n']
        listed += ["[publishers]\n", *(f'"{host}" = "Gazette"\n' for host in hosts)]
        (tmp_path / "feeds.toml").write_text("".join(listed))

    with serving(answer) as address:
        for name, value in {
            "WIRECOPY_DATA": str(layout.root), "WIRECOPY_FEEDS": str(tmp_path / "feeds.toml"),
            "WIRECOPY_NOW": ANCHOR.isoformat(), "WIRECOPY_ALLOW_NETWORKS": "127.0.0.0/8", "WIRECOPY_HOST_GAP": "0",
            "WIRECOPY_EXTRACT_WORKERS": "1", "WIRECOPY_SHARDS": "1",
            "WIRECOPY_WARC": f"{address}/crawl-data/CC-NEWS/",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        feeds("gazette.example")
        yield SimpleNamespace(asked=asked, names=names, feeds=feeds, folder=folder, address=address)


def stored(layout: Layout) -> dict[str, set[str]]:
    """Articles by date, as paths of their site."""
    found: dict[str, set[str]] = {}
    for row in content(layout, "articles")["articles"]:
        found.setdefault(str(row["date"]), set()).add(row["canonical_url"].split("/", 3)[3])
    return found


def rows(layout: Layout, table: str) -> list[dict[str, Any]]:
    files = [layout.partition(table, day) for day in layout.dates(table)]
    return [row for path in files for row in pl.read_parquet(path).to_dicts()]


def captures(layout: Layout) -> int:
    files = raw_files(layout, (END - 9 * DAY).date(), ANCHOR.date())
    return sum(read_heads(layout, path, ["kind"])["kind"].to_pylist().count("page") for path in files)


def test_a_day_of_ccnews(layout, desk):
    """The day has what any file captured of it, also later, of exactly the feed's site; each file is read once."""
    a_day(END, "first")
    assert stored(layout) == {"2026-10-25": {"first", "last", "late"}}
    assert {row["via"] for row in rows(layout, "articles")} == {"warc"}
    assert {row["feed_id"] for row in rows(layout, "articles")} == {"gazette"}
    assert {row["code"] for row in rows(layout, "outcomes")} <= {"stored", "another_day"}
    assert captures(layout) == 5  # none of the traps, none of the other site
    assert desk.asked == [("warc.paths.gz", None), *((name, None) for name in desk.names)]
    [search] = rows(layout, "searches")  # of a run that found all, too
    tried = len(rows(layout, "outcomes"))
    assert (search["code"], search["complete"], search["documents"]) == ("ok", True, 3)
    assert search["entries"] == search["taken"] == tried
    desk.asked.clear()
    for days in (1, -1):  # the days around it: their pages are in raw/ already
        a_day(END + days * DAY, f"other {days}")
    assert stored(layout) == {"2026-10-25": {"first", "last", "late"}, "2026-10-26": {"next"}, "2026-10-24": {"eve"}}
    assert [name for name, _ in desk.asked if name in desk.names] == []
    a_day(END, "again")
    assert captures(layout) == 5


def test_what_a_check_says_of_archives(layout, desk):
    """Which are set, how many pages of the feed's sites the index has, and how far back; it asks for no file."""
    [before] = find_places()["gazette"]
    a_day(END, "first")
    desk.asked.clear()
    [after] = find_places()["gazette"]
    assert not desk.asked
    assert before["url"] == after["url"] == f"{desk.address}/crawl-data/CC-NEWS/"
    assert "no file was read yet" in before["why"]
    assert "of 3 files read so far: 5 pages of 127.0.0.1, gazette.example, captured" in after["why"]
    assert (before["reaches"], after["reaches"]) == (None, "2026-10-25")


def test_a_site_that_is_added_later_costs_ranges(layout, desk):
    """By the places of the index: a range for each of its pages, and nothing of the rest of the file."""
    a_day(END, "first")
    desk.asked.clear()
    desk.feeds("gazette.example", "herald.example")
    a_day(END, "second")
    assert stored(layout)["2026-10-25"] == {"first", "last", "late", "herald"}
    [(name, span)] = [(name, span) for name, span in desk.asked if name in desk.names]
    start, end = map(int, span.removeprefix("bytes=").split("-"))
    assert name == desk.names[1]
    assert 0 < end - start < 2_500 < (desk.folder / name).stat().st_size


def test_the_order_of_days_does_not_matter(layout, desk, monkeypatch, tmp_path):
    """Files of the disk, oldest day first and newest first: the same content."""
    monkeypatch.setenv("WIRECOPY_WARC", str(desk.folder))
    days = [END, END + DAY]
    found = []
    for number, order in enumerate((days, days[::-1])):
        place = Layout(tmp_path / f"data{number}").make()
        monkeypatch.setenv("WIRECOPY_DATA", str(place.root))
        for day in order:
            a_day(day, f"of {day}")
        found.append(content(place))
        assert stored(place) == {"2026-10-25": {"first", "last", "late"}, "2026-10-26": {"next"}}
    assert found[0] == found[1]


def test_what_cannot_be_read_is_told_and_ends_nothing(layout, desk, monkeypatch):
    """A server without the file: the feed's search failed, the run is green, and the next one brings the day."""
    (desk.folder / desk.names[1]).rename(desk.folder / "away")
    a_day(END, "first")
    assert stored(layout) == {"2026-10-25": {"first"}}
    [search] = [row for row in rows(layout, "searches") if row["source"] == "warc"]
    assert (search["code"], search["failed"], search["complete"]) == ("archive", 1, False)
    assert "404" in search["detail"]
    (desk.folder / "away").rename(desk.folder / desk.names[1])
    a_day(END, "second")
    assert stored(layout)["2026-10-25"] == {"first", "last", "late"}


@pytest.mark.parametrize(("now", "told"), [(datetime(2026, 11, 2, tzinfo=UTC), []), (ANCHOR, ["2026/11"])])
def test_a_month_without_a_list(now, told):
    """One that has just begun has no files yet; of another one it is told."""
    interval, missing = Interval(start=datetime(2026, 10, 31, tzinfo=UTC), end=datetime(2026, 11, 1, tzinfo=UTC)), []

    def read_list(url: str) -> bytes:
        if "/2026/10/" in url:
            return b"crawl-data/CC-NEWS/2026/10/CC-NEWS-20261031100000-00001.warc.gz\n"
        raise HttpStatus(url, "404 Not Found", 404)

    place = ["https://data.example/crawl-data/CC-NEWS/"]
    try:
        found = list(archives_of(place, interval, late=3 * DAY, base=Path(), read_list=read_list, now=now))
        assert [one.location for one in found] == [f"{place[0]}2026/10/CC-NEWS-20261031100000-00001.warc.gz"]
    except HttpStatus as error:
        missing = [error.url.split("CC-NEWS/")[1][:7]]
    assert missing == told


def test_damaged_files_are_counted(layout, desk, monkeypatch, tmp_path):
    """A clipped file gives what it has; the loaned files of real crawlers, whatever is wrong with them, end no run."""
    whole = (desk.folder / desk.names[1]).read_bytes()
    clipped = tmp_path / "clipped" / desk.names[1]
    clipped.parent.mkdir()
    clipped.write_bytes(whole[:-200])
    places = [str(clipped.parent), *([str(LOANED)] if LOANED.is_dir() else [])]
    monkeypatch.setenv("WIRECOPY_WARC", ",".join(places))
    desk.feeds("gazette.example", "example.com", "iana.org", "an.wikipedia.org")
    a_day(END, "first")
    assert stored(layout)["2026-10-25"] == {"last"}
    holding = Holdings(layout).read(str(clipped))
    assert holding.complete
    assert set(holding.counts) & {"clipped", "malformed"}


CHILD = """
import sys
from wirecopy.history.warc import collecting
from wirecopy.steps import plan
collecting.BATCH_SPAN = 60_000
plan(kind="day", run_id="child", start=sys.argv[1], end=sys.argv[2])
"""


def test_killed_in_the_middle(layout, desk, monkeypatch, tmp_path):
    """kill -9 during the download: the next run asks from the record where the last batch ended."""
    from aiohttp import web

    page = shot("/", END - HOUR)
    noise = (page.html + f"<!-- {os.urandom(8_000).hex()} -->" for _ in range(60))
    shots = (page._replace(url=f"{SITE}/{n}", html=html.replace("Of /", f"Of {n}")) for n, html in enumerate(noise))
    big = write_ccnews(tmp_path / desk.names[0], shots)
    body, asked, slow = big.read_bytes(), [], [True]

    async def answer(request: web.Request) -> web.StreamResponse:
        span = request.headers.get("Range")
        asked.append(span)
        start = int(span.removeprefix("bytes=").rstrip("-")) if span else 0
        status = 206 if span else 200
        headers = {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"} if span else {}
        response = web.StreamResponse(status=status, headers={**headers, "Content-Length": str(len(body) - start)})
        await response.prepare(request)
        for at in range(start, len(body), 20_000):
            await response.write(body[at : at + 20_000])
            if slow[0]:
                await asyncio.sleep(0.2)
        return response

    with serving(answer) as address:
        url = f"{address}/{desk.names[0]}"
        monkeypatch.setenv("WIRECOPY_WARC", url)
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, (END - DAY).isoformat(), END.isoformat()], start_new_session=True
        )
        holdings = Holdings(layout)
        deadline = time.monotonic() + 60
        while not ((known := holdings.read(url)) and known.position > 200_000) and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        known = holdings.read(url)
        assert known is not None
        assert 200_000 < known.position < len(body)
        before = captures(layout)
        slow[0] = False
        monkeypatch.setattr(collecting, "BATCH_SPAN", 60_000)
        a_day(END, "again")
    assert asked == [None, f"bytes={known.position}-"]
    assert captures(layout) == 60
    assert before >= known.records
    assert stored(layout)["2026-10-25"] == {str(n) for n in range(60)}
