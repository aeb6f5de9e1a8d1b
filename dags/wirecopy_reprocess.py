"""
### wirecopy_reprocess: do past days again

For a new version of wirecopy, or a repaired store. It runs only by hand, and as **a dry run unless you say otherwise**:
then it only counts the work, in the log and in the result.

- **reextract** extracts every captured page of the days again, from `raw/`, without network. If the new code
  reads another text from a capture, that text replaces the old one; nothing else is deleted. Then the copies of the
  changed days are computed.
- **rededup** computes matches and clusters of the days again, even if they are current.
"""

from airflow.sdk import Param, dag
from wirecopy_tasks import DEFAULT_ARGS, do_again

ACTIONS = ["reextract", "rededup"]
DRY_RUN = "Only count what there is to do."


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=["wirecopy", "maintenance"],
    params={
        "action": Param("rededup", type="string", enum=ACTIONS, title="Action", description="What to do again."),
        "first": Param(None, type="string", format="date", title="First day", description="UTC, inclusive."),
        "last": Param(None, type="string", format="date", title="Last day", description="UTC, inclusive."),
        "dry_run": Param(True, type="boolean", title="Dry run", description=DRY_RUN),
    },
)
def wirecopy_reprocess():
    do_again()


wirecopy_reprocess()
