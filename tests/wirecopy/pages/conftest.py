"""A small store of our own for the pages: copies, a revision, and texts that try to get out of every place."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from dedupe.params import DEFAULTS
from tests.wirecopy.builders import at, capture, commit, name
from tests.wirecopy.cli import samples
from wirecopy.pages.app import create_app
from wirecopy.settings import Settings
from wirecopy.steps.deduping import compute_date
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import replace_partition
from wirecopy.store.files.rows import to_table
from wirecopy.store.files.schema import TABLES

NOW = at(12, 23)
EVIL = f"{samples.ATTACK} \u202egnp\x07'; DROP TABLE articles;--"
FEED = 'x"><b>/../?#&\u202e'  # an id as no feed list has it, but as a table may
FORMULA = '=HYPERLINK("http://evil.example")'


def settings_of(root: Path) -> Settings:
    """Settings of a data folder, at noon of 23 November 2026."""
    return Settings(data=root, now=NOW)


def client_of(root: Path, **options: Any) -> TestClient:
    """A browser without a window, on the pages of a data folder."""
    return TestClient(create_app(lambda: settings_of(root), **options), base_url="http://127.0.0.1:8090")


def row(slug: str, text: str, publisher: str, hour: float, day: int = 22, **changes: Any) -> dict[str, Any]:
    """An article of a day of November."""
    made = capture(slug, slug, at(hour + 1, day), published_at=at(hour, day), publisher=publisher, **changes)
    return made | {"text": text, "word_count": len(text.split()), "content_hash": name(text)}


def articles() -> list[dict[str, Any]]:
    """An agency's report and its copies, one article that changed, two that attack, and many that are alone."""
    evil: dict[str, Any] = {"title": EVIL, "agency": EVIL, "feed_id": FEED}
    changed = samples.PEARS.replace("two barns", "three barns")
    return [
        row("wire", samples.WIRE, "Meridian Wire", 8, agency="Meridian Wire", title="Northern basin to close"),
        row("second", samples.REWORDED, "Harbor Gazette", 9.5, agency="Meridian Wire", title="Eleven weeks"),
        row("courier", samples.WIRE, "Courier", 11, title="Basin closes"),
        row("formula", samples.WIRE, "Courier", 12, title=FORMULA),
        row("evil-1", f"{EVIL}\n{samples.CHINESE}", EVIL, 9, **evil, url="javascript:alert(1)", language="zh"),
        row("evil-2", f"{samples.CHINESE}\n{EVIL}", EVIL, 10, **evil, url="javascript:alert(2)", language="zh"),
        row("pears", samples.PEARS, "Courier", 10, title="Pears"),
        row("pears", changed, "Courier", 10, title="Pears, corrected")
        | {"fetched_at": at(15), "last_fetched_at": at(15), "first_seen_at": at(15)},
        *(row(f"alone-{day}-{n}", f"{n} {day} " * 30, "Courier", 1, day) for day in (1, 8, 15) for n in range(9)),
    ]


def outcome(slug: str, code: str, feed: str, **changes: Any) -> dict[str, Any]:
    """A row of outcomes, of the live run of 22 November."""
    made = dict.fromkeys(TABLES["outcomes"].names) | {
        "run_id": "scheduled__2026-11-22T10:00:00+00:00", "mode": "live", "entry_key": name(slug), "feed_id": feed,
        "guid": EVIL, "link": "javascript:alert(2)", "title": EVIL, "code": code, "terminal": True, "counted": True,
        "tries": 1, "tried_at": at(10.5), "detail": EVIL, "published_at": at(9),
        "interval_start": at(10), "interval_end": at(10.25),
    }  # fmt: skip
    return made | changes


def poll(feed: str, hour: float, code: str = "ok", **changes: Any) -> dict[str, Any]:
    """A row of polls, of the same run."""
    made = dict.fromkeys(TABLES["polls"].names) | {
        "run_id": "scheduled__2026-11-22T10:00:00+00:00", "mode": "live", "feed_id": feed, "url": EVIL,
        "polled_at": at(hour), "code": code, "detail": EVIL, "entries": 3, "taken": 2, "known": 1, "counted": True,
        "oldest": at(hour - 5), "newest": at(hour), "interval_start": at(10), "interval_end": at(10.25),
    }  # fmt: skip
    return made | changes


@pytest.fixture(scope="session")
def filled_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder, in a folder whose name a glob would misread."""
    root = tmp_path_factory.mktemp("pages") / "a 'desk' [2026] of 100%"
    layout = Layout(root).make()
    commit(layout, *articles())
    day = at(0).date()
    compute_date(layout, day, DEFAULTS)
    evil, pears = (name(f"https://gazette.example/{slug}") for slug in ("evil-1", "pears"))
    replace_partition(
        layout,
        "outcomes",
        day,
        to_table(
            "outcomes",
            [
                outcome("1", "stored", FEED, article_id=evil, fetch_id=name("f")),
                outcome(
                    "2", "stored", "courier", article_id=pears, link="https://gazette.example/pears", title="Pears"
                ),
                outcome("3", "revised", "courier", article_id=pears, tried_at=at(15)),
                outcome("4", "http_5xx", "courier"),
            ],
        ),
    )
    search = dict.fromkeys(TABLES["searches"].names) | {
        "feed_id": FEED,
        "source": "wayback",
        "code": "ok",
        "entries": 5,
    }
    search |= {"detail": EVIL, "taken": 2, "complete": False, "searched_at": at(9)}
    replace_partition(layout, "searches", day, to_table("searches", [search]))
    alarm = {"kind": "feed_silent", "subject": FEED, "says": EVIL, "next_step": "Look at it.", "told": True}
    calm = alarm | {"kind": "disk_filling", "subject": "data"}
    events = [(alarm, "raised", 8), (calm, "raised", 8), (alarm, "lasting", 9), (calm, "cleared", 9)]
    alerts = [one | {"event": event, "at": at(hour), "since": at(8)} for one, event, hour in events]
    replace_partition(layout, "alerts", day, to_table("alerts", alerts))
    polls = [poll(FEED, 9), poll(FEED, 10, "timeout", oldest=None, newest=None), poll("courier", 8)]
    polls += [poll("courier", 20, oldest=at(15), newest=at(20))]
    replace_partition(layout, "polls", day, to_table("polls", polls))
    replace_partition(layout, "polls", day - timedelta(days=1), to_table("polls", [poll("courier", -10)]))
    return root


@pytest.fixture(scope="session")
def pages(filled_root: Path) -> TestClient:
    """The pages of that store."""
    return client_of(filled_root)
