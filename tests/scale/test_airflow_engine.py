"""The engine airflow in a real Airflow of its own: what mapped tasks find is what one process finds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.airflow.api import Api, until
from tests.airflow.desk import Desk
from tests.airflow.stack import Stack
from wirecopy.store.files.layout import Layout

SETTINGS = {"WIRECOPY_LIVE_MINUTES": "60", "WIRECOPY_DEDUPE_ENGINE": "airflow", "WIRECOPY_DEDUPE_THREADS": "1"}
COMPUTED = ("matches", "clusters", "sketches")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """`wirecopy airflow --demo`, its DAGs parsed where the variable says airflow."""
    stack = Stack(home=tmp_path_factory.mktemp("airflow") / "home", environment=SETTINGS)
    try:
        yield stack.start()
        assert stack.stop() == 0
    finally:
        stack.kill_everything()


def test_mapped_dates(stack: Stack, tmp_path: Path) -> None:
    """Days of the past come in, their dates are matched by tasks of their own, and then again by wirecopy_reprocess. A
    process that computes all alone writes the same files.
    """
    api: Api = stack.ready()
    desk = Desk(stack, api, Layout(stack.home / "demo" / "data"))
    until(lambda: api.runs("wirecopy_day"), seconds=180, what="a scheduled run of wirecopy_day")
    known = {run["data_interval_start"][:10] for run in api.runs("wirecopy_day")}
    for day in set(desk.days[1:]) - known:
        assert api.finished("wirecopy_day", api.trigger_day(day))["state"] == "success"
    desk.settled()
    for dag_id in ("wirecopy_live", "wirecopy_day", "wirecopy_dedupe", "wirecopy_maintain"):
        api.pause(dag_id, paused=True)
        api.idle(dag_id)
    first, *_, last = sorted(desk.holds())
    conf = {"action": "rededup", "first": first, "last": last, "dry_run": False}
    api.pause("wirecopy_reprocess", paused=False)
    run_id = api.trigger("wirecopy_reprocess", conf=conf)
    assert api.finished("wirecopy_reprocess", run_id)["state"] == "success"
    tries = api.get(f"/api/v2/dags/wirecopy_reprocess/dagRuns/{run_id}/taskInstances")["task_instances"]
    matched = [one["state"] for one in tries if one["task_id"] == "match_date"]
    assert matched == ["success"] * len(desk.holds())
    assert len(matched) > 1
    assert desk.layout.files.find(desk.layout.state / "found", "*") == []

    alone = tmp_path / "alone"
    shutil.copytree(stack.data, alone)
    for table in COMPUTED:
        shutil.rmtree(alone / "store" / table)
    ours = {name: value for name, value in os.environ.items() if not name.startswith("WIRECOPY_")}
    command = [str(Path(sys.executable).parent / "wirecopy"), "rededup"]
    subprocess.run(command, env=ours | {"WIRECOPY_DATA": str(alone)}, check=True, cwd=tmp_path)
    files = {path.relative_to(alone / "store"): path.read_bytes() for path in (alone / "store").rglob("*.parquet")}
    assert {str(name): data for name, data in files.items() if name.parts[0] in COMPUTED} == desk.files(*COMPUTED)
