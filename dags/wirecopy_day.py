"""
### wirecopy_day: complete a day

Gives a UTC day what it still lacks: pages that failed, entries published that day that feeds still show, captures in
`raw/` that no run has used, and if the day ended more than two days ago, what the sites' own archives list (sitemaps,
WordPress and others: `wirecopy feeds check` shows how far back they reach). Entries of other days are left alone:
today's articles never land under a past date. Scheduled, it completes yesterday.

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
        ),
        "sources": Param(
            [],
            type="array",
            items={"type": "string"},
            title="Sources",
            description="Only these sources: raw, warc, feed, sitemap, wordpress, paging, template, wayback; "
            "empty: all that a feed has.",
        ),
    },
)
def wirecopy_day():
    ingest("day")


wirecopy_day()
