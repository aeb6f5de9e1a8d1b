"""What people and other DAGs are told of a run: reasons, summaries, and the asset of the copies."""

from __future__ import annotations

import gc
import os
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.dags.conftest import ANCHOR, DAY, Desk
from wirecopy.errors import SettingsError
from wirecopy.steps import pulling
from wirecopy.store.files.layout import Layout

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dags")]  # one AIRFLOW_HOME, and three days filled once
PAGE = Path(__file__).parents[2] / "docs" / "airflow.md"


def newest_events(name: str) -> list[Any]:
    """Events of an asset, oldest first."""
    from airflow.models.asset import AssetEvent, AssetModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        found = select(AssetEvent).join(AssetModel, AssetModel.id == AssetEvent.asset_id).where(AssetModel.name == name)
        events = list(session.scalars(found.order_by(AssetEvent.id)))
        session.expunge_all()
    return events


def test_a_wrong_feed_list_is_one_red_task(desk: Desk, caplog: pytest.LogCaptureFixture):
    """Verdict is red, and the first thing in its log is the message that names file and line; nothing else is red."""
    desk.feeds.write_text(
        desk.feeds.read_text() + '\n[[feed]]\nid = "x"\nurl = "https://x.example/feed"\nevry = "1h"\n'
    )
    run = desk.run("wirecopy_live", ANCHOR)
    assert run.state == "failed"
    assert {task for (task, _), state in run.tasks.items() if state == "failed"} == {"verdict"}
    assert "upstream_failed" not in run.tasks.values()
    reason = run.results["verdict", "reason"]
    assert reason.startswith(f"plan: {desk.feeds} has one problem: line ")
    assert "evry" in reason
    assert "clear this run" in reason
    ours = [record for record in caplog.records if record.name == "wirecopy.dags" and "evry" in record.getMessage()]
    assert ours[-1].getMessage() == reason


def test_a_connection_that_airflow_has_not_is_one_red_task(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """The store is on a bucket whose credentials nobody has: verdict names the connection and says where to add it."""
    monkeypatch.setenv("WIRECOPY_STORE_URL", "s3://news/store")
    monkeypatch.setenv("WIRECOPY_STATE_URL", "postgresql+psycopg2://nobody@nowhere/none")
    monkeypatch.setenv("WIRECOPY_STORE_CONNECTION", "news_bucket")
    run = desk.run("wirecopy_live", ANCHOR)
    assert {task for (task, _), state in run.tasks.items() if state == "failed"} == {"verdict"}
    assert "Airflow has no connection news_bucket. Add it (Admin, Connections)" in run.results["verdict", "reason"]


def test_pages_in_airflow_take_the_same_connection(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """Airflow's web server has no task: it asks the same places for the connection."""
    monkeypatch.setenv("WIRECOPY_STORE_URL", "s3://news/store")
    monkeypatch.setenv("WIRECOPY_STATE_URL", "postgresql+psycopg2://nobody@nowhere/none")
    monkeypatch.setenv("WIRECOPY_STORE_CONNECTION", "news_bucket")
    monkeypatch.setenv("AIRFLOW_CONN_NEWS_BUCKET", "aws://key:secret@/?region_name=eu-west-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.setenv(name, "another")
    from wirecopy.plugin import open_store  # imports airflow, which the fixture has given its home

    open_store()
    assert [os.environ[f"AWS_{name}"] for name in ("ACCESS_KEY_ID", "REGION")] == ["key", "eu-west-1"]


def test_the_reason_of_a_shard_is_told_first(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """A shard whose plan is damaged fails for good: verdict says why, and which one, before anything else."""
    monkeypatch.setenv("WIRECOPY_SHARDS", "2")
    read = pulling.read_plan

    def damaged(layout: Layout, plan: str, shard: int) -> Any:
        if shard:
            raise SettingsError("the disk of the second shard is gone")
        return read(layout, plan, shard)

    monkeypatch.setattr(pulling, "read_plan", damaged)
    run = desk.run("wirecopy_live", ANCHOR)
    assert (run.state, run.tasks["pull", 0], run.tasks["publish", -1]) == ("failed", "success", "success")
    assert run.results["verdict", "reason"].startswith(
        "pull, shard 2 of 2: the disk of the second shard is gone; 1 of 2 pull tasks failed"
    )


def test_a_run_leaves_its_summary(desk: Desk):
    """Entries, outcomes and articles, in one line; it is also the last line of the task's log."""
    run = desk.run("wirecopy_live", ANCHOR)
    report, note = run.report, run.results["publish", "note"]
    assert f"{report['seen']} entries seen, {report['tried']} tried" in note
    assert f"{report['outcomes']['stored']} new articles" in note
    assert run.results["plan", "note"].startswith("live run of 2026-11-24 23:45 … 2026-11-25 00:00 UTC")


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_runs_count_through_airflows_own_metrics(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """Airflow's StatsD client sends our counters and gauges to a socket of ours, under the names of docs/alarms.md."""
    from airflow.sdk._shared.observability.metrics.base_stats_logger import NoStatsLogger
    from airflow.sdk.observability import stats
    from airflow.sdk.observability.metrics.stats_utils import get_stats_factory

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.setblocking(False)
        wanted = {"ON": "True", "HOST": "127.0.0.1", "PORT": str(receiver.getsockname()[1])}
        for name, value in wanted.items():
            monkeypatch.setenv(f"AIRFLOW__METRICS__STATSD_{name}", value)
        stats.initialize(factory=get_stats_factory(), export_legacy_names=False)
        try:
            report = desk.run("wirecopy_live", ANCHOR).report
            clusters = desk.run("wirecopy_dedupe").results["dedupe", "return_value"]["clusters"]
            desk.run("wirecopy_alarms", ANCHOR)
        finally:
            stats.initialize(factory=NoStatsLogger, export_legacy_names=False)
            gc.collect()  # Airflow closes none of its clients
        sent = dict(_datagrams(receiver))
    assert sent["airflow.wirecopy.articles.stored"] == f"{report['outcomes']['stored']}|c"
    assert sent["airflow.wirecopy.clusters"] == f"{clusters}|c"
    assert sent["airflow.wirecopy.alarms.open"].endswith("|g")
    told = re.findall(r"`(wirecopy\.[\w.<>]+)`", (PAGE.with_name("alarms.md")).read_text("utf-8"))
    known = [one.removesuffix("<code>") for one in told]
    ours = [one.removeprefix("airflow.") for one in sent if one.startswith("airflow.wirecopy.")]
    assert [
        one for one in ours if not any(one == name or (name[-1] == "." and one.startswith(name)) for name in known)
    ] == []


def _datagrams(receiver: socket.socket) -> Iterator[tuple[str, str]]:
    """Name and value of each metric that has arrived."""
    while True:
        try:
            lines = receiver.recv(65_536).decode().splitlines()
        except BlockingIOError:
            return
        yield from ((name, value) for name, _, value in (line.partition(":") for line in lines))


def test_the_run_has_a_note(desk: Desk):
    """Its summary and the page of its day; of a red one the reason first. A person's note stays."""
    note = note_of_last("wirecopy_live") if desk.run("wirecopy_live", ANCHOR).state == "success" else ""
    assert "new articles" in note
    assert "/plugin/wirecopy/wirecopy/days/2026-11-24)" in note
    desk.feeds.write_text("[[feed]]\nidd = 1\n")
    desk.run("wirecopy_live", ANCHOR)
    assert note_of_last("wirecopy_live").startswith(f"**Red:** plan: {desk.feeds} has")


def note_of_last(dag_id: str) -> str:
    """The note of a DAG's newest run."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        newest = select(DagRun).where(DagRun.dag_id == dag_id).order_by(DagRun.id.desc()).limit(1)
        return str(session.scalars(newest).one().note)


def test_copies_are_an_event_after_dedupe(desk: Desk):
    """One event with dates and counts, when the store has the copies; none if nothing was to be computed."""
    before = len(newest_events("wirecopy_copies"))
    desk.run("wirecopy_day", ANCHOR - DAY)
    assert len(newest_events("wirecopy_copies")) == before
    done = desk.run("wirecopy_dedupe")
    events = newest_events("wirecopy_copies")
    assert len(events) == before + 1
    result = done.results["dedupe", "return_value"]
    assert events[-1].extra["dates"] == result["dates"] == ["2026-11-23"]
    assert events[-1].extra["counts"]["clusters"] == result["clusters"] > 0
    assert desk.run("wirecopy_dedupe").state == "success"
    assert len(newest_events("wirecopy_copies")) == before + 1


def test_the_example_of_the_docs_works(filled: Desk, capsys: pytest.CaptureFixture[str]):
    """The DAG of docs/airflow.md: it waits for wirecopy_copies, and reads the copies of the event's dates."""
    example = _example()
    assert [asset.name for asset in example["most_copied"].timetable.asset_condition.objects] == ["wirecopy_copies"]
    filled.run("wirecopy_dedupe", first="2026-11-22", last="2026-11-24")
    extra = {"dates": ["2026-11-22", "2026-11-23", "2026-11-24"], "left": [], "counts": {}}
    task: Callable[..., Any] = example["most_copied"].get_task("report").python_callable
    rows = task(triggering_asset_events={_copies(): [SimpleNamespace(extra=extra)]})
    assert rows
    assert all(copies > 0 for _, copies in rows)


def _copies() -> Any:
    from airflow.sdk import Asset

    return Asset("wirecopy_copies")


def _example() -> dict[str, Any]:
    """The DAG that the example defines, by its id."""
    code = next(one for one in re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S) if "@dag" in one)
    names: dict[str, Any] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    return {"most_copied": names["most_copied"]()}
