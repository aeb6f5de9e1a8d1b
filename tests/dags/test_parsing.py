"""DAG files are read again and again by Airflow: they parse, and they bring nothing heavy along."""

from __future__ import annotations

import json

HEAVY = ("pyarrow", "duckdb", "numpy", "pandas", "polars", "trafilatura", "feedparser", "aiohttp", "datasketch", "lxml")
FILES = ("wirecopy_day", "wirecopy_dedupe", "wirecopy_live", "wirecopy_maintain", "wirecopy_reprocess")
LOADED = f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"


def test_no_import_errors(dags):
    """Every file gives its DAG, with a docstring for the UI and tagged."""
    assert sorted(dags) == list(FILES)
    assert all(dag.doc_md.strip().startswith("###") and "wirecopy" in dag.tags for dag in dags.values())


def test_parsing_imports_nothing_heavy(airflow_home, fresh_python):
    """What airflow.sdk brings by itself, and no more."""
    alone = json.loads(fresh_python(f"import json, sys, airflow.sdk\n{LOADED}"))
    ours = json.loads(fresh_python(f"import json, sys, airflow.sdk, {', '.join(FILES)}\n{LOADED}"))
    assert ours == alone


def test_steps_are_light_without_airflow(airflow_home, fresh_python):
    """`import wirecopy.steps` alone loads none of them."""
    assert json.loads(fresh_python(f"import json, sys, wirecopy.steps\n{LOADED}")) == []


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
