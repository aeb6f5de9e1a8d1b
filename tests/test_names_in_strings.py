"""Modules that are named in strings: each name is found, so that a move cannot leave one behind."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from cyclopts import App

from dedupe import backends
from ingest.workers import worker_main, workers
from wirecopy import steps
from wirecopy.cli.app import COMMANDS, Command, run_app

ROOT = Path(__file__).resolve().parent.parent
EVERY = [(name, one) for commands in COMMANDS.values() for name, one in commands.items()]
STARTED = sorted(
    {
        module
        for folder in ("ingest", "wirecopy", "docker", "demo")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".yaml", ".sh", ""} and path.is_file()
        for module in re.findall(r"-m\"?,? \"?((?:ingest|dedupe|wirecopy|demo)[\w.]*)", path.read_text("utf-8"))
    }
)


def resolve(name: str, separator: str) -> object:
    module, _, attribute = name.rpartition(separator)
    return getattr(import_module(module), attribute)


@pytest.mark.parametrize("target", [workers.EXTRACT, workers.PARSE, *worker_main.WARMED])
def test_worker_targets(target: str) -> None:
    """What a worker process is told to call."""
    assert callable(resolve(target, ":"))


def test_compiled_code_that_shows_that_all_is_loaded() -> None:
    """`backends.pays` looks for this module."""
    assert find_spec(backends.LAST_LOADED)


@pytest.mark.parametrize("name", steps.__all__)
def test_steps(name: str) -> None:
    """Steps are loaded when they are used."""
    assert getattr(steps, name).__module__.startswith("wirecopy.steps.")


@pytest.mark.parametrize("name, command", EVERY, ids=[name for name, _ in EVERY])
def test_commands(name: str, command: Command) -> None:
    """Commands are loaded when they are called; the list of commands says of each what its own help begins with."""
    target = resolve(command.target, ":")
    text = target.help if hasattr(target, "help") else target.__doc__
    assert " ".join(text.split("\n\n")[0].split()) == command.summary


@pytest.mark.parametrize("group", [name for name, one in EVERY if isinstance(resolve(one.target, ":"), App)])
def test_a_list_of_commands_says_something_of_each(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Also of those that are imported when they are called."""
    app = resolve(dict(EVERY)[group].target, ":")
    assert isinstance(app, App)
    run_app([group, "--help"])
    said = {
        line.split()[1]: line.split()[2:-1] for line in capsys.readouterr().out.splitlines() if line.startswith("│ ")
    }
    assert [name for name in app if not name.startswith("-") and not said[name]] == []


@pytest.mark.parametrize("module", STARTED)
def test_programs(module: str) -> None:
    """Programs that are started with `python -m`."""
    assert "ingest.workers.worker_main" in STARTED
    assert find_spec(module), sys.path
