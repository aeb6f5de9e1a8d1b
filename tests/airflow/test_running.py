"""Under a real scheduler: what runs by itself, a run by hand, and events that are lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.airflow.api import Api, until
from tests.airflow.desk import DAGS, Desk
from tests.airflow.first import First
from tests.airflow.stack import Stack, listens_on, processes_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("airflow-faults")]


def test_everything_is_healthy(stack: Stack, api: Api) -> None:
    """The four components and the database, and only on loopback."""
    until(api.healthy, seconds=60, what="health")  # on a busy machine one answer may take too long
    listening = {ip for process in processes_of(stack.home) for ip in listens_on(process)}
    assert "127.0.0.1" in listening
    assert all(ip.startswith("127.") for ip in listening)
    assert (stack.home / "passwords.json").stat().st_mode & 0o777 == 0o600


def test_dags_are_there_and_unpaused(first: First, api: Api) -> None:
    """Ours only, no import error."""
    assert {"wirecopy_live", "wirecopy_day", "wirecopy_dedupe"} <= {dag["dag_id"] for dag in first.dags}
    assert all(dag["dag_id"].startswith("wirecopy_") and not dag["is_paused"] for dag in first.dags)
    assert api.get("/api/v2/importErrors")["total_entries"] == 0


@pytest.mark.parametrize(
    ("dag_id", "length"), [("wirecopy_live", timedelta(hours=1)), ("wirecopy_day", timedelta(days=1))]
)
def test_first_scheduled_run_is_of_the_last_complete_interval(first: First, dag_id: str, length: timedelta) -> None:
    """Unpausing makes one run, of the last complete interval."""
    run = first.runs[dag_id][0]
    start, end, now = (_instant(run[name]) for name in ("data_interval_start", "data_interval_end", "run_after"))
    assert (run["run_type"], run["state"]) == ("scheduled", "success")
    assert end - start == length
    assert end <= now < end + length


def test_the_first_start_is_green(first: First) -> None:
    """Every run that came by itself, of every DAG: no task was started before there was somebody to report to."""
    states = {(dag_id, run["dag_run_id"]): run["state"] for dag_id, runs in first.runs.items() for run in runs}
    assert {dag_id for dag_id, _ in states} == set(DAGS)
    assert set(states.values()) == {"success"}


def test_a_run_tells_what_came_of_it(first: First) -> None:
    """Its note is the summary with a link to the page of its day, and the last line of verdict's log is the summary."""
    said = f"{first.its_report['seen']} entries seen, {first.its_report['tried']} tried"
    assert first.by_hand["note"].startswith(said)
    assert "/plugin/wirecopy/wirecopy/days/" in first.by_hand["note"]
    assert first.its_lines[-1].startswith(f"verdict: {said}")


def test_first_scheduled_runs_bring_articles(first: First) -> None:
    """The live run what feeds show of the last hours, the day's run all of its day; nothing under another date."""
    day = first.runs["wirecopy_day"][0]["data_interval_start"][:10]
    assert first.desk.due(day, first.desk.stack.site.anchor) <= set(first.desk.holds()[day])
    assert first.desk.query("SELECT count(*) FROM {articles} WHERE date <> published_at::DATE") == [(0,)]


def test_dedupe_wakes_per_touched_date(first: First) -> None:
    """One run per date that publish named, each with its date, and afterwards every date has its clusters."""
    runs = first.runs["wirecopy_dedupe"]
    assert set(first.desk.holds()) <= {run["partition_key"] for run in runs}
    assert {run["state"] for run in runs} == {"success"}
    assert all(run["run_type"] == "asset_triggered" for run in runs)
    assert first.desk.unclustered() == 0


def test_trigger_without_a_date_means_the_last_complete_interval(first: First) -> None:
    """An API trigger with a null logical date has no interval; plan gives it one. It finds nothing new and is green."""
    run, report = first.by_hand, first.its_report
    assert (run["state"], run["data_interval_start"]) == ("success", None)
    hour = _instant(run["run_after"]).replace(minute=0, second=0, microsecond=0)
    assert (_instant(report["start"]), _instant(report["end"])) == (hour - timedelta(hours=1), hour)
    assert report["mode"] == "live"
    assert first.its_tasks == {
        "plan": "success",
        "publish": "success",
        "announce": "skipped",
        "verdict": "success",
        "pull": "skipped",
    }


def test_paused_dedupe_catches_up(desk_of: Callable[..., Desk], api: Api) -> None:
    """Events that come while it is paused are lost: the next run, here one by hand, sees what is out of date."""
    desk = desk_of()
    day, noon = desk.days[2], desk.midnight - timedelta(hours=12)
    desk.at(noon)
    run_id = api.trigger_day(day)
    assert api.finished("wirecopy_day", run_id)["state"] == "success"
    desk.settled()
    desk.at(desk.midnight)  # the rest of the day's articles appears
    api.pause("wirecopy_dedupe", paused=True)
    before = len(api.runs("wirecopy_dedupe"))
    api.clear("wirecopy_day", run_id)
    assert api.finished("wirecopy_day", run_id)["state"] == "success"
    later = desk.due(day, desk.midnight) - desk.due(day, noon)
    assert desk.unclustered() == len(later) > 0
    api.pause("wirecopy_dedupe", paused=False)
    assert len(api.runs("wirecopy_dedupe")) == before
    assert api.finished("wirecopy_dedupe", api.trigger("wirecopy_dedupe"))["state"] == "success"
    assert desk.unclustered() == 0


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
