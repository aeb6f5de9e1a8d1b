"""The environment of Airflow's processes, as plain dictionaries: pure, nothing is read or written here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

from wirecopy.local.home import Home

LOOPBACK: Final = "127.0.0.1"
MARK: Final = "_WIRECOPY_AIRFLOW"  # the home, in the environment of everything we start: how leftovers are found again
# Airflow's log servers listen on all interfaces, and no setting changes that: they are not started (all logs are files
# of this machine). A port on which nothing ever listens keeps the page of a running task from asking another Airflow's.
NOBODY: Final = "1"
DEMO_MINUTES: Final = 5
# Variables that a demo must not inherit: they say where data and feeds are.
NOT_IN_DEMO: Final = frozenset(
    {
        "WIRECOPY_CONFIG",
        "WIRECOPY_DATA",
        "WIRECOPY_FEEDS",
        "WIRECOPY_STATE_URL",
        "WIRECOPY_NOW",
        "WIRECOPY_ALLOW_NETWORKS",
    }
)
AGENCY: Final = "127.0.0.11"  # the newsroom's first publisher, at whose address the archives of others are, too
DEMO_SETTINGS: Final = """\
# Written by `wirecopy airflow --demo`. Look at its store from another shell:
#   WIRECOPY_CONFIG={path} wirecopy status
data = "data"
feeds = "feeds.toml"
allow_networks = ["127.0.0.0/8"]  # the newsroom lives on loopback addresses, which are refused by default
host_gap = "10ms"
quiet_for = "0s"  # few texts: copies of a backfilled day are found at once
max_age = "12h"  # live runs leave the days before to you: backfill wirecopy_day
# Archives of others, which the newsroom has too: past days come from them and from the sites' own.
warc = ["{archive}/crawl-data/CC-NEWS/"]
wayback = "{archive}"
wayback_gap = "10ms"
"""


def airflow_environment(
    home: Home,
    *,
    dags: Path,
    port: int,
    parallelism: int,
    token_key: str,
    given: Mapping[str, str],
    wirecopy: Mapping[str, str],
) -> dict[str, str]:
    """The whole environment of the processes: *given* (the caller's) with ours; a caller's AIRFLOW__… variable wins.

    *wirecopy* are the settings of the steps; they win over the caller's.
    """
    kept = {name: value for name, value in given.items() if name not in {"AIRFLOW_CONFIG", MARK}}
    prefix = urlsplit(given.get("AIRFLOW__API__BASE_URL", "")).path.rstrip("/")
    ours = _airflow_settings(home, dags=dags, port=port, parallelism=parallelism, prefix=prefix)
    return ours | {"AIRFLOW__API_AUTH__JWT_SECRET": token_key} | kept | _process_settings(home, given) | dict(wirecopy)


def _process_settings(home: Home, given: Mapping[str, str]) -> dict[str, str]:
    return {
        MARK: str(home.root),
        "AIRFLOW_HOME": str(home.root),
        "SPT_NOENV": "1",  # setproctitle would write its title over the environment that leftovers are found by
        "PYTHONUNBUFFERED": "1",
        # Tasks talk to the api-server without a proxy.
        "NO_PROXY": _with_loopback(given.get("NO_PROXY") or given.get("no_proxy") or ""),
        "no_proxy": _with_loopback(given.get("no_proxy") or given.get("NO_PROXY") or ""),
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",  # macOS: the scheduler forks its workers
    }


def _airflow_settings(home: Home, *, dags: Path, port: int, parallelism: int, prefix: str) -> dict[str, str]:
    """*prefix*: the path of a caller's own base URL, below which Airflow has all its addresses."""
    address = f"http://{LOOPBACK}:{port}"
    return {
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": str(parallelism),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}{prefix}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home.passwords),
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",  # getfqdn asks DNS: slow without network
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database_url(home),
        "AIRFLOW__API__HOST": LOOPBACK,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": address,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home.logs / "tasks"),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(home.logs / "dag_files"),
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": NOBODY,
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": NOBODY,
        # A busy api-server answers late, and one that is started again not for half a minute. A task that gave up
        # after Airflow's 5 seconds would report twice that it runs, be refused, and fail with an empty log.
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "30",
        "AIRFLOW__WORKERS__EXECUTION_API_RETRIES": "8",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "30",
        # A task whose supervisor died is started again after 90 seconds, not 300: its steps may run twice at once.
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "90",
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "60",
    }


def database_url(home: Home) -> str:
    """SQLAlchemy URL of the embedded PostgreSQL: a socket, no port."""
    return f"postgresql+psycopg2://postgres@/postgres?host={quote(str(home.database.sockets), safe='/')}"


def own_settings(*, config: Path, data: Path, feeds: Path) -> dict[str, str]:
    """The user's settings with absolute paths, because a task's working folder is arbitrary."""
    named = {"WIRECOPY_CONFIG": str(config)} if config.is_file() else {}
    return named | {"WIRECOPY_DATA": str(data), "WIRECOPY_FEEDS": str(feeds)}


def demo_settings(home: Home, given: Mapping[str, str]) -> dict[str, str]:
    """The demo's settings: the rest is in the settings file that this names."""
    return {
        "WIRECOPY_CONFIG": str(home.demo / "wirecopy.toml"),
        "WIRECOPY_LIVE_MINUTES": given.get("WIRECOPY_LIVE_MINUTES", str(DEMO_MINUTES)),
    }


def without_places(given: Mapping[str, str]) -> dict[str, str]:
    """*given* without the variables that a demo must not inherit."""
    return {name: value for name, value in given.items() if name not in NOT_IN_DEMO}


def _with_loopback(hosts: str) -> str:
    return ",".join(
        [host for host in hosts.split(",") if host.strip()]
        + [name for name in (LOOPBACK, "localhost") if name not in hosts]
    )
