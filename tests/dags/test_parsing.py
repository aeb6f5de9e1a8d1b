"""DAG files are read again and again by Airflow: they parse, and they bring nothing heavy along."""

from __future__ import annotations

from importlib import import_module

import pytest

from tests.dags.conftest import DAGS
from tests.heavy import heavy_after

# One AIRFLOW_HOME, and three days filled once.
pytestmark = [pytest.mark.xdist_group("dags"), pytest.mark.slow]
FILES = (
    "wirecopy_alarms",
    "wirecopy_day",
    "wirecopy_dedupe",
    "wirecopy_live",
    "wirecopy_maintain",
    "wirecopy_reprocess",
)


def test_no_import_errors(dags):
    """Every file gives its DAG, with a docstring for the UI and tagged; none makes up the runs that it missed."""
    assert sorted(dags) == list(FILES)
    assert not any(dag.catchup for dag in dags.values())
    assert all(dag.doc_md.strip().startswith("###") and "wirecopy" in dag.tags for dag in dags.values())


def test_parsing_imports_nothing_heavy(airflow_home):
    """What airflow.sdk brings by itself, and no more."""
    alone = heavy_after("airflow.sdk", path=(DAGS,))
    assert heavy_after("airflow.sdk", *FILES, path=(DAGS,)) == alone


def test_errors_that_are_not_tried_again(dags):
    """They are named by strings: each is found, so that a move cannot leave one behind."""
    hopeless = import_module("wirecopy_tasks").HOPELESS
    assert hopeless
    for name in hopeless:
        module, _, error = name.rpartition(".")
        assert issubclass(getattr(import_module(module), error), Exception)


def test_shape(dags):
    """plan → pull → publish → announce and verdict; publish and verdict run whatever happened before."""
    for name in ("wirecopy_live", "wirecopy_day"):
        tasks = {task.task_id: task for task in dags[name].tasks}
        assert set(tasks) == {"plan", "pull", "publish", "announce", "verdict"}
        assert {key for key, task in tasks.items() if task.trigger_rule.value == "all_done"} == {"publish", "verdict"}
        assert {asset.name for asset in tasks["announce"].outlets} == {"wirecopy_articles", "wirecopy_articles_by_date"}


def test_maintenance(dags):
    """The daily DAG wakes dedupe for dates that wait; reprocessing is by hand, typed, and a dry run by default."""
    assert [task.task_id for task in dags["wirecopy_maintain"].tasks if task.outlets] == ["wake"]
    params = dags["wirecopy_reprocess"].params
    assert params["dry_run"] is True
    assert params.get_param("action").schema["enum"] == ["reextract", "rededup"]
    assert all(params.get_param(name).description for name in params)
