"""
### wirecopy_maintain: daily maintenance

This DAG changes no article.

| task | what it does |
|---|---|
| `remove_old_raw` | removes captures older than `WIRECOPY_RAW_KEEP` (30 days) that have an outcome; others stay |
| `check_store` | reads every file of the store and compares the tables; red if there is a problem, with the next step |
| `health_digest` | feeds that fail, entries that wait or are exhausted: read its log |
| `index_texts` | indexes the words of past dates for the search of the pages |
| `wake` | wakes `wirecopy_dedupe` for dates whose copies are still out of date (skipped if there are none) |
"""

from airflow.sdk import CronDataIntervalTimetable, dag
from wirecopy_tasks import DEFAULT_ARGS, check_store, health_digest, index_texts, remove_old_raw, wake


@dag(
    schedule=CronDataIntervalTimetable("30 1 * * *", timezone="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=["wirecopy", "maintenance"],
)
def wirecopy_maintain():
    remove_old_raw()
    check_store()
    health_digest()
    index_texts()
    wake()


wirecopy_maintain()
