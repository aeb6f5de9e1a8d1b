"""
### wirecopy_alarms: tell people when something needs them

Looks every 15 minutes at the runs of the other DAGs, the feeds, the store and the disk, whatever the other DAGs do.
What is new goes to the notifiers of the setting `notify`, into the log, and into the table `alerts`.

An alarm is told once, again after a day and then weekly while it stands, and when it is over. All that is new comes
in one message. docs/alarms.md lists the alarms.

Red: a notifier could not send. The alarm is told again by the next run.
"""

import inspect
from datetime import UTC, datetime

from airflow.sdk import BaseNotifier, CronDataIntervalTimetable, dag, get_current_context, task
from airflow.sdk.module_loading import import_string
from wirecopy_tasks import COPIES, DEFAULT_ARGS, REASON, reasoned, told

from wirecopy import steps
from wirecopy.errors import RunFailed, SettingsError
from wirecopy.log import get_log
from wirecopy.schedule import interval_of

log = get_log("wirecopy.dags")

DAILY = {
    "wirecopy_live": False,
    "wirecopy_day": True,
    "wirecopy_dedupe": False,
    "wirecopy_maintain": True,
    "wirecopy_reprocess": False,
}
MOST_RED = {"wirecopy_day": 10}  # red days that are asked for; of other DAGs the last run counts
WITH_REASONS = ("verdict", "dedupe", "reprocess", "check_store", "health_digest", "remove_old_raw", "wake")
# Where notifiers take a headline and a text, if the setting gives none.
HEADLINES = ("subject", "title", "summary")
TEXTS = ("text", "message", "body", "content", "description")


@dag(
    schedule=CronDataIntervalTimetable("*/15 * * * *", timezone="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS | {"pre_execute": None},  # its own runs are none that it watches
    doc_md=__doc__,
    tags=["wirecopy", "alarms"],
)
def wirecopy_alarms():
    alarms()


@task(inlets=[COPIES])
@reasoned
def alarms(ti=None):
    """What stands, what is new of it, and whom that was told."""
    runs = [runs_of(ti, dag_id, daily=daily) for dag_id, daily in DAILY.items()]
    booked = [found(ti, one) for one in steps.booked_runs() if one["dag_id"] in DAILY]
    watched = steps.watch(runs=runs, booked=booked)
    failed = notify(watched["message"]) if watched["message"] else []
    steps.book_alarms(events=watched["events"], told=not failed)
    told("alarms", watched)
    if failed:
        raise RunFailed("; ".join(failed))
    return {"open": watched["open"], "new": len(watched["events"])}


def runs_of(ti, dag_id, *, daily):
    """What Airflow has of the runs of a DAG with a logical date: the newest green one, and the last red ones."""
    now = datetime.now(UTC)
    green = previous_run(dag_id, now, "success")
    failed, before = [], now
    while len(failed) < MOST_RED.get(dag_id, 1) and (red := previous_run(dag_id, before, "failed")):
        before = red.logical_date
        failed.append(seen(ti, red))
    newest = green and (green.data_interval_end or green.logical_date).isoformat()
    green_after = green and green.run_after.isoformat()
    return {"dag_id": dag_id, "daily": daily, "newest": newest, "green_after": green_after, "failed": failed}


def found(ti, booked):
    """How a booked run is now."""
    run = run_named(ti, **booked)
    if not run:
        nothing = dict.fromkeys(("start", "after", "ended", "why"), "")
        return {"dag_id": booked["dag_id"], "run": {"run_id": booked["run_id"], **nothing}, "state": "gone"}
    return {"dag_id": run.dag_id, "run": seen(ti, run), "state": str(run.state.value)}


def seen(ti, run):
    """A run in plain words; why it is red, if it is."""
    start = run.data_interval_start or run.run_after
    if run.dag_id == "wirecopy_day" and not run.data_interval_start:
        start = interval_of("day", start=None, end=None, run_after=run.run_after).start  # as plan takes it
    return {
        "run_id": run.run_id,
        "start": start.isoformat(),
        "after": run.run_after.isoformat(),
        "ended": run.end_date and run.end_date.isoformat(),
        "why": why_of(ti, run.dag_id, run.run_id) if run.state == "failed" else None,
    }


def run_named(ti, dag_id, run_id):
    """A run by its name; None if Airflow has it no more."""
    from airflow.sdk.execution_time.comms import GetDagRun
    from airflow.sdk.execution_time.task_runner import SUPERVISOR_COMMS

    there = ti.get_dr_count(dag_id=dag_id, run_ids=[run_id])
    return SUPERVISOR_COMMS.send(GetDagRun(dag_id=dag_id, run_id=run_id)) if there else None


def previous_run(dag_id, before, state):
    """The last run of a DAG in a state. Airflow's own `get_previous_dagrun` asks this only of the task's own DAG."""
    from airflow.sdk.execution_time.comms import GetPreviousDagRun
    from airflow.sdk.execution_time.task_runner import SUPERVISOR_COMMS

    return SUPERVISOR_COMMS.send(GetPreviousDagRun(dag_id=dag_id, logical_date=before, state=state)).dag_run


def why_of(ti, dag_id, run_id):
    """Why a run is red, from the task that says so."""
    reasons = (ti.xcom_pull(task_ids=name, dag_id=dag_id, run_id=run_id, key=REASON) for name in WITH_REASONS)
    return next((reason for reason in reasons if reason), None)


def notify(message):
    """Send *message* through every notifier of the settings; returns a sentence for each that failed."""
    failed = []
    for wanted in steps.notifiers():
        arguments = dict(wanted)
        name = arguments.pop("notifier")
        try:
            notifier = notifier_of(name, arguments, message)
            notifier({**get_current_context(), **in_templates(message)})
            log.info("alarms: sent through %s", name)
        except Exception as error:
            reason = steps.reason_of(error)
            failed.append(f"{name} could not send ({reason}): mend `notify` in the settings or what it names")
            log.error("alarms: %s", failed[-1])
    return failed


def in_templates(message):
    """*message* under the names that templates of `notify` may use: words of feeds are values there, no templates."""
    return {f"alarm_{name}": text for name, text in message.items()}


def notifier_of(name, arguments, message):
    """The notifier, with headline and text where its class takes them and the settings give none."""
    try:
        kind = import_string(name)
    except ImportError as error:
        raise SettingsError(f"there is no {name}: install its provider into Airflow's environment") from error
    if not (isinstance(kind, type) and issubclass(kind, BaseNotifier)):
        raise SettingsError(f"{name} is no notifier of Airflow")
    takes = inspect.signature(kind).parameters
    for names, text in ((HEADLINES, "subject"), (TEXTS, "text"), (("html_content",), "html")):
        for free in (one for one in names if one in takes and one not in arguments):
            arguments[free] = f"{{{{ alarm_{text} }}}}" if free in kind.template_fields else message[text]
    return kind(**arguments)


wirecopy_alarms()
