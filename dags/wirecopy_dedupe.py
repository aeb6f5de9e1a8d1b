"""
### wirecopy_dedupe: find the copies

Computes sketches, matches and clusters of every date that is out of date. What is out of date is read from the
store, so a lost event costs nothing: the next run sees it.

It wakes once per date that an ingest run changed. Today and yesterday are computed at once; another date waits
until the articles of its eight days have been quiet for half an hour, so that a month of backfilled days is not
computed over and over. Triggered by hand, it computes all that is out of date now, or the dates you name.

With `WIRECOPY_DEDUPE_ENGINE=airflow` each date is matched by a task of its own, on any worker.

What was computed is told as an event of the asset `wirecopy_copies`, for your own DAGs.
"""

from airflow.sdk import Param, PartitionedAssetTimetable, dag
from wirecopy_tasks import ARTICLES_BY_DATE, DEFAULT_ARGS, find_copies, linked

DATE = {"type": ["null", "string"], "format": "date"}


@dag(
    schedule=PartitionedAssetTimetable(assets=ARTICLES_BY_DATE),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=["wirecopy", "dedupe"],
    params={
        "first": Param(
            None,
            **DATE,
            title="First date",
            description="Compute out-of-date dates from this one on; empty: from the earliest.",
        ),
        "last": Param(None, **DATE, title="Last date", description="… up to this one; empty: to the latest."),
    },
)
def wirecopy_dedupe():
    linked(find_copies())


wirecopy_dedupe()
