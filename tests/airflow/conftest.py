"""One local Airflow for all tests that can share it: it takes half a minute to start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.airflow.api import Api
from tests.airflow.stack import Stack, running

# By the demo's own settings live runs take what is at most twelve hours old, so that past days are left for the past
# runs. One live run an hour, so that the tests' own runs are alone. A gap of a third of a second makes pulls last
# long enough to be killed in their middle.
SETTINGS = {
    "WIRECOPY_LIVE_MINUTES": "60",
    "WIRECOPY_HOST_GAP": "300ms",
    "WIRECOPY_SHARE_FEED_FOR": "1s",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "15",
}


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """`wirecopy airflow --demo` in an empty home, ready; stopped in the end as by a service manager."""
    with running(tmp_path_factory.mktemp("airflow") / "home", SETTINGS) as started:
        yield started


@pytest.fixture(scope="session")
def api(stack: Stack) -> Api:
    """The stack's REST API, logged in."""
    return stack.ready()
