"""
### wirecopy_day: complete a day

Gives a UTC day what it still lacks: pages that failed, entries published that day that feeds still show, and
captures in `raw/` that no run has used. Entries of other days are left alone: today's articles never land under a
past date. Scheduled, it completes yesterday.

**This is the DAG to backfill.** Choose the days in the backfill form; no parameters are needed, the interval says
all. Running a day again adds what is new and deletes nothing; with nothing to add it succeeds and says so.

A run is red if a page took its process with it, if a shard failed, or if more than half of its feeds could not be
read; what could be published is published either way, and the log of `verdict` says what to do.
"""

from airflow.sdk import CronDataIntervalTimetable, Param, dag
from wirecopy_tasks import DEFAULT_ARGS, ingest


@dag(
    schedule=CronDataIntervalTimetable("0 0 * * *", timezone="UTC"),
    catchup=False,
    max_active_runs=2,
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=["wirecopy", "ingest", "backfill"],
    params={
        "feeds": Param(
            [],
            type="array",
            items={"type": "string"},
            title="Feeds",
            description="Only these feed ids of feeds.toml; empty: all.",
        )
    },
)
def wirecopy_day():
    ingest("day")


wirecopy_day()
