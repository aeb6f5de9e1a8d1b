"""The stack with a bucket in place of the shared volume, for real: two workers without any common disk, one killed."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from demo.newsroom.newsroom import PORT
from demo.newsroom.site import Site
from demo.newsroom.world import load_world
from tests.docker.stack import BUCKET_IMAGE, Stack, docker_daemon, phase, say, wait_for
from tests.docker.test_stack import DAY, SURVIVOR, VICTIM, both_pull, finished, settings_that_can_be_hit

pytestmark = [pytest.mark.docker, pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, make_env: Callable[..., Path]) -> Iterator[Stack]:
    """Up and healthy, with the demo newsroom and SeaweedFS, all DAGs still paused."""
    variables = settings_that_can_be_hit(tmp_path_factory.mktemp("config")) | {
        "COMPOSE_PROFILES": "demo,bucket",
        "BUCKET_IMAGE": BUCKET_IMAGE,
    }
    with contextlib.ExitStack() as cleaning:
        with phase("Docker daemon and images"):
            daemon = cleaning.enter_context(docker_daemon())
        one = Stack(make_env("--demo"), daemon | variables, "compose.yaml", "compose.bucket.yaml")
        one.remove()  # what a killed test left
        cleaning.callback(one.remove)
        cleaning.callback(say, "removing everything …")
        with phase("build"):
            one.compose("build", seconds=900)
        with phase("up --wait"), one.explained():
            one.compose("up", "--detach", "--wait", seconds=420)
        yield one


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
