"""One local Airflow for all tests of a group: it takes half a minute to start. There are two groups, faults and the
browser, so that two Airflows work side by side: in one, these tests would be the longest chain of all.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.airflow.api import Api, until
from tests.airflow.desk import Desk
from tests.airflow.first import First
from tests.airflow.stack import AT_ONCE, ODD, Stack, processes_of

# One live run an hour, so that the tests' own runs are alone. What was killed is found soon. DAG files do not change.
SETTINGS = {
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin,viewer:viewer",
    "WIRECOPY_LIVE_MINUTES": "60",
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "600",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "10",
}

ASKING = pytest.StashKey[pytest.Item]()


@pytest.fixture(scope="session", autouse=True)
def hangups() -> Iterator[None]:
    """Under nohup the command would obey that, and not end when its terminal is closed."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """For `stack`, which is of a session: the test that is the first to ask for it."""
    item.config.stash[ASKING] = item


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Stack]:
    """`wirecopy airflow --demo`, ready. In the end it is stopped as by a service manager."""
    stack = Stack(home=tmp_path_factory.mktemp("airflow") / ODD / "home", environment=SETTINGS)
    try:
        if _first_starts_fail(pytestconfig.stash[ASKING]):
            _end_in_the_midst_of_starts(stack)
        stack.start().ready()
        yield stack
        assert stack.stop() == 0
        assert processes_of(stack.home) == []
    finally:
        stack.kill_everything()


def _first_starts_fail(item: pytest.Item) -> bool:
    """Of two Airflows side by side that of the faults: it takes most of a minute."""
    group = item.get_closest_marker("xdist_group")
    return "PYTEST_XDIST_WORKER" not in os.environ or (group is not None and "airflow-faults" in group.args)


def _end_in_the_midst_of_starts(stack: Stack) -> None:
    """It is ended at once in the midst of its first start, and killed in that of its second: a third one is as good."""
    _components(stack.start())
    assert stack.interrupt_twice() < AT_ONCE
    assert processes_of(stack.home) == []
    _components(stack.start())
    stack.kill_command()
    until(lambda: not processes_of(stack.home), seconds=30, what="the end of what the killed command had started")


def _components(stack: Stack) -> None:
    """Wait until Airflow's processes are on their way; the scheduler is the last."""
    until(lambda: stack.pid_of("api-server"), seconds=120, what="the api-server's process")


@pytest.fixture(scope="session")
def api(stack: Stack) -> Api:
    """The stack's REST API, logged in."""
    return stack.ready()


@pytest.fixture(scope="session")
def first(stack: Stack, api: Api) -> First:
    """What came by itself after the start, and of one run by hand, before any test has touched the stack."""
    return First.watched(stack, api)


@pytest.fixture
def desk_of(stack: Stack, api: Api, first: First, request: pytest.FixtureRequest) -> Callable[..., Desk]:
    """A desk of the test's own, with the settings that it names."""

    def make(**settings: Any) -> Desk:
        return Desk.cleared(stack, api, re.sub(r"\W+", "-", request.node.name).strip("-"), **settings)

    return make
