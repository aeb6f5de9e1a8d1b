"""What happens to a run when a page, a publisher or nothing at all comes in its way."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from ingest.workers.workers import WorkerPool
from tests.dags.conftest import ANCHOR, DAY, Desk
from tests.dags.poison import SLUG
from tests.wirecopy.builders import content, footprint
from wirecopy import steps

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dags")]  # one AIRFLOW_HOME, and three days filled once
LATER = timedelta(minutes=30)


def ledger(desk: Desk) -> pl.DataFrame:
    """The outcomes, oldest first."""
    return pl.read_parquet(desk.layout.store / "outcomes" / "**" / "*.parquet").sort("tried_at", "tries")


@pytest.fixture
def poisoned(monkeypatch):
    """Pages named by SLUG kill the process that extracts them."""
    with monkeypatch.context() as patch:
        patch.setitem(WorkerPool.__init__.__kwdefaults__, "target", "tests.dags.poison:extract")
        yield patch


def test_a_poisoned_page_holds_back_no_other(desk, poisoned):
    """It ends as `crashed` and turns verdict red; the rest is published; later it is tried again and stored."""
    urls = {one.url for one in desk.newsroom.truth() if one.ends == "article"}
    bad = {url for url in urls if SLUG in url}
    run = desk.run("wirecopy_live", ANCHOR)
    assert (run.state, run.tasks["verdict", -1], run.tasks["publish", -1]) == ("failed", "failed", "success")
    assert {row["canonical_url"] for row in content(desk.layout)["articles"]} == urls - bad
    assert run.report["outcomes"]["crashed"] == run.report["crashed_pages"] == len(bad) > 0
    poisoned.undo()
    again = desk.at(ANCHOR + LATER).run("wirecopy_live", ANCHOR + LATER)
    assert (again.state, again.report["outcomes"]["stored"]) == ("success", len(bad))
    assert {row["canonical_url"] for row in content(desk.layout)["articles"]} == urls
    tries = ledger(desk).filter(pl.col("link").str.contains(SLUG)).sort("entry_key", "tried_at")
    assert tries["code"].to_list() == ["crashed", "stored"] * len(bad)


def test_a_day_with_nothing_succeeds_empty(filled):
    """A day before all archives of the sites: green, no file changes, nothing announced. Pages whose list tells only
    that they are not newer were looked at, and are of other days.
    """
    before = footprint(filled.layout, "articles", "revisions")
    run = filled.run("wirecopy_day", ANCHOR - 400 * DAY)
    assert (run.state, run.report["dates"]) == ("success", [])
    assert set(run.report["outcomes"]) <= {"another_day", "undated"}
    assert footprint(filled.layout, "articles", "revisions") == before


def test_nothing_due_is_an_empty_plan(filled):
    """No feed due, no entry to be tried: pull is skipped, publish and verdict run, announce is skipped."""
    run = filled.run("wirecopy_live", ANCHOR)
    assert run.state == "success"
    assert {task for task, state in run.tasks.items() if state == "skipped"} == {("pull", -1), ("announce", -1)}
    assert run.report["shards"] == 0


def test_a_past_run_never_takes_entries_of_other_days(desk):
    """The feeds show three days; a run of the second day leaves the others alone."""
    run = desk.run("wirecopy_day", ANCHOR - DAY)
    assert run.state == "success"
    assert desk.layout.dates("articles") == [(ANCHOR - 2 * DAY).date()]
    assert run.report["entries"]["outside"] > 0


def test_a_run_without_interval_is_the_last_complete_one(desk):
    """An API trigger with a null logical date; its work is mapped over shards."""
    desk.patch.setenv("WIRECOPY_SHARDS", "3")
    run = desk.at(ANCHOR + timedelta(minutes=7)).run("wirecopy_live", None)
    assert run.state == "success"
    assert (run.report["start"], run.report["mode"]) == ((ANCHOR - timedelta(minutes=15)).isoformat(), "live")
    assert {task for task in run.tasks if task[0] == "pull"} == {("pull", 0), ("pull", 1), ("pull", 2)}
    assert (run.report["shards"], run.report["shards_done"], run.report["unaccounted"]) == (3, 3, 0)


def test_events_name_the_changed_dates(desk):
    """announce adds one partition per date that changed, and none when nothing did."""
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session
    from sqlalchemy import func, select

    def newest() -> int:
        with create_session() as session:
            return session.scalar(select(func.max(AssetEvent.id))) or 0

    before = newest()
    run = desk.run("wirecopy_live", ANCHOR)
    with create_session() as session:
        events = list(session.scalars(select(AssetEvent).where(AssetEvent.id > before)))
        keys = {event.partition_key for event in events}
        extras = [event.extra for event in events]
    assert run.tasks["announce", -1] == "success"
    assert set(run.report["dates"]) <= keys
    assert all(extra["dates"] == run.report["dates"] for extra in extras)
    before = newest()
    assert desk.run("wirecopy_day", ANCHOR).tasks["announce", -1] == "skipped"
    assert newest() == before


def test_a_publisher_that_is_down_costs_no_try(desk):
    """Its entries wait and are taken when it is back; its feeds back off; the live run stays green."""
    day = desk.at(ANCHOR - DAY).run("wirecopy_live", ANCHOR - DAY)
    assert day.state == "success"
    before = len(content(desk.layout)["articles"])
    with desk.switched_off("harbor", "ledger"):
        down = desk.at(ANCHOR).run("wirecopy_live", ANCHOR)
        assert down.state == "success"
        assert down.report["unread_feeds"] == 3
    up = desk.at(ANCHOR + LATER).run("wirecopy_live", ANCHOR + LATER)
    assert up.report["outcomes"]["stored"] > 0
    assert len(content(desk.layout)["articles"]) > before


def test_a_live_run_that_reads_no_feed_says_so(desk, caplog):
    """Green, because the next one asks again; but its log does not look like that of a quiet quarter of an hour."""
    with desk.switched_off(*desk.newsroom.addresses):
        run = desk.run("wirecopy_live", ANCHOR)
    assert (run.state, run.report["unread_feeds"]) == ("success", run.report["due_feeds"])
    caplog.clear()
    with caplog.at_level("WARNING"):
        steps.verdict(run=run.results["plan", "run"], report=run.report)
    assert f"none of the {run.report['due_feeds']} feeds that were due could be read" in caplog.text


def test_a_day_whose_feeds_cannot_be_read_is_red(desk):
    """More than half of the feeds down: what could be read is published, verdict says what to do, and running again
    mends it.
    """
    with desk.switched_off("meridian", "harbor", "courier", "northline", "ledger", "voz"):
        run = desk.run("wirecopy_day", ANCHOR - DAY)
    assert (run.state, run.tasks["publish", -1], run.tasks["verdict", -1]) == ("failed", "success", "failed")
    some = content(desk.layout)["articles"]
    again = desk.run("wirecopy_day", ANCHOR - DAY)
    assert again.state == "success"
    assert len(content(desk.layout)["articles"]) > len(some) > 0


def test_an_outage(desk):
    """After hours without a run, and one that was lost with all it had in staging: the next live run takes all that
    feeds still show, the day's run what only raw/ holds, and nothing is missing.
    """
    early, late = ANCHOR - 1.5 * DAY, ANCHOR - DAY
    assert desk.at(early).run("wirecopy_live", early).state == "success"
    before = {row["canonical_url"] for row in content(desk.layout)["articles"]}
    desk.at(late)
    _pull_without_publishing(desk)
    with desk.switched_off("harbor"):  # it answers no more; all its entries tell their dates
        assert desk.run("wirecopy_live", late).state == "success"
        live = {row["canonical_url"] for row in content(desk.layout)["articles"]}
        assert desk.run("wirecopy_day", late).state == "success"
    out = {one.url for one in desk.newsroom.truth() if one.ends == "article" and one.published_at < late}
    gone = {one.url for one in desk.newsroom.truth() if one.publisher == "Harbor Gazette"} & out - before
    assert before < live < out
    assert gone
    assert not gone & live
    assert {row["canonical_url"] for row in content(desk.layout)["articles"]} == out


def _pull_without_publishing(desk):
    plan = steps.plan(kind="day", run_id="lost", run_after=(ANCHOR - DAY).isoformat())
    for shard in plan["shards"]:
        steps.pull(**shard)
    for path in desk.layout.staging.iterdir():
        path.unlink()


def test_an_old_live_run_cleared(desk):
    """Hours later it is a past run: of all that is new now it takes nothing, because none of it was published then."""
    then = ANCHOR - DAY
    first = desk.at(then).run("wirecopy_live", then)
    assert (first.state, first.report["mode"]) == ("success", "live")
    before = footprint(desk.layout, "articles", "revisions")
    again = desk.at(ANCHOR).run("wirecopy_live", then)
    assert (again.state, again.report["mode"]) == ("success", "past")
    assert (again.report["outcomes"], again.report["dates"]) == ({}, [])
    assert again.report["entries"]["outside"] > 0
    assert footprint(desk.layout, "articles", "revisions") == before


def test_a_feed_that_left_the_list(desk):
    """Its failed entries and its captures are still worked off; nothing crashes."""
    with desk.switched_off("harbor"):
        desk.at(ANCHOR - DAY).run("wirecopy_live", ANCHOR - DAY)
    text = desk.feeds.read_text()
    tables = text.split("[[feed]]")
    desk.feeds.write_text("[[feed]]".join(table for table in tables if 'id = "courier' not in table))
    stored = len(content(desk.layout)["articles"])
    assert desk.at(ANCHOR).run("wirecopy_live", ANCHOR).state == "success"
    shut = desk.use("other")
    desk.layout.raw.parent.mkdir(parents=True)
    (desk.folder / "data" / "raw").rename(shut.raw)
    assert desk.run("wirecopy_day", ANCHOR - DAY).state == "success"
    assert any("courier" in row["canonical_url"] or ".13:" in row["canonical_url"] for row in content(shut)["articles"])
    assert stored > 0
