"""The environment that Airflow's processes get."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest

from wirecopy.local.environment import MARK, airflow_environment, demo_settings, own_settings, without_places
from wirecopy.local.home import SOCKET_FOLDER_BYTES, Home

HOME = Home(Path("/srv/wire copy/.airflow"))


def made(given: dict[str, str], wirecopy: dict[str, str] | None = None) -> dict[str, str]:
    return airflow_environment(
        HOME,
        dags=Path("/srv/dags"),
        port=8123,
        parallelism=4,
        token_key="k" * 128,
        given=given,
        wirecopy=wirecopy or {},
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("AIRFLOW_HOME", "/srv/wire copy/.airflow", id="home"),
        pytest.param("AIRFLOW__CORE__EXECUTOR", "LocalExecutor", id="executor"),
        pytest.param("AIRFLOW__CORE__LOAD_EXAMPLES", "False", id="examples"),
        pytest.param("AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION", "False", id="unpaused"),
        pytest.param("AIRFLOW__CORE__DAGS_FOLDER", "/srv/dags", id="dags"),
        pytest.param("AIRFLOW__API__HOST", "127.0.0.1", id="loopback"),
        pytest.param("AIRFLOW__API__BASE_URL", "http://127.0.0.1:8123", id="address"),
        pytest.param(
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "http://127.0.0.1:8123/execution/", id="tasks-know-the-address"
        ),
        pytest.param("AIRFLOW__USAGE_DATA_COLLECTION__ENABLED", "False", id="usage-data"),
        pytest.param("AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT", "90", id="heartbeat"),
        pytest.param("SPT_NOENV", "1", id="titles-leave-the-environment"),
    ],
)
def test_what_we_choose(name: str, value: str) -> None:
    """Our choices, when the caller has none."""
    assert made({})[name] == value


@pytest.mark.parametrize(
    ("given", "name", "value"),
    [
        pytest.param(
            {"AIRFLOW__CORE__PARALLELISM": "9"}, "AIRFLOW__CORE__PARALLELISM", "9", id="setting-of-the-caller-wins"
        ),
        pytest.param(
            {"AIRFLOW__API__BASE_URL": "https://desk.example/air/"},
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
            "http://127.0.0.1:8123/air/execution/",
            id="tasks-know-the-prefix-too",
        ),
        pytest.param({"AIRFLOW_HOME": "/other"}, "AIRFLOW_HOME", "/srv/wire copy/.airflow", id="home-is-ours"),
        pytest.param(
            {"AIRFLOW_CONFIG": "/other/airflow.cfg"}, "AIRFLOW_CONFIG", None, id="no-configuration-of-another-airflow"
        ),
        pytest.param({MARK: "/other"}, MARK, "/srv/wire copy/.airflow", id="started-from-a-task-of-another"),
        pytest.param({"LANG": "de_DE.UTF-8"}, "LANG", "de_DE.UTF-8", id="the-rest-is-kept"),
        pytest.param(
            {"NO_PROXY": "intra.example"}, "NO_PROXY", "intra.example,127.0.0.1,localhost", id="no-proxy-for-ourselves"
        ),
        pytest.param({"no_proxy": "127.0.0.1"}, "NO_PROXY", "127.0.0.1,localhost", id="no-proxy-once"),
    ],
)
def test_what_the_caller_has(given: dict[str, str], name: str, value: str | None) -> None:
    """The caller's AIRFLOW__ variables win; what would point to another Airflow does not."""
    assert made(given).get(name) == value


def test_settings_of_the_steps_win() -> None:
    """The feed list that was chosen is the one that tasks read."""
    assert (
        made({"WIRECOPY_FEEDS": "relative.toml"}, {"WIRECOPY_FEEDS": "/abs/feeds.toml"})["WIRECOPY_FEEDS"]
        == "/abs/feeds.toml"
    )


def test_database_url_names_the_socket() -> None:
    """A path with a space survives the URL."""
    url = made({})["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    assert unquote(url.partition("host=")[2]) == str(HOME.database.sockets)
    assert " " not in url


def test_demo_takes_no_places_of_the_caller() -> None:
    """A demo never writes into the caller's data, and keeps the caller's other settings."""
    given = {
        "WIRECOPY_DATA": "/real",
        "WIRECOPY_FEEDS": "/real.toml",
        "WIRECOPY_HOST_GAP": "1s",
        "WIRECOPY_LIVE_MINUTES": "60",
    }
    assert without_places(given) == {"WIRECOPY_HOST_GAP": "1s", "WIRECOPY_LIVE_MINUTES": "60"}
    assert demo_settings(HOME, given)["WIRECOPY_LIVE_MINUTES"] == "60"


def test_own_settings_are_absolute(tmp_path: Path) -> None:
    """A settings file is named only if there is one."""
    config = tmp_path / "wirecopy.toml"
    places = {"WIRECOPY_DATA": "/d", "WIRECOPY_FEEDS": "/f.toml"}
    assert own_settings(config=config, data=Path("/d"), feeds=Path("/f.toml")) == places
    config.touch()
    assert own_settings(config=config, data=Path("/d"), feeds=Path("/f.toml")) == places | {
        "WIRECOPY_CONFIG": str(config)
    }


@pytest.mark.parametrize("depth", [1, 40], ids=["short", "long"])
@pytest.mark.parametrize("user", [0, 1000], ids=["root", "user"])
def test_sockets_fit(depth: int, user: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the home, its sockets' folders are short, and its own."""
    monkeypatch.setattr("os.geteuid", lambda: user)
    home = Home(Path("/home/somebody" + "/deeper" * depth))
    assert len(str(home.run)) <= SOCKET_FOLDER_BYTES
    assert len(str(home.database.sockets)) <= SOCKET_FOLDER_BYTES
    assert home.run != Home(home.root / "x").run


def test_roots_database_lies_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL of root runs as another user, for whom no folder of root's is opened."""
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert not HOME.database.data.is_relative_to(HOME.root)
