"""Backfills as a person does them: in a real browser, in the form of Airflow's UI. The tests go in order."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.airflow.api import Api, until
from tests.airflow.browser import CHROMIUM, Browser, chromium
from tests.airflow.stack import TABLES, Stack, running

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("airflow"),
    pytest.mark.skipif(not importlib.util.find_spec("playwright"), reason="needs the Python package playwright"),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs {CHROMIUM}: apt-get install -y chromium"),
]
DAG = "wirecopy_day"
# A home of its own, whose DAGs start paused: no scheduled run takes yesterday before the form does.
SETTINGS = {
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
    "WIRECOPY_SHARE_FEED_FOR": "1s",
    "WIRECOPY_MAX_AGE": "30d",
}
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
NOON = TODAY - timedelta(hours=12)  # of the last of the three days: what appears later, a repair finds
DAYS = [f"{TODAY - timedelta(days=days):%Y-%m-%d}" for days in (3, 2, 1)]  # the newsroom has nothing on the first one
RUNS = [f"backfill__{TODAY - timedelta(days=days):%Y-%m-%d}T00:00:00+00:00" for days in (2, 1, 0)]  # named by their end
MATCHES = f"SELECT count(*) FROM {{matches}} WHERE date = '{DAYS[2]}' AND relation <> 'withdrawn'"
GREEN = dict.fromkeys(RUNS, "Success")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A `wirecopy airflow --demo` of its own, on whose last day it is noon."""
    with running(tmp_path_factory.mktemp("browser") / "home", SETTINGS) as started:
        started.ready().pause("wirecopy_dedupe", paused=False)
        started.set_newsroom_clock(NOON.isoformat())
        yield started


@pytest.fixture(scope="module")
def api(desk: Stack) -> Api:
    """To look at what the pages do not tell, and to wait."""
    return desk.ready()


@pytest.fixture(scope="module")
def browser(desk: Stack, api: Api, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser, logged in. PICTURES_INTO=docs/images makes the pictures of docs/backfill.md anew."""
    pictures = Path(os.environ.get("PICTURES_INTO") or tmp_path_factory.mktemp("pictures"))
    with chromium(tmp_path_factory.mktemp("profile"), api.address, pictures) as opened:
        opened.log_in(api.password)
        yield opened


def due(desk: Stack, day: str, now: datetime) -> set[str]:
    """What a past run can find of *day*: all that was out at *now* and whose entry tells its date."""
    articles = desk.site().world.articles
    found = [one for one in desk.truth(day) if one.published_at <= now]
    return {one.url for one in found if "no-date" not in articles[one.slug].quirks}


def holds(desk: Stack) -> dict[str, list[str]]:
    """URLs by date, by a naive glob; a double would show."""
    rows = desk.query("SELECT date, list(canonical_url ORDER BY canonical_url) FROM {articles} GROUP BY date")
    return {str(day): urls for day, urls in rows}


def expected(desk: Stack, now: datetime) -> dict[str, list[str]]:
    """What the store should hold of the three days, and nothing else."""
    wanted = {day: sorted(due(desk, day, now)) for day in DAYS}
    return {day: urls for day, urls in wanted.items() if urls}


def attempts(desk: Stack) -> dict[str, int]:
    """How many attempts of each run are in the ledger: one per shard and try."""
    return dict(desk.query("SELECT run_id, count(DISTINCT attempt) FROM {polls} GROUP BY run_id"))


def settled(desk: Stack, api: Api) -> None:
    """Wait until copies are found in every date, and Airflow has closed its last backfill."""
    same = "SELECT (SELECT count(*) FROM {articles}) = (SELECT count(*) FROM {clusters})"
    until(lambda: desk.files("clusters") and desk.query(same) == [(True,)], seconds=120, what="clusters of every date")
    api.quiet("wirecopy_dedupe")
    backfills = f"/api/v2/backfills?dag_id={DAG}"
    until(lambda: all(one["completed_at"] for one in api.get(backfills)["backfills"]), seconds=90, what="its end")


def test_documentation(browser: Browser) -> None:
    """The book on the DAG's page says what the DAG does, that it is the one to backfill, and what red means."""
    browser.open_dag(DAG)
    text = browser.documentation("dag-documentation")
    assert "wirecopy_day: complete a day" in text
    assert "This is the DAG to backfill." in text
    assert "A run is red if" in text


def test_three_days_of_which_one_is_broken(desk: Stack, api: Api, browser: Browser) -> None:
    """The form counts three runs. A page of the second day kills whoever extracts it: that run is red and says what to
    do, the others are green, and of the broken day everything else is there.
    """
    bad = next(one for one in desk.truth(DAYS[1]) if one.url in due(desk, DAYS[1], NOON))
    desk.poison.write_text(bad.slug)
    assert browser.backfill(DAG, DAYS[0], DAYS[2], "Missing Runs", "backfill-form") == "3 runs will be triggered."
    assert browser.ended_runs(DAG, seconds=360, expected=3) == GREEN | {RUNS[1]: "Failed"}
    browser.open_run(RUNS[1])
    said = browser.log("verdict", "took their process with them")
    assert bad.url in said
    assert "they are tried again by the retry queue, the rest is published" in said
    settled(desk, api)
    wanted = expected(desk, NOON)
    assert holds(desk) == wanted | {DAYS[1]: [url for url in wanted[DAYS[1]] if url != bad.url]}


def test_missing_and_errored_repairs_the_broken_day(desk: Stack, api: Api, browser: Browser) -> None:
    """The page is mended: of three days one run is done again, and then each day holds what was published then, and
    nothing else.
    """
    desk.poison.unlink()
    began = {run["dag_run_id"]: run["start_date"] for run in api.runs(DAG)}
    assert browser.backfill(DAG, DAYS[0], DAYS[2], "Missing and Errored Runs") == "1 run will be triggered."
    assert browser.ended_runs(DAG, seconds=360, expected=3) == GREEN
    again = {run["dag_run_id"]: run["start_date"] for run in api.runs(DAG)}
    assert [run_id for run_id in RUNS if again[run_id] != began[run_id]] == [RUNS[1]]
    settled(desk, api)
    assert holds(desk) == expected(desk, NOON)
    assert len(holds(desk)) == 2
    assert desk.query("SELECT count(*) FROM {articles} WHERE date <> published_at::DATE") == [(0,)]
    browser.ended_runs(DAG, seconds=60, expected=3)
    browser.picture("backfill-green")


def test_log_tells_the_summary(desk: Stack, api: Api, browser: Browser) -> None:
    """Entries, outcomes and changed dates stand in the log of publish, copies in that of wirecopy_dedupe."""
    browser.ended_runs(DAG, seconds=60, expected=3)
    browser.open_run(RUNS[2])
    said = browser.log("publish", "published run=", "backfill-log")
    assert "'entries': " in said
    assert f"'stored': {len(due(desk, DAYS[2], NOON))}" in said
    assert f"dates={DAYS[2]}" in said
    woken = [run["dag_run_id"] for run in api.runs("wirecopy_dedupe")]
    browser.ended_runs("wirecopy_dedupe", seconds=60, expected=len(woken))
    browser.open_run(
        next(one for one in reversed(woken) if DAYS[2] in api.result("wirecopy_dedupe", one, "dedupe")["dates"])
    )
    said = browser.log("dedupe", f"deduped date={DAYS[2]} ")
    assert f" matches={desk.query(MATCHES)[0][0]} withdrawn=" in said
    assert " copies=0 " not in said


def test_all_runs_again(desk: Stack, api: Api, browser: Browser) -> None:
    """ "All Runs" clears the same runs in place: results keep their bytes, the ledger gains attempts of each."""
    before, booked = {table: desk.files(table) for table in TABLES}, attempts(desk)
    assert before["articles"]
    assert before["clusters"]
    assert browser.backfill(DAG, DAYS[0], DAYS[2], "All Runs") == "3 runs will be triggered."
    assert browser.ended_runs(DAG, seconds=360, expected=3) == GREEN
    settled(desk, api)
    assert {table: desk.files(table) for table in TABLES} == before
    assert set(booked) == set(RUNS)
    assert all(attempts(desk)[run_id] > booked[run_id] for run_id in RUNS)


def test_unreadable_day_is_red(desk: Stack, api: Api, browser: Browser) -> None:
    """No publisher answers while one day is done again: that run is red and says what to do; nothing is lost."""
    before = {table: desk.files(table) for table in TABLES}
    desk.switch(off=True)
    try:
        assert browser.backfill(DAG, DAYS[2], DAYS[2], "All Runs") == "1 run will be triggered."
        assert browser.ended_runs(DAG, seconds=240, expected=3) == GREEN | {RUNS[2]: "Failed"}
    finally:
        desk.switch(off=False)
    browser.open_run(RUNS[2])
    said = browser.log("verdict", "could not be read", "backfill-red")
    assert "13 of 13 feeds could not be read" in said
    assert "mend them or the network, then run this interval again" in said
    settled(desk, api)
    assert {table: desk.files(table) for table in TABLES} == before


def test_missing_and_errored_repairs_the_unread_day(desk: Stack, api: Api, browser: Browser) -> None:
    """The publishers answer again, and the day goes on: of three days one run is done again, and finds the rest."""
    desk.set_newsroom_clock("real")
    began = {run["dag_run_id"]: run["start_date"] for run in api.runs(DAG)}
    said = browser.backfill(DAG, DAYS[0], DAYS[2], "Missing and Errored Runs")
    assert said == "1 run will be triggered."
    assert browser.ended_runs(DAG, seconds=240, expected=3) == GREEN
    again = {run["dag_run_id"]: run["start_date"] for run in api.runs(DAG)}
    assert [run_id for run_id in RUNS if again[run_id] != began[run_id]] == [RUNS[2]]
    settled(desk, api)
    assert holds(desk) == expected(desk, TODAY)
    assert len(due(desk, DAYS[2], TODAY)) > len(due(desk, DAYS[2], NOON))


def test_pages_raised_nothing(browser: Browser) -> None:
    """No script of a page failed meanwhile."""
    assert browser.errors == []
