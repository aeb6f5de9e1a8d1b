"""What a fresh Airflow does by itself: recorded once, before tests make it their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.airflow.api import Api, until
from tests.airflow.desk import DAGS, Desk
from tests.airflow.stack import Stack
from wirecopy.store.files.layout import Layout


@dataclass(frozen=True)
class First:
    """DAGs and runs as they were then, and the store that these runs filled; nobody writes into it afterwards."""

    desk: Desk
    dags: list[dict[str, Any]]
    runs: dict[str, list[dict[str, Any]]]  # by DAG
    by_hand: dict[str, Any]  # a live run that was triggered when the scheduled ones were done
    its_tasks: dict[str, str]
    its_report: dict[str, Any]
    its_lines: list[str]  # that its task verdict logged

    @classmethod
    def watched(cls, stack: Stack, api: Api) -> First:
        """Wait for the scheduled runs and for the copies of what they brought; then trigger a live run."""
        desk = Desk(stack, api, Layout(stack.home / "demo" / "data"))
        for dag_id in ("wirecopy_live", "wirecopy_day", "wirecopy_maintain", "wirecopy_alarms"):
            until(lambda dag_id=dag_id: api.runs(dag_id), seconds=90, what=f"a scheduled run of {dag_id}")  # type: ignore[misc]
            api.quiet(dag_id)
        desk.settled()
        run_id = api.trigger("wirecopy_live")
        by_hand = api.finished("wirecopy_live", run_id)
        return cls(
            desk=desk,
            dags=api.get("/api/v2/dags")["dags"],
            runs={dag_id: api.runs(dag_id) for dag_id in DAGS},
            by_hand=by_hand,
            its_tasks=api.tasks("wirecopy_live", run_id),
            its_report=api.result("wirecopy_live", run_id, "publish"),
            its_lines=api.lines("wirecopy_live", run_id, "verdict"),
        )
