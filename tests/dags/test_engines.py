"""The engine airflow: dates are mapped tasks, and the rows are those of one process."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.dags.conftest import DAGS, Desk, Run
from tests.wirecopy.builders import footprint
from wirecopy.store.files.layout import Layout

pytestmark = [pytest.mark.xdist_group("dags"), pytest.mark.slow]


@pytest.fixture
def mapped(filled: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The desk with three days, its DAGs parsed where the variable says airflow."""
    from airflow.dag_processing.dagbag import DagBag

    shared = importlib.import_module("wirecopy_tasks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIRECOPY_DEDUPE_ENGINE", "airflow")
        importlib.reload(shared)
        bag = DagBag(str(DAGS))
        assert bag.import_errors == {}
        before = dict(filled.dags)
        filled.dags.update(bag.dags)
        yield filled
    filled.dags.clear()
    filled.dags.update(before)
    importlib.reload(shared)


def computed(layout: Layout) -> dict[str, bytes]:
    return {path: data for path, (data, _) in footprint(layout, "matches", "clusters", "sketches").items()}


def tasks_of(run: Run, name: str) -> list[Any]:
    return [state for (task, _), state in sorted(run.tasks.items()) if task == name]


def test_dates_are_tasks(mapped: Desk) -> None:
    """Nothing computed yet: three dates, a task for each, equal to what one process wrote. Then there is nothing to do,
    and a day is done again.
    """
    alone = computed(mapped.layout)
    for table in ("matches", "clusters", "sketches"):
        shutil.rmtree(mapped.layout.store / table)
    run = mapped.run("wirecopy_dedupe")
    assert run.state == "success"
    assert len(tasks_of(run, "match_date")) == len(run.results["dedupe", "return_value"]["dates"]) >= 3
    assert computed(mapped.layout) == alone
    assert mapped.layout.files.find(mapped.layout.state / "found", "*") == []

    run = mapped.run("wirecopy_dedupe")
    assert (run.state, tasks_of(run, "match_date")) == ("success", ["skipped"])

    days = {"first": "2026-11-23", "last": "2026-11-24", "action": "rededup"}
    run = mapped.run("wirecopy_reprocess", **days, dry_run=False)
    assert tasks_of(run, "match_date") == ["success", "success"]
    assert run.results["settle", "return_value"]["dates"] == ["2026-11-23", "2026-11-24"]
    assert computed(mapped.layout) == alone
    run = mapped.run("wirecopy_reprocess", **days, dry_run=True)
    assert (run.state, tasks_of(run, "settle")) == ("success", ["skipped"])
