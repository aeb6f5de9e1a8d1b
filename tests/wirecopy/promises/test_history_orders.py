"""The order of live runs and backfills does not matter, nor do deaths: articles and texts are the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.wirecopy.builders import content
from tests.wirecopy.history.test_history import TEXT, a_feed
from tests.wirecopy.running import ANCHOR, serving, settings_of, work
from wirecopy.store.files.layout import Layout

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
DAYS = [ANCHOR - number * DAY for number in (6, 5, 4)]  # their ends
COMMAND = (str(Path(sys.executable).with_name("wirecopy")),)


def published() -> dict[str, datetime]:
    """Four articles a day, at both borders too."""
    hours = (0, 7, 15, 23.9997)
    return {f"/{end:%m-%d}-{at}": end - DAY + timedelta(hours=h) for end in DAYS for at, h in enumerate(hours)}


ARTICLES = published()
SHOWN = [path for at, path in enumerate(ARTICLES) if at % 3 == 0]  # that the feed still shows
NAMELESS = SHOWN[1]  # its page has no date: the feed knows it, the sitemap does not


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[str, dict[str, Any]]]:
    """A newspaper: its feed dates a third of the articles, its sitemap lists all and dates none."""
    from aiohttp import web

    control: dict[str, Any] = {"asked": [], "hook": None}

    async def answer(request: web.Request) -> web.Response:
        here, path = f"http://{request.host}", request.path
        control["asked"].append(path)
        if path == "/feed.json":
            text = a_feed(here, *((path, ARTICLES[path]) for path in SHOWN))
            return web.Response(text=text, content_type="application/json")
        if path == "/sitemap.xml":
            urls = "".join(f"<url><loc>{here}{path}</loc><lastmod>2026-11-24</lastmod></url>" for path in ARTICLES)
            return web.Response(text=f"<urlset>{urls}</urlset>", content_type="text/xml")
        if path not in ARTICLES:
            return web.Response(status=404)
        if control["hook"]:
            control["hook"]()
        meta = f'<meta property="article:published_time" content="{ARTICLES[path].isoformat()}">'
        head = f"<head><title>Of {path}</title>{'' if path == NAMELESS else meta}</head>"
        body = f"<article><h1>Of {path}</h1><p>{TEXT * 5}{path}</p></article>"
        return web.Response(text=f"<html>{head}<body>{body}</body></html>", content_type="text/html")

    with serving(answer) as address:
        yield address, control


class Store:
    """A store of its own for each order."""

    def __init__(self, folder: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.layout = Layout(folder / "data")
        folder.mkdir()
        (folder / "feeds.toml").write_text(
            f'[[feed]]\nid = "gazette"\nurl = "{address}/feed.json"\nhistory = ["sitemap"]\n'
        )
        self.settings = settings_of(self.layout, folder / "feeds.toml")
        for name, value in self.settings.items():
            monkeypatch.setenv(name, value)

    def live(self) -> None:
        work("live", ANCHOR, timedelta(minutes=15), "live")

    def day(self, end: datetime) -> None:
        assert work("day", end, DAY, f"day-{end:%d}")["unaccounted"] == 0

    def command(self, *days: datetime) -> subprocess.Popen[bytes]:
        first, last = min(days) - DAY, max(days) - DAY
        words = ["run", "--from", f"{first:%Y-%m-%d}", "--to", f"{last:%Y-%m-%d}", "--no-dedupe"]
        return subprocess.Popen([*COMMAND, *words], env=os.environ | self.settings, stderr=subprocess.DEVNULL)

    def content(self) -> dict[str, Any]:
        return content(self.layout, "articles", "revisions")


@pytest.fixture(scope="module")
def expected(site: tuple[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What live first and the newest day first give."""
    with pytest.MonkeyPatch.context() as patch:
        store = Store(tmp_path_factory.mktemp("expected") / "first", site[0], patch)
        store.live()
        for end in reversed(DAYS):
            store.day(end)
    found = store.content()
    assert len(found["articles"]) == len(ARTICLES)
    assert {str(row["date"]) for row in found["articles"]} == {f"{end - DAY:%Y-%m-%d}" for end in DAYS}
    return found


def test_backfill_then_live(site: Any, expected: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest day first; a page that the sitemap could not date is taken when the feed dates it."""
    store = Store(tmp_path / "store", site[0], monkeypatch)
    for end in DAYS:
        store.day(end)
    store.live()
    assert store.content() == expected


def test_a_source_that_is_added_later(
    site: Any, expected: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Backfilled without history first, then with it: what is lacking is added."""
    store = Store(tmp_path / "store", site[0], monkeypatch)
    monkeypatch.setenv("WIRECOPY_HISTORY", "false")
    for end in DAYS[:2]:
        store.day(end)
    monkeypatch.setenv("WIRECOPY_HISTORY", "true")
    for end in DAYS:
        store.day(end)
    assert store.content() == expected


def test_a_neighbouring_day_ends_meanwhile(
    site: Any, expected: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the plan and the pull of a day the run of another one finds that pages belong here: they are taken."""
    store = Store(tmp_path / "store", site[0], monkeypatch)
    store.live()
    work("day", DAYS[1], DAY, "late", between=lambda: store.day(DAYS[0]))
    store.day(DAYS[2])
    assert store.content() == expected


def test_two_at_once_and_a_kill(site: Any, expected: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes backfill overlapping days; one is killed among its pages, and run again."""
    address, control = site
    store = Store(tmp_path / "store", address, monkeypatch)
    pages: list[float] = []
    control["hook"] = lambda: pages.append(time.monotonic())
    try:
        first, second = store.command(*DAYS[:2]), store.command(*DAYS[1:])
        while len(pages) < 5 and first.poll() is None:
            time.sleep(0.01)
        first.send_signal(signal.SIGKILL)
        first.wait(60)
        assert second.wait(120) == 0
        assert store.command(*DAYS[:2]).wait(120) == 0
    finally:
        control["hook"] = None
    assert store.content() == expected
