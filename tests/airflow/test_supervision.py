"""supervisord's configuration, and what health means."""

from __future__ import annotations

import configparser
import shlex
from pathlib import Path

import pytest

from wirecopy.local.health import sick
from wirecopy.local.home import Home
from wirecopy.local.supervision import COMPONENTS, component, configuration, postgres

HOME = Home(Path("/srv/100% wire/.airflow"))
PROGRAMS = (postgres(HOME), *(component(name, Path("/work here")) for name in COMPONENTS))


def parsed(*, root: bool = False) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(inline_comment_prefixes=(";", "#"))  # as supervisor reads it
    parser.read_string(configuration(HOME, PROGRAMS, root=root))
    return parser


@pytest.mark.parametrize("name", ["postgres", *COMPONENTS])
def test_every_program_comes_back(name: str) -> None:
    """A dead one is started again, with a limit for one that dies at once, and none outlives its stop."""
    section = parsed()[f"program:{name}"]
    assert section["autorestart"] == "true"
    assert int(section["startretries"]) > 3
    assert section["killasgroup"] == "true"


def test_only_the_database_starts_by_itself() -> None:
    """Airflow's processes wait until its tables are there."""
    parser = parsed()
    assert {name for name in ("postgres", *COMPONENTS) if parser[f"program:{name}"]["autostart"] == "true"} == {
        "postgres"
    }


def test_airflow_stops_before_the_database() -> None:
    """supervisord stops from the greatest priority on; Airflow's four stop together."""
    parser = parsed()
    assert parser["group:airflow"]["programs"] == ",".join(COMPONENTS)
    assert int(parser["group:airflow"]["priority"]) > int(parser["program:postgres"]["priority"])


def test_paths_survive() -> None:
    """Spaces and percent signs in a path."""
    section = parsed()["program:postgres"]
    assert section["directory"].replace("%%", "%") == str(HOME.root)
    assert shlex.split(section["command"].replace("%%", "%"))[-1] == str(HOME.root)


@pytest.mark.parametrize("name", ["scheduler", "triggerer"])
def test_no_log_server(name: str) -> None:
    """Airflow's log servers would listen on all interfaces."""
    assert "--skip-serve-logs" in parsed()[f"program:{name}"]["command"]


@pytest.mark.parametrize("root", [True, False])
def test_root_is_said(root: bool) -> None:
    """supervisord warns root who does not say so."""
    assert parsed(root=root)["supervisord"].get("user") == ("root" if root else None)


WELL = {name: {"status": "healthy"} for name in ("metadatabase", "scheduler", "triggerer", "dag_processor")}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(WELL, [], id="well"),
        pytest.param(
            WELL | {"scheduler": {"status": "unhealthy"}, "triggerer": {"status": None}},
            ["scheduler", "triggerer"],
            id="sick",
        ),
        pytest.param({}, ["postgres", "scheduler", "triggerer", "dag-processor"], id="nothing"),
    ],
)
def test_sick(answer: dict[str, object], expected: list[str]) -> None:
    """Whatever is not said to be healthy is not."""
    assert sick(answer) == expected
