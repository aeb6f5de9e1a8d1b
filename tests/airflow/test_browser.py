"""Backfills as a person does them: in a real browser, in the form of Airflow's UI."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.airflow.api import Api
from tests.airflow.browser import MARKS, Browser, chromium
from tests.airflow.desk import Desk

pytestmark = MARKS
DAG = "wirecopy_day"


@pytest.fixture
def browser(api: Api, tmp_path: Path) -> Iterator[Browser]:
    """A browser, logged in; no script of a page may fail. PICTURES_INTO=docs/images makes the pictures of
    docs/backfill.md anew.
    """
    pictures = Path(os.environ.get("PICTURES_INTO") or tmp_path / "pictures")
    pictures.mkdir(exist_ok=True)
    with chromium(tmp_path / "profile", api.address, pictures) as opened:
        opened.log_in(api.password)
        yield opened
        assert opened.errors == []


def test_documentation(browser: Browser) -> None:
    """The book on the DAG's page says what the DAG does, that it is the one to backfill, and what red means."""
    browser.open_dag(DAG)
    text = browser.documentation("dag-documentation")
    assert "wirecopy_day: complete a day" in text
    assert "This is the DAG to backfill." in text
    assert "A run is red if" in text


def test_two_weeks_of_before(desk_of: Callable[..., Desk], browser: Browser) -> None:
    """What no feed shows any more: a newcomer backfills two weeks, without a parameter, and sees each day fill with all
    that any archive of the newsroom holds of it, and with nothing else.
    """
    desk = desk_of()
    wanted = desk.of_before()
    days = sorted(wanted)
    desk.api.close_backfills()
    said = browser.backfill(DAG, days[0], days[-1], "Missing Runs", "backfill-two-weeks-form", at_once=2)
    assert said == f"{len(days)} runs will be triggered."
    ends = [date.fromisoformat(day) + timedelta(days=1) for day in days]
    runs = [f"backfill__{end}T00:00:00+00:00" for end in ends]
    browser.look_away()
    desk.api.quiet(DAG, seconds=800)
    assert browser.ended_runs(DAG, runs, seconds=60) == dict.fromkeys(runs, "Success")
    browser.picture("backfill-two-weeks")
    browser.open_run(runs[-4])
    browser.log("publish", "published run=", "backfill-two-weeks-log")
    held = desk.holds()
    assert {day: held.pop(day, []) for day in days} == wanted
    assert set(held) <= {desk.days[2]}  # the scheduled run of yesterday, which unpausing the DAG started
    sources = {via for (via,) in desk.query("SELECT DISTINCT via FROM {articles}")}
    assert sources >= {"sitemap", "wordpress", "paging", "template", "warc", "wayback"}


class Person:
    """Somebody who backfills the desk's three days, on whose last one it is noon."""

    def __init__(self, desk: Desk, browser: Browser) -> None:
        self.desk, self.api, self.browser = desk, desk.api, browser
        self.noon = desk.midnight - timedelta(hours=12)
        ends = [desk.midnight - timedelta(days=days) for days in (2, 1, 0)]
        self.runs = [f"backfill__{end:%Y-%m-%d}T00:00:00+00:00" for end in ends]  # named by their end
        self.green = dict.fromkeys(self.runs, "Success")

    def backfills(self, which: str, picture: str = "") -> str:
        """Fill in the form and start it; what it said would happen."""
        self.api.close_backfills()
        return self.browser.backfill(DAG, self.desk.days[0], self.desk.days[2], which, picture)

    def sees(self, *, red: list[str] | None = None) -> None:
        """All runs ended, those of *red* failed, the rest green; copies are found."""
        self.browser.look_away()
        self.api.quiet(DAG, seconds=360)
        found = self.browser.ended_runs(DAG, self.runs, seconds=60)
        assert found == self.green | dict.fromkeys(red or [], "Failed")
        self.desk.settled()

    def starts(self) -> list[str]:
        """When each run began last."""
        began = {run["dag_run_id"]: run["start_date"] for run in self.api.runs(DAG)}
        return [began[run_id] for run_id in self.runs]


def test_three_days_from_red_to_green(desk_of: Callable[..., Desk], browser: Browser) -> None:
    """A day whose page kills its readers is red and says what to do, and so is every day when no publisher answers;
    each time "Missing and Errored" repairs just what was red. In between and in the end each day holds what was
    published then, and nothing else.
    """
    desk = desk_of()
    person = Person(desk, browser)
    desk.at(person.noon)
    _a_page_breaks_its_day(desk, person)
    _the_day_is_repaired(desk, person)
    _logs_tell_the_summary(desk, person)
    _no_publisher_answers(desk, person)
    _all_days_are_repaired(desk, person)


def _a_page_breaks_its_day(desk: Desk, person: Person) -> None:
    """The form counts three runs. A page of the second day kills whoever extracts it: that run is red and says what to
    do, the others are green, and of the broken day everything else is there.
    """
    bad = next(one for one in desk.dated(desk.days[1]) if one.published_at <= person.noon)
    desk.stack.poison.write_text(bad.slug)
    assert person.backfills("Missing Runs", "backfill-form") == "3 runs will be triggered."
    person.sees(red=[person.runs[1]])
    person.browser.open_run(person.runs[1])
    said = person.browser.log("verdict", "took their process with them")
    assert bad.url in said
    assert "they are tried again by the retry queue, the rest is published" in said
    wanted = desk.expected(person.noon)
    assert desk.holds() == wanted | {desk.days[1]: [url for url in wanted[desk.days[1]] if url != bad.url]}


def _the_day_is_repaired(desk: Desk, person: Person) -> None:
    """The page is mended: of three days one run is done again."""
    desk.stack.poison.unlink()
    before = person.starts()
    assert person.backfills("Missing and Errored Runs") == "1 run will be triggered."
    person.sees()
    assert [one != two for one, two in zip(before, person.starts(), strict=True)] == [False, True, False]
    assert desk.holds() == desk.expected(person.noon)
    assert len(desk.holds()) == 2
    assert desk.query("SELECT count(*) FROM {articles} WHERE date <> published_at::DATE") == [(0,)]
    person.browser.ended_runs(DAG, person.runs, seconds=60)
    person.browser.picture("backfill-green")


def _logs_tell_the_summary(desk: Desk, person: Person) -> None:
    """Entries, outcomes and changed dates stand in the log of publish, copies in that of wirecopy_dedupe."""
    day, browser, api = desk.days[2], person.browser, person.api
    browser.ended_runs(DAG, person.runs, seconds=60)
    browser.open_run(person.runs[2])
    said = browser.log("publish", "published run=", "backfill-log")
    assert "'entries': " in said
    assert f"'stored': {len(desk.due(day, person.noon))}" in said
    assert f"dates={day}" in said
    woken = [run["dag_run_id"] for run in api.runs("wirecopy_dedupe")]
    browser.ended_runs("wirecopy_dedupe", woken, seconds=60)
    browser.open_run(
        next(one for one in reversed(woken) if day in api.result("wirecopy_dedupe", one, "dedupe")["dates"])
    )
    said = browser.log("dedupe", f"deduped date={day} ")
    matches = f"SELECT count(*) FROM {{matches}} WHERE date = '{day}' AND relation <> 'withdrawn'"
    assert f" matches={desk.query(matches)[0][0]} withdrawn=" in said
    assert " copies=0 " not in said


def _no_publisher_answers(desk: Desk, person: Person) -> None:
    """ "All Runs" clears the same runs in place. They are red and say what to do; nothing is lost or changed, and the
    ledger gains attempts of each.
    """
    before, booked = desk.files(), desk.attempts()
    desk.stack.switch(off=True)
    try:
        assert person.backfills("All Runs") == "3 runs will be triggered."
        person.sees(red=person.runs)
    finally:
        desk.stack.switch(off=False)
    person.browser.open_run(person.runs[2])
    said = person.browser.log("verdict", "could not be read", "backfill-red")
    assert "13 of 13 feeds could not be read" in said
    assert "mend them or the network, then run this interval again" in said
    assert desk.files() == before
    assert set(person.runs) <= set(booked)  # and at midnight a scheduled one, which finds nothing
    assert all(desk.attempts()[run_id] > booked[run_id] for run_id in person.runs)


def _all_days_are_repaired(desk: Desk, person: Person) -> None:
    """The publishers answer again, it is midnight, and the last day goes on: what appeared after noon is found."""
    desk.at(desk.midnight)
    assert person.backfills("Missing and Errored Runs") == "3 runs will be triggered."
    person.sees()
    assert desk.holds() == desk.expected(desk.midnight)
    assert len(desk.due(desk.days[2], desk.midnight)) > len(desk.due(desk.days[2], person.noon))
