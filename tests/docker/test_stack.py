"""The stack for real: built, started, used through Airflow's REST API, hit, and removed (make docker-test)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from demo.newsroom.newsroom import PORT
from demo.newsroom.site import Site
from demo.newsroom.world import load_world
from tests.docker.conftest import DOCKER
from tests.docker.stack import Stack, phase, running, say, wait_for

pytestmark = [pytest.mark.docker, pytest.mark.slow, pytest.mark.timeout(1800)]

VICTIM, SURVIVOR = "worker-2", "worker-1"
DAY = timedelta(days=1)


def settings_that_can_be_hit(folder: Path) -> dict[str, str]:
    """Variables for a stack whose settings lie in *folder*: pulls take long enough to be hit, dead workers are found
    soon, and a live run does not take the articles before the backfill does.
    """
    folder.chmod(0o755)
    (folder / "feeds.toml").write_text((DOCKER / "demo" / "feeds.toml").read_text())
    settings = (DOCKER / "demo" / "wirecopy.toml").read_text()
    slower = settings.replace('host_gap = "10ms"', 'host_gap = "1s"')
    assert slower != settings
    (folder / "wirecopy.toml").write_text(slower)
    return {
        "CONFIG_FOLDER": str(folder),
        "AIRFLOW_START_PAUSED": "True",
        "TASK_HEARTBEAT_TIMEOUT": "45",
        "TASK_QUEUED_TIMEOUT": "90",
    }


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, make_env: Callable[..., Path]) -> Iterator[Stack]:
    """Up and healthy, with the demo newsroom, all DAGs still paused."""
    variables = settings_that_can_be_hit(tmp_path_factory.mktemp("config"))
    with running(make_env("--demo"), variables) as stack:
        yield stack


def test_a_backfill_over_two_workers_of_which_one_is_killed(stack: Stack, tmp_path: Path) -> None:
    """Two days, a worker killed in the middle: all runs end green, and each article of these days is there once."""
    say(stack.memory())
    anchor = datetime.fromisoformat(stack.secrets["NEWSROOM_ANCHOR"])
    days = [anchor - 3 * DAY, anchor - 2 * DAY]
    wait_for("DAGs", lambda: len(stack.api("dags")["dags"]) >= 3, seconds=90)
    assert stack.api("importErrors")["total_entries"] == 0

    with phase("backfill of two days"), stack.explained():
        first, last = (day.isoformat() for day in days)
        body = {"dag_id": "wirecopy_day", "from_date": first, "to_date": last, "reprocess_behavior": "none"}
        assert len(stack.api("backfills/dry_run", body)["backfills"]) == 2
        stack.api("backfills", body)
        for dag in ("wirecopy_dedupe", "wirecopy_day"):
            stack.api(f"dags/{dag}", {"is_paused": False}, method="PATCH")
        wait_for("pull tasks on both workers", lambda: both_pull(stack), seconds=180, every=0.5)
        stack.docker("kill", stack.container(VICTIM))
        say(f"killed {VICTIM}")
        runs = wait_for("end of all runs", lambda: finished(stack, "wirecopy_day"), seconds=600, every=3)
        assert set(runs.values()) == {"success"}
        assert len(runs) >= 2

    tasks = stack.tasks("wirecopy_day")
    again = [task for task in tasks if task["try_number"] > 1]
    say(f"{len(again)} task(s) were tried again: " + ", ".join(f"{t['task_id']} {t['map_index']}" for t in again))
    assert again
    assert {task["hostname"] for task in again} == {SURVIVOR}
    publish = [task for task in tasks if task["task_id"] == "publish"]
    assert all("published run=" in stack.log(task) for task in publish)
    wait_for("end of dedupe", lambda: finished(stack, "wirecopy_dedupe"), seconds=240, every=3)
    check_the_parquet(stack, days, tmp_path)
    check_the_pages(stack, days)
    assert int(stack.docker("exec", stack.container("postgres"), *FEED_STATE).strip()) == 13


def test_what_was_killed_comes_back_and_works(stack: Stack) -> None:
    """`up` again starts worker and newsroom anew; the live DAG, unpaused, gets what is new now."""
    with phase("up --wait again"):
        stack.compose("up", "--detach", "--wait", seconds=300)
    with phase("live run"), stack.explained():
        stack.api("dags/wirecopy_live", {"is_paused": False}, method="PATCH")
        runs = wait_for("end of the live run", lambda: finished(stack, "wirecopy_live"), seconds=240, every=2)
        assert set(runs.values()) == {"success"}
    say(stack.memory())
    query = ("wirecopy", "query", "SELECT count(*) AS n FROM articles", "--format", "csv")
    assert int(stack.compose("exec", "-T", VICTIM, *query).split()[-1]) >= 61


FEED_STATE = ("psql", "-U", "airflow", "-d", "wirecopy", "-Atc", "SELECT count(*) FROM feed_captures")


def both_pull(stack: Stack) -> bool:
    """Whether each worker has a pull task at work (one that was handed out and has not begun would cost a timeout)."""
    pulls = [task for task in stack.tasks("wirecopy_day") if task["task_id"] == "pull"]
    working = {task["hostname"] for task in pulls if task["state"] == "running"}
    return working >= {VICTIM, SURVIVOR} and not [task for task in pulls if task["state"] == "queued"]


def finished(stack: Stack, dag: str) -> dict[str, str] | None:
    """The runs of *dag*, once there are some and all have ended."""
    runs = stack.runs(dag)
    return runs if runs and set(runs.values()) <= {"success", "failed"} else None


def check_the_pages(stack: Stack, days: list[datetime]) -> None:
    """The api-server reads the workers' volume: the calendar has the days, and their copies are clusters."""
    rows = {line.split(",")[0]: line.split(",")[1] for line in stack.page("/days.csv").splitlines()[1:]}
    assert all(int(rows[f"{day:%Y-%m-%d}"]) > 0 for day in days), rows
    assert "Who printed it when" in stack.page(f"/clusters/{first_cluster(stack, days[1])}")


def first_cluster(stack: Stack, day: datetime) -> str:
    """The id of the largest cluster of a day."""
    names, row = (line.split(",") for line in stack.page(f"/clusters.csv?day={day:%Y-%m-%d}").splitlines()[:2])
    return row[names.index("cluster_id")]


def check_the_parquet(stack: Stack, days: list[datetime], folder: Path) -> None:
    """By a naive glob over a copy of the volume: the days that were asked for, their articles, each once."""
    stack.docker("cp", f"{stack.container(SURVIVOR)}:/opt/airflow/data/store", folder)
    glob = folder / "store" / "articles" / "**" / "*.parquet"
    rows = duckdb.sql(f"SELECT date, canonical_url, article_id FROM '{glob}'").fetchall()
    site = Site(world=load_world(), anchor=days[0] + 3 * DAY, port=PORT)
    undated = {site.url(name) for name, one in site.world.articles.items() if "no-date" in one.quirks}
    expected = {
        (one.published_at.date(), one.url) for one in site.truth()
        if one.ends == "article" and one.published_at.date() in {day.date() for day in days} and one.url not in undated
    }  # fmt: skip
    found = {(date, url) for date, url, _ in rows if url not in undated}
    say(f"articles: {len(rows)}, of which {len(rows) - len(found)} without a date in their feed")
    assert found == expected
    assert len({article for _, _, article in rows}) == len(rows) > 40
    clustered = duckdb.sql(f"SELECT article_id FROM '{folder}/store/clusters/**/*.parquet'").fetchall()
    assert sorted(clustered) == sorted((article,) for _, _, article in rows)
