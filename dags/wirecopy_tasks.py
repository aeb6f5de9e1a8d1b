"""What the DAG files share: assets, retries, and the tasks, each a thin call of one function of `wirecopy.steps`.

Steps know no Airflow: here the context becomes plain arguments, and results become events, notes and log lines.
"""

import functools
import os
from contextlib import suppress
from datetime import timedelta

from airflow.sdk import (
    Asset,
    AssetAlias,
    BaseOperatorLink,
    Connection,
    ExceptionRetryPolicy,
    RetryAction,
    RetryRule,
    get_current_context,
    task,
)
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowSkipException

from wirecopy import steps
from wirecopy.errors import RunFailed, SettingsError
from wirecopy.log import get_log
from wirecopy.schedule import day_page

log = get_log("wirecopy.dags")

ARTICLES = Asset("wirecopy_articles")  # for people and for your own DAGs; extra: run_id, interval, dates, counts
ARTICLES_BY_DATE = Asset("wirecopy_articles_by_date")  # one partition per touched date: wakes wirecopy_dedupe
COPIES = Asset("wirecopy_copies")  # for your own DAGs that want articles with their copies; extra: dates, counts
# An alias gives an event only if something was added to it: dedupe often has nothing to compute.
COPIES_FOUND = AssetAlias("wirecopy_copies_found")

NOTE, REASON = "note", "reason"  # XComs: the summary of a task, and why it failed; wirecopy/runnotes.py reads them

# The setting, as far as a file that is parsed again and again can know it: without I/O.
MAPPED = os.environ.get("WIRECOPY_DEDUPE_ENGINE") == "airflow"

HOPELESS = [
    "wirecopy.errors.SettingsError",
    "wirecopy.errors.UsageError",
    "wirecopy.errors.RunFailed",
    "ingest.errors.FeedListError",
]
LAST_LINES = {}  # of the tasks of this process, by task instance


def say_last(context, result=None):
    """The summary, after all that Airflow logs of a task's work: the last line that is not folded away."""
    if line := LAST_LINES.pop(context["ti"].id, None):
        log.info("%s", line)


@functools.cache  # once for each process: a task has its own
def open_store():
    """A bucket whose credentials a connection of Airflow has (`store_connection`) gets them before it is asked."""
    if not (name := steps.store_connection()):
        return
    try:
        steps.use_connection(Connection.get(name))
    except AirflowNotFoundException as error:
        raise SettingsError(
            f"store_connection (WIRECOPY_STORE_CONNECTION): Airflow has no connection {name}. Add it (Admin, "
            "Connections), or name another one."
        ) from error


def book_run(context):
    """Airflow tells wirecopy_alarms of other DAGs' runs by their logical date: one without it leaves its name."""
    run = context["dag_run"]
    if run.logical_date is None:
        with suppress(SettingsError):  # the task itself will tell
            open_store()
        steps.book_run(dag_id=run.dag_id, run_id=run.run_id)


DEFAULT_ARGS = {
    "owner": "wirecopy",
    "retries": 2,
    "retry_delay": timedelta(seconds=30),
    "show_return_value_in_logs": False,  # it is in the task's XComs
    "pre_execute": book_run,
    "post_execute": say_last,
    "retry_policy": ExceptionRetryPolicy(
        rules=[
            RetryRule(
                exception=name, action=RetryAction.FAIL, reason="a retry cannot help: the message says what to do"
            )
            for name in HOPELESS
        ]
    ),
}


def told(name, result):
    """*result*, when its summary is the last line of the task's log and a part of the run's note."""
    line = steps.summary(name, result)
    measured(name, result)
    ti = get_current_context()["ti"]
    ti.xcom_push(key=NOTE, value=line)
    LAST_LINES[ti.id] = f"{name}: {line}"
    return result


def measured(name, result):
    """Numbers of *result* for Airflow's own metrics (StatsD or OpenTelemetry, section [metrics] of its settings)."""
    from airflow.sdk.observability import stats

    for metric, value in steps.counters(name, result).items():
        stats.incr(metric, value)
    for metric, value in steps.gauges(name, result).items():
        stats.gauge(metric, value)


def reasoned(function):
    """A task that asks the store, and leaves the reason of its failure to verdict and to the run's note."""

    @functools.wraps(function)
    def run(*args, **kwargs):
        try:
            open_store()
            return function(*args, **kwargs)
        except AirflowSkipException:
            raise
        except Exception as error:
            get_current_context()["ti"].xcom_push(key=REASON, value=steps.reason_of(error))
            raise

    return run


def left_to_verdict(function):
    """A task whose hopeless errors (a wrong setting, a feed list with a mistake) turn only verdict red: one red task
    is enough, where people look, and nothing else can be done without it.
    """

    @functools.wraps(function)
    def run(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except Exception as error:
            if not any(f"{kind.__module__}.{kind.__qualname__}" in HOPELESS for kind in type(error).__mro__):
                raise
            log.error("%s", error)
            raise AirflowSkipException("verdict says what to do") from error

    return run


def run_of(ti):
    """The run that plan has planned, or None. An argument that waits for the result of a task that failed would end in
    Airflow's words about an XCom, not in ours.
    """
    return ti.xcom_pull(task_ids="plan", key="run")


def reasons_of(ti, run, report):
    """Why tasks of this run failed, in their order."""
    found = [(name, ti.xcom_pull(task_ids=name, key=REASON)) for name in ("plan", "publish")]
    shards = run["shards"] if run else 0
    if shards and (not report or report["shards_done"] < shards):
        pulls = ti.xcom_pull(task_ids="pull", key=REASON, map_indexes=range(shards))
        found += [(f"pull, shard {number + 1} of {shards}", one) for number, one in enumerate(pulls)]
    return [f"{name}: {reason}" for name, reason in found if reason]


class DayLink(BaseOperatorLink):
    """The page of the run's day, as a button of the task."""

    name = "Day in wirecopy"

    def get_link(self, operator, *, ti_key):
        """Airflow calls this in the task's process, where *ti_key* is the running task."""
        dag_run = ti_key.get_template_context()["dag_run"]
        day = dag_run.partition_key or (dag_run.data_interval_start or dag_run.run_after).date().isoformat()
        return day_page(conf.get("api", "base_url", fallback=""), day)


@task
@left_to_verdict
@reasoned
def plan(kind, ti=None, dag_run=None, data_interval_start=None, data_interval_end=None, params=None):
    """Decide what the interval needs, and cut it into shards: the result is mapped over, the run goes beside it."""
    planned = steps.plan(
        kind=kind,
        run_id=dag_run.run_id,
        start=data_interval_start and data_interval_start.isoformat(),
        end=data_interval_end and data_interval_end.isoformat(),
        run_after=dag_run.run_after.isoformat(),
        feeds=params["feeds"],
        sources=params.get("sources") or (),
        retried=True,
    )
    ti.xcom_push(key="run", value=planned["run"])
    told("plan", planned)
    return planned["shards"]


@task(map_index_template="shard {{ task.op_kwargs['shard'] + 1 }} of {{ task.op_kwargs['of'] }}")
@reasoned
def pull(run, shard, of):
    """Fetch and extract one shard; finished parts wait for publish."""
    return told("pull", steps.pull(run=run, shard=shard, of=of))


@task(trigger_rule="all_done")
@left_to_verdict
@reasoned
def publish(pulled, ti=None):
    """Commit every finished part, also of a failed shard."""
    run = run_of(ti)
    if not run:
        raise AirflowSkipException("nothing was planned, so there is nothing to publish")
    return told("publish", steps.publish(run=run, pulled=list(pulled[:]) if pulled else []))


@task(outlets=[ARTICLES, ARTICLES_BY_DATE])
def announce(report, outlet_events=None):
    """Asset events for the dates that changed; skipped if none did."""
    if not report["dates"]:
        raise AirflowSkipException("no date changed")
    outlet_events[ARTICLES].extra = steps.event_of(report)
    outlet_events[ARTICLES_BY_DATE].extra = steps.event_of(report)
    outlet_events[ARTICLES_BY_DATE].add_partitions(report["dates"])
    LAST_LINES[get_current_context()["ti"].id] = f"announce: events for {', '.join(report['dates'])}"


@task(trigger_rule="all_done")
@reasoned
def verdict(ti=None):
    """Red if something needs a person, and what that person should do."""
    run, report = run_of(ti), ti.xcom_pull(task_ids="publish")
    try:
        found = steps.verdict(run=run, report=report, reasons=reasons_of(ti, run, report))
    except RunFailed as error:
        log.error("%s", error)  # before the traceback: the first line of the log is the reason
        raise
    LAST_LINES[ti.id] = f"verdict: {steps.summary('verdict', found)}"
    return found


@task
@reasoned
def plan_dates(dag_run=None, params=None):
    """The dates to compute now: a task is made for each."""
    return steps.dates_to_match(woken_by=dag_run.partition_key, first=params["first"], last=params["last"])


@task(map_index_template="{{ task.op_kwargs['day'] }}")
@reasoned
def match_date(day):
    """Find the matches of one date; they wait for dedupe."""
    return told("match_date", steps.match(day=day))


# All done: a date whose task failed is computed by dedupe itself.
@task(outlets=[COPIES_FOUND], trigger_rule="all_done")
@reasoned
def dedupe(dag_run=None, params=None, outlet_events=None):
    """Compute the earliest out-of-date date until there is none."""
    done = steps.dedupe(woken_by=dag_run.partition_key, first=params["first"], last=params["last"])
    tell_copies(done, dag_run, outlet_events)
    return told("dedupe", done)


def tell_copies(done, dag_run, outlet_events):
    """An event of wirecopy_copies if a date was computed."""
    if done["dates"]:
        outlet_events[COPIES_FOUND].add(COPIES, extra=steps.copies_event(done, run_id=dag_run.run_id))


@task(outlets=[COPIES_FOUND])
@reasoned
def reprocess(dag_run=None, params=None, outlet_events=None):
    """Count what there is to do, or do it."""
    names = ("action", "first", "last", "dry_run")
    done = steps.reprocess(run_id=dag_run.run_id, **{name: params[name] for name in names})
    if done.get("dedupe"):
        tell_copies(done["dedupe"], dag_run, outlet_events)
    return told("reprocess", done)


@task
@reasoned
def prepare(dag_run=None, params=None, ti=None):
    """What reprocess does, without the copies: the dates of these, a task for each."""
    names = ("action", "first", "last", "dry_run")
    done = steps.reprocess(run_id=dag_run.run_id, find_copies=False, **{name: params[name] for name in names})
    span = done.get("span")
    ti.xcom_push(key="span", value=span)
    told("reprocess", done)
    return steps.dates_to_match(**span) if span else []


@task(outlets=[COPIES_FOUND], trigger_rule="all_done")
@reasoned
def settle(dag_run=None, ti=None, outlet_events=None):
    """Group and write the dates that were matched."""
    span = ti.xcom_pull(task_ids="prepare", key="span")
    if not span:
        raise AirflowSkipException("there are no copies to find")
    done = steps.dedupe(**span)
    tell_copies(done, dag_run, outlet_events)
    return told("dedupe", done)


@task
@reasoned
def remove_old_raw():
    """Remove old captures that are booked."""
    return told("remove_old_raw", steps.remove_old_raw())


@task
@reasoned
def check_store():
    """Red if a file of the store is not as it should be."""
    return told("check_store", steps.check_store())


@task
@reasoned
def health_digest():
    """What fails and what waits."""
    return told("health_digest", steps.health_digest())


@task
@reasoned
def index_texts():
    """Index the words of past dates for the search."""
    return told("index_texts", steps.index_texts())


@task(outlets=[ARTICLES_BY_DATE])
@reasoned
def wake(outlet_events=None):
    """Wake wirecopy_dedupe for dates that are still out of date."""
    dates = told("wake", steps.waiting_dates())
    if not dates:
        raise AirflowSkipException("everything is up to date")
    outlet_events[ARTICLES_BY_DATE].add_partitions(dates)


def ingest(kind):
    """plan → pull, mapped over shards → publish → announce and verdict."""
    shards = plan(kind)
    pulled = pull.expand_kwargs(shards)
    report = linked(publish(pulled))
    announce(report)
    report >> linked(verdict())


def find_copies():
    """dedupe; with the engine airflow plan → match, mapped over dates → dedupe."""
    if not MAPPED:
        return dedupe()
    done = dedupe()
    match_date.expand(day=plan_dates()) >> done
    return done


def do_again():
    """reprocess; with the engine airflow prepare → match, mapped over dates → settle."""
    if MAPPED:
        match_date.expand(day=prepare()) >> settle()
    else:
        reprocess()


def linked(result):
    """*result*, when its task has the button to the page of its day."""
    result.operator.operator_extra_links = (DayLink(),)
    return result
