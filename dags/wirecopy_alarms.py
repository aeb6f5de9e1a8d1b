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

log = get_log("wirecopy.dags")

DAILY = {"wirecopy_live": False, "wirecopy_day": True, "wirecopy_maintain": True}
MOST_RED = 10  # red days that are named; a month that failed is one cause
# Where notifiers take a headline and a text, if the setting gives none.
HEADLINES = ("subject", "title", "summary")
TEXTS = ("text", "message", "body", "content", "description")


@dag(
    schedule=CronDataIntervalTimetable("*/15 * * * *", timezone="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=["wirecopy", "alarms"],
)
def wirecopy_alarms():
    alarms()


@task(inlets=[COPIES])
@reasoned
def alarms(ti=None):
    """What stands, what is new of it, and whom that was told."""
    watched = steps.watch(runs=[runs_of(ti, dag_id, daily=daily) for dag_id, daily in DAILY.items()])
    failed = notify(watched["message"]) if watched["message"] else []
    steps.book_alarms(events=watched["events"], told=not failed)
    told("alarms", watched)
    if failed:
        raise RunFailed("; ".join(failed))
    return {"open": watched["open"], "new": len(watched["events"])}


def runs_of(ti, dag_id, *, daily):
    """What Airflow has of the runs of a DAG: the newest green one, and red ones that were not mended."""
    now = datetime.now(UTC)
    green = previous_run(dag_id, now, "success")
    failed, before = [], now
    while len(failed) < MOST_RED and (red := previous_run(dag_id, before, "failed")):
        before = red.logical_date
        if dag_id != "wirecopy_day" and green and green.logical_date > red.logical_date:
            break  # the next run has taken up what that one left
        failed.append(
            {
                "run_id": red.run_id,
                "start": (red.data_interval_start or before).isoformat(),
                "ended": red.end_date and red.end_date.isoformat(),
                "why": why_of(ti, dag_id, red.run_id),
            }
        )
        if dag_id != "wirecopy_day":
            break
    newest = green and (green.data_interval_end or green.logical_date).isoformat()
    return {"dag_id": dag_id, "daily": daily, "newest": newest, "failed": failed}


def previous_run(dag_id, before, state):
    """The last run of a DAG in a state. Airflow's own `get_previous_dagrun` asks this only of the task's own DAG."""
    from airflow.sdk.execution_time.comms import GetPreviousDagRun
    from airflow.sdk.execution_time.task_runner import SUPERVISOR_COMMS

    return SUPERVISOR_COMMS.send(GetPreviousDagRun(dag_id=dag_id, logical_date=before, state=state)).dag_run


def why_of(ti, dag_id, run_id):
    """Why a run is red, from the task that says so."""
    names = ("verdict", "check_store", "health_digest", "remove_old_raw", "wake")
    found = (ti.xcom_pull(task_ids=name, dag_id=dag_id, run_id=run_id, key=REASON) for name in names)
    return next((reason for reason in found if reason), None)


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
