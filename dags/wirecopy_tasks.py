"""What the DAG files share: assets, retries, and the tasks, each a thin call of one function of `wirecopy.steps`.

Steps know no Airflow: here the context becomes plain arguments, and results become events.
"""

from datetime import timedelta

from airflow.sdk import Asset, ExceptionRetryPolicy, RetryAction, RetryRule, task
from airflow.sdk.exceptions import AirflowSkipException

from wirecopy import steps

ARTICLES = Asset("wirecopy_articles")  # for people and for your own DAGs; extra: run_id, interval, dates, counts
ARTICLES_BY_DATE = Asset("wirecopy_articles_by_date")  # one partition per touched date: wakes wirecopy_dedupe

HOPELESS = [
    "wirecopy.errors.SettingsError",
    "wirecopy.errors.UsageError",
    "wirecopy.errors.RunFailed",
    "ingest.errors.FeedListError",
]
DEFAULT_ARGS = {
    "owner": "wirecopy",
    "retries": 2,
    "retry_delay": timedelta(seconds=30),
    "retry_policy": ExceptionRetryPolicy(
        rules=[
            RetryRule(
                exception=name, action=RetryAction.FAIL, reason="a retry cannot help: the message says what to do"
            )
            for name in HOPELESS
        ]
    ),
}


@task
def plan(kind, ti=None, dag_run=None, data_interval_start=None, data_interval_end=None, params=None):
    """Decide what the interval needs, and cut it into shards: the result is mapped over, the run goes beside it."""
    planned = steps.plan(
        kind=kind,
        run_id=dag_run.run_id,
        start=data_interval_start and data_interval_start.isoformat(),
        end=data_interval_end and data_interval_end.isoformat(),
        run_after=dag_run.run_after.isoformat(),
        feeds=params["feeds"],
        retried=True,
    )
    ti.xcom_push(key="run", value=planned["run"])
    return planned["shards"]


@task(map_index_template="shard {{ task.op_kwargs['shard'] + 1 }} of {{ task.op_kwargs['of'] }}")
def pull(run, shard, of):
    """Fetch and extract one shard; finished parts wait for publish."""
    return steps.pull(run=run, shard=shard, of=of)


@task(trigger_rule="all_done")
def publish(run, pulled):
    """Commit every finished part, also of a failed shard."""
    return steps.publish(run=run, pulled=list(pulled[:]) if pulled else [])


@task(outlets=[ARTICLES, ARTICLES_BY_DATE])
def announce(report, outlet_events=None):
    """Asset events for the dates that changed; skipped if none did."""
    if not report["dates"]:
        raise AirflowSkipException("no date changed")
    outlet_events[ARTICLES].extra = steps.event_of(report)
    outlet_events[ARTICLES_BY_DATE].extra = steps.event_of(report)
    outlet_events[ARTICLES_BY_DATE].add_partitions(report["dates"])


@task(trigger_rule="all_done", retries=0)
def verdict(run, report):
    """Red if something needs a person, and what that person should do."""
    return steps.verdict(run=run, report=report)


@task
def dedupe(dag_run=None, params=None):
    """Compute the earliest out-of-date date until there is none."""
    return steps.dedupe(woken_by=dag_run.partition_key, first=params["first"], last=params["last"])


@task
def reprocess(dag_run=None, params=None):
    """Count what there is to do, or do it."""
    names = ("action", "first", "last", "dry_run")
    return steps.reprocess(run_id=dag_run.run_id, **{name: params[name] for name in names})


@task
def remove_old_raw():
    """Remove old captures that are booked."""
    return steps.remove_old_raw()


@task(retries=0)
def check_store():
    """Red if a file of the store is not as it should be."""
    return steps.check_store()


@task
def health_digest():
    """What fails and what waits."""
    return steps.health_digest()


@task(outlets=[ARTICLES_BY_DATE])
def wake(outlet_events=None):
    """Wake wirecopy_dedupe for dates that are still out of date."""
    dates = steps.waiting_dates()
    if not dates:
        raise AirflowSkipException("everything is up to date")
    outlet_events[ARTICLES_BY_DATE].add_partitions(dates)


def ingest(kind):
    """plan → pull, mapped over shards → publish → announce and verdict."""
    shards = plan(kind)
    pulled = pull.expand_kwargs(shards)
    report = publish(shards["run"], pulled)
    announce(report)
    verdict(shards["run"], report)
