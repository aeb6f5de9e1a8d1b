"""The stack with a bucket in place of the shared volume, for real: two workers without any common disk, one killed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from demo.newsroom.newsroom import PORT
from demo.newsroom.site import Site
from demo.newsroom.world import load_world
from tests.docker.stack import BUCKET_IMAGE, Stack, phase, running, say, wait_for
from tests.docker.test_stack import DAY, SURVIVOR, VICTIM, both_pull, finished, settings_that_can_be_hit
from wirecopy.store.files.columns import CONTENT_COLUMNS

CALLS = 4  # a store of two dates is two tasks, and one worker may be quick enough to take both

pytestmark = [pytest.mark.docker, pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, make_env: Callable[..., Path]) -> Iterator[Stack]:
    """Up and healthy, with the demo newsroom, SeaweedFS and dedupe in mapped tasks; all DAGs still paused."""
    variables = settings_that_can_be_hit(tmp_path_factory.mktemp("config")) | {
        "COMPOSE_PROFILES": "demo,bucket",
        "BUCKET_IMAGE": BUCKET_IMAGE,
        "WIRECOPY_DEDUPE_ENGINE": "airflow",
    }
    with running(make_env("--demo"), variables, "compose.yaml", "compose.bucket.yaml") as stack:
        yield stack


def test_two_workers_without_a_common_disk_of_which_one_is_killed(stack: Stack) -> None:
    """Two days, a worker killed in the middle: all runs end green, each article is there once, and on the bucket."""
    assert mounts(stack, VICTIM) & mounts(stack, SURVIVOR) == set()
    anchor = datetime.fromisoformat(stack.secrets["NEWSROOM_ANCHOR"])
    days = [anchor - 3 * DAY, anchor - 2 * DAY]
    wait_for("DAGs", lambda: len(stack.api("dags")["dags"]) >= 3, seconds=90)
    with phase("backfill of two days"), stack.explained():
        first, last = (day.isoformat() for day in days)
        body = {"dag_id": "wirecopy_day", "from_date": first, "to_date": last, "reprocess_behavior": "none"}
        stack.api("backfills", body)
        for dag in ("wirecopy_dedupe", "wirecopy_day"):
            stack.api(f"dags/{dag}", {"is_paused": False}, method="PATCH")
        wait_for("pull tasks on both workers", lambda: both_pull(stack), seconds=180, every=0.5)
        stack.docker("kill", stack.container(VICTIM))
        say(f"killed {VICTIM}")
        runs = wait_for("end of all runs", lambda: finished(stack, "wirecopy_day"), seconds=600, every=3)
        assert set(runs.values()) == {"success"}
    again = [task for task in stack.tasks("wirecopy_day") if task["try_number"] > 1]
    assert {task["hostname"] for task in again} == {SURVIVOR}
    wait_for("end of dedupe", lambda: finished(stack, "wirecopy_dedupe"), seconds=240, every=3)
    say(stack.memory())
    check_the_articles(stack, days)
    check_the_places(stack)


def test_dedupe_is_mapped_over_both_workers(stack: Stack) -> None:
    """Every date is matched by a task of its own, on whichever worker is free; the rows are those of one process."""
    before = copies(stack)
    assert before["matches"]
    dates = [row["date"] for row in asked(stack, "SELECT DISTINCT date FROM articles ORDER BY date")]
    asking = {"action": "rededup", "first": dates[0], "last": dates[-1], "dry_run": False}
    stack.api("dags/wirecopy_reprocess", {"is_paused": False}, method="PATCH")
    matched: list[dict[str, Any]] = []
    for number in range(1, CALLS + 1):
        with phase("rededup of all dates"), stack.explained():
            stack.api("dags/wirecopy_reprocess/dagRuns", {"logical_date": None, "conf": asking})
            runs = wait_for("end of reprocess", lambda: finished(stack, "wirecopy_reprocess"), seconds=300, every=2)
            assert set(runs.values()) == {"success"}
        matched = [task for task in stack.tasks("wirecopy_reprocess") if task["task_id"] == "match_date"]
        say(", ".join(f"{task['map_index']} on {task['hostname']}" for task in matched))
        assert len(matched) == number * len(dates)
        if len({task["hostname"] for task in matched}) > 1:
            break
    assert {task["hostname"] for task in matched} == {VICTIM, SURVIVOR}
    assert copies(stack) == before
    alone = ("wirecopy", "rededup", "--engine", "local", "--from", dates[0], "--to", dates[-1], "--again")
    stack.compose("exec", "-T", SURVIVOR, *alone, seconds=300)
    assert copies(stack) == before


def copies(stack: Stack) -> dict[str, list[dict[str, str]]]:
    """All rows of matches and clusters, without when they were written."""
    columns = {table: ", ".join(CONTENT_COLUMNS[table]) for table in ("matches", "clusters")}
    return {table: asked(stack, f"SELECT date, {names} FROM {table} ORDER BY ALL") for table, names in columns.items()}


def mounts(stack: Stack, service: str) -> set[str]:
    """Places on the machine that a container can write to."""
    told = json.loads(stack.docker("inspect", "--format", "{{json .Mounts}}", stack.container(service)))
    return {str(one["Source"]) for one in told if one["RW"]}


def asked(stack: Stack, sql: str) -> list[dict[str, str]]:
    """What `wirecopy query` answers in the worker that lives."""
    said = stack.compose("exec", "-T", SURVIVOR, "wirecopy", "query", sql, "--format", "jsonl")
    return [json.loads(line) for line in said.splitlines()]


def check_the_articles(stack: Stack, days: list[datetime]) -> None:
    """The days that were asked for, their articles, each once, and each with its cluster."""
    rows = asked(stack, "SELECT date, canonical_url, article_id FROM articles")
    site = Site(world=load_world(), anchor=days[0] + 3 * DAY, port=PORT)
    undated = {site.url(name) for name, one in site.world.articles.items() if "no-date" in one.quirks}
    wanted = {day.date() for day in days}
    expected = {
        (str(one.published_at.date()), one.url)
        for one in site.truth()
        if one.ends == "article" and one.published_at.date() in wanted and one.url not in undated
    }
    assert {(row["date"], row["canonical_url"]) for row in rows if row["canonical_url"] not in undated} == expected
    assert len({row["article_id"] for row in rows}) == len(rows) > 40
    clustered = asked(stack, "SELECT article_id FROM clusters")
    assert sorted(row["article_id"] for row in clustered) == sorted(row["article_id"] for row in rows)


def check_the_places(stack: Stack) -> None:
    """The store is sound, lies on the bucket, and nowhere else: a worker that came back has an empty data folder."""
    say(stack.compose("exec", "-T", SURVIVOR, "wirecopy", "store", "check").strip())
    with phase("up --wait again"):
        stack.compose("up", "--detach", "--wait", seconds=300)
    for worker in (VICTIM, SURVIVOR):
        assert stack.compose("exec", "-T", worker, "find", "/opt/airflow/data", "-name", "*.parquet") == ""
    assert "sound" in stack.compose("exec", "-T", VICTIM, "wirecopy", "store", "check")
