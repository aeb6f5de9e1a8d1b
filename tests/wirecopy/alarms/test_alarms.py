"""When alarms stand: by what polls, outcomes, files and the disk say."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.wirecopy.builders import at, capture, commit, name
from tests.wirecopy.steps.test_judging import HOSTS, all_end, desk, run  # noqa: F401 - five feeds on five hosts
from tests.wirecopy.store.test_ledger import outcome
from wirecopy import steps
from wirecopy.records import FoundRun, SeenRun, SeenRuns
from wirecopy.store.alerts import read_alerts
from wirecopy.store.files.layout import Layout
from wirecopy.store.ledger import append_log

RED: SeenRuns = {
    "dag_id": "wirecopy_day",
    "daily": True,
    "newest": at(24).isoformat(),
    "green_after": at(24).isoformat(),
    "failed": [
        {
            "run_id": "r",
            "start": at(0).isoformat(),
            "after": at(24).isoformat(),
            "ended": at(25).isoformat(),
            "why": "13 of 13 feeds",
        }
    ],
}


def kinds(patch: pytest.MonkeyPatch, now: datetime, **settings: object) -> dict[str, str]:
    """The kinds of alarms that are raised at *now*, each with what it says; nothing is booked."""
    patch.setenv("WIRECOPY_NOW", now.isoformat())
    for key, value in settings.items():
        patch.setenv(f"WIRECOPY_{key.upper()}", str(value))
    return {event["kind"]: event["says"] for event in steps.watch()["events"]}


def test_a_well_desk_has_none(layout: Layout, monkeypatch: pytest.MonkeyPatch):
    """All feeds were read a moment ago; and an empty desk has nothing to tell either."""
    assert kinds(monkeypatch, at(10)) == {}
    run(layout, 0, all_end("ok"))
    assert kinds(monkeypatch, at(10.2)) == {}


def test_late(layout: Layout, monkeypatch: pytest.MonkeyPatch):
    """Feeds are due and nobody polls them; while that stands, no feed is blamed."""
    run(layout, 0, all_end("ok"))
    run(layout, 1, all_end("connect"))
    found = kinds(monkeypatch, at(14))
    assert set(found) == {"run_late"}
    assert "no feed has been polled since 2026-11-22 11:00 UTC" in found["run_late"]


def test_most_feeds_cannot_be_read(layout: Layout, monkeypatch: pytest.MonkeyPatch):
    """Three of five; two of five are their own affair."""
    run(layout, 0, all_end("ok"))
    run(layout, 1, all_end("ok") | {"a": "connect", "b": "timeout"})
    assert kinds(monkeypatch, at(11.1)) == {}
    run(layout, 2, all_end("ok") | {"a": "connect", "b": "timeout", "c": "connect"})
    assert kinds(monkeypatch, at(12.1)) == {"feeds_unread": "3 of 5 feeds cannot be read (connect 2, timeout 1)"}


def test_articles_stay_away(layout: Layout, monkeypatch: pytest.MonkeyPatch):
    """Daily feeds bring none for a day, though they are read; d, a paper of weekdays, never counts."""
    for day in range(8, 22):
        rows = [_stored(feed, day) for feed in HOSTS if feed != "d" or at(0, day).weekday() < 5]
        append_log(layout, "outcomes", at(0, day).date(), rows)
    run(layout, 1, all_end("ok"))
    assert kinds(monkeypatch, at(11.5)) == {}
    run(layout, 2, all_end("ok"))
    assert kinds(monkeypatch, at(12.3))["no_articles"].startswith("4 of 4 feeds that bring articles every day")
    append_log(layout, "outcomes", at(0).date(), [_stored("a", 22), _stored("b", 22)])
    assert kinds(monkeypatch, at(12.3)) == {}  # half is not most


def _stored(feed: str, day: int) -> dict[str, object]:
    return outcome("stored", entry_key=name(f"{feed} {day}"), feed_id=feed, tried_at=at(12, day), mode="live")


def test_a_disk_that_fills_up(layout: Layout, monkeypatch: pytest.MonkeyPatch):
    """Less is free than the setting asks."""
    run(layout, 0, all_end("ok"))
    assert "disk" not in kinds(monkeypatch, at(10.1))
    assert "GB are free at" in kinds(monkeypatch, at(10.1), least_free=1024**5)["disk"]


def test_copies_that_nobody_computes(layout: Layout, monkeypatch: pytest.MonkeyPatch):
    """Out of date for hours, and seen so for two; not what has just been changed."""
    run(layout, 0, all_end("ok"))
    commit(layout, capture())
    assert kinds(monkeypatch, at(10.1)) == {}
    for path in Path(layout.store).rglob("articles-*.parquet"):
        os.utime(path, (time.time() - 5 * 3600,) * 2)
    assert kinds(monkeypatch, at(10.2)) == {}
    found = kinds(monkeypatch, at(12.3), mute="run_late")
    assert found["copies_out_of_date"].startswith("the copies of 2026-11-22 are out of date")
    steps.dedupe()
    assert kinds(monkeypatch, at(12.4)) == {}


def test_runs_of_airflow(layout: Layout, monkeypatch: pytest.MonkeyPatch):
    """A red day stands until somebody mends it; a daily DAG without a run for more than a day is late."""
    monkeypatch.setenv("WIRECOPY_NOW", at(26).isoformat())
    (event,) = steps.watch(runs=[RED])["events"]
    assert (event["kind"], event["subject"]) == ("run_failed", "wirecopy_day of 2026-11-22")
    assert event["says"] == "wirecopy_day of 2026-11-22 is red: 13 of 13 feeds"
    assert event["since"] == at(25).isoformat()
    monkeypatch.setenv("WIRECOPY_NOW", at(24 + 31).isoformat())
    assert [one["kind"] for one in steps.watch(runs=[{**RED, "failed": []}])["events"]] == ["run_late"]


def test_runs_that_booked_themselves(layout: Layout, monkeypatch: pytest.MonkeyPatch):
    """Red ones are told beside those that Airflow lists, unless a later green run of their DAG has mended them; what
    is settled is booked no more, what is at work is.
    """
    monkeypatch.setenv("WIRECOPY_NOW", at(26).isoformat())
    ends = {
        "early": "failed",
        "green": "success",
        "late": "failed",
        "older": "success",
        "gone": "gone",
        "now": "running",
    }
    hours = {"early": 1.0, "green": 2.0, "late": 3.0, "older": 0.0, "gone": 0.0, "now": 4.0}
    for name_ in ends:
        steps.book_run(dag_id="wirecopy_dedupe", run_id=name_)
        steps.book_run(dag_id="wirecopy_dedupe", run_id=name_)
    assert {run["run_id"] for run in steps.booked_runs()} == set(ends)
    booked = [found_run(one, state, hours[one]) for one, state in ends.items()]
    (event,) = steps.watch(runs=[{**RED, "dag_id": "wirecopy_dedupe", "green_after": None}], booked=booked)["events"]
    assert event["subject"] == "wirecopy_dedupe"
    assert event["says"] == "wirecopy_dedupe of 2026-11-22 00:00 UTC is red: 13 of 13 feeds"  # of the latest turn
    quiet: SeenRuns = {**RED, "dag_id": "wirecopy_dedupe", "failed": [], "green_after": at(2.5).isoformat()}
    (event,) = steps.watch(runs=[quiet], booked=booked)["events"]
    assert "wirecopy_dedupe of 2026-11-22 03:00 UTC is red: late has failed" in event["says"]
    assert {run["run_id"] for run in steps.booked_runs()} == {"late", "green", "now"}
    assert steps.watch(runs=[{**quiet, "green_after": at(3.5).isoformat()}], booked=booked)["events"] == []
    assert {run["run_id"] for run in steps.booked_runs()} == {"green", "now"}


def found_run(name_: str, state: str, hour: float) -> FoundRun:
    """A run of wirecopy_dedupe as Airflow tells it."""
    when = at(hour).isoformat()
    run: SeenRun = {"run_id": name_, "start": when, "after": when, "ended": when, "why": f"{name_} has failed"}
    return {"dag_id": "wirecopy_dedupe", "state": state, "run": run}


def test_what_was_told_is_in_the_table(layout: Layout, monkeypatch: pytest.MonkeyPatch):
    """Raised, then nothing, then cleared."""
    monkeypatch.setenv("WIRECOPY_NOW", at(26).isoformat())
    for runs in ([RED], [RED], []):
        steps.book_alarms(events=steps.watch(runs=runs)["events"], told=True)
    now = at(26) + timedelta(minutes=1)
    assert [(row["event"], row["subject"], row["told"]) for row in read_alerts(layout, now)] == [
        ("raised", "wirecopy_day of 2026-11-22", True),
        ("cleared", "wirecopy_day of 2026-11-22", True),
    ]


def test_a_wrong_feed_list_is_an_alarm(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """It names the line."""
    (tmp_path / "feeds.toml").write_text("[[feed]]\nidd = 1\n")
    assert "line 2" in kinds(monkeypatch, at(10))["feed_list"]
