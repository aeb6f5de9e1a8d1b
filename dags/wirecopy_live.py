"""
### wirecopy_live: what is new now

Polls the feeds that are due, fetches the pages of entries it does not know, extracts their articles and publishes
them to the parquet store. Every entry ends in one counted outcome; entries that failed are tried again by the
retry queue.

| task | what it does |
|---|---|
| `plan` | decides which feeds are due and which failed entries are to be tried again, and cuts the work into shards |
| `pull` | one shard: feeds and pages in, finished parts out |
| `publish` | commits everything that is finished, also of a failed shard; its log has the run's summary |
| `announce` | asset events for the dates that changed (skipped if none did): `wirecopy_dedupe` wakes by them |
| `verdict` | green, or red with what to do |

A run whose interval ended more than six hours ago is a *past* run: it takes only entries published inside its
interval. **To fill past days, backfill `wirecopy_day`**: it does in 30 runs what this DAG would do in 2,880.
"""

from airflow.sdk import CronDataIntervalTimetable, Param, dag
from wirecopy_tasks import DEFAULT_ARGS, ingest

from wirecopy.schedule import live_cron


@dag(
    schedule=CronDataIntervalTimetable(live_cron(), timezone="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=["wirecopy", "ingest"],
    params={
        "feeds": Param(
            [],
            type="array",
            items={"type": "string"},
            title="Feeds",
            description="Only these feed ids of feeds.toml; empty: all that are due.",
        )
    },
)
def wirecopy_live():
    ingest("live")


wirecopy_live()
