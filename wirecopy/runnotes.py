"""The note of a run in Airflow: what came of it, where people look first. Airflow finds this plugin by its entry point.

The scheduler calls the listener when a run has ended; tasks have no way to write a note. What it writes are the lines
that tasks left as XComs (`dags/wirecopy_tasks.py`). A note that a person has written stays.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

from wirecopy.schedule import day_page

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun

OURS: Final = "wirecopy_"  # how the ids of our DAGs begin
NOTE, REASON = "note", "reason"  # keys of XComs, as in dags/wirecopy_tasks.py
TOLD: Final = ("publish", "dedupe", "reprocess", "check_store", "health_digest", "remove_old_raw", "alarms")
LONGEST: Final = 1000  # characters, of Airflow's column
OF_A_DAY: Final = ("wirecopy_live", "wirecopy_day", "wirecopy_dedupe")


def write_note(dag_run: DagRun) -> None:
    """Write the note of an ended run of ours: into the session that the scheduler has open for it, or into one of our
    own for a run without, as in `dag.test()`.
    """
    from airflow.utils.session import create_session
    from sqlalchemy.orm import object_session

    if not dag_run.dag_id.startswith(OURS):
        return
    if session := object_session(dag_run):
        with session.no_autoflush:
            _write(dag_run, session)
    else:
        with create_session() as own:
            if stored := own.get(type(dag_run), dag_run.id):
                _write(stored, own)


def _write(dag_run: DagRun, session: Any) -> None:
    written = dag_run.dag_run_note
    if written is not None and written.user_id:
        return  # a person has written it
    if note := note_of(_told(dag_run, session), page=_page(dag_run)):
        dag_run.note = note


def note_of(told: Mapping[tuple[str, str], str], *, page: str = "") -> str:
    """The note, in Markdown, from what tasks left by (task, key): why it is red, what was done, the page of its day."""
    why = told.get(("verdict", REASON)) or "; ".join(text for (_, key), text in told.items() if key == REASON)
    lines = [f"**Red:** {why}"] if why else []
    lines += [told[task, NOTE] for task in TOLD if (task, NOTE) in told]
    room = LONGEST - len(page) - 2
    text = "\n\n".join(lines)
    text = text if len(text) <= room else text[: room - 1] + "…"
    return f"{text}\n\n{page}" if text and page else text


def _told(dag_run: DagRun, session: Any) -> dict[tuple[str, str], str]:
    from airflow.models.xcom import XComModel

    found = session.scalars(XComModel.get_many(run_id=dag_run.run_id, dag_ids=dag_run.dag_id)).all()
    rows = sorted((row for row in found if row.key in (NOTE, REASON)), key=lambda row: (row.task_id, row.map_index))
    return {(row.task_id, row.key): str(XComModel.deserialize_value(row)) for row in rows}


def _page(dag_run: DagRun) -> str:
    """A link to the page of the run's day."""
    from airflow.configuration import conf

    if dag_run.dag_id not in OF_A_DAY or os.environ.get("WIRECOPY_PAGES", "").lower() == "off":
        return ""
    day = dag_run.partition_key or (dag_run.data_interval_start or dag_run.run_after).date().isoformat()
    return f"[{day} in wirecopy]({day_page(conf.get('api', 'base_url', fallback=''), day)})"


class Listener:
    """Hears of ended runs."""

    @hookimpl
    def on_dag_run_success(self, dag_run: DagRun, msg: str) -> None:
        """A run is green."""
        write_note(dag_run)

    @hookimpl
    def on_dag_run_failed(self, dag_run: DagRun, msg: str) -> None:
        """A run is red."""
        write_note(dag_run)


class WirecopyNotes(AirflowPlugin):
    """What Airflow loads."""

    name = "wirecopy_notes"
    listeners = [Listener()]  # noqa: RUF012 - as Airflow declares it
