"""What stands around the code, for forges and for people, says the same as the code and the Makefile."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from wirecopy import __version__

ROOT = Path(__file__).resolve().parent.parent


def test_one_source_of_the_version():
    """The installed package and the image have the version that wirecopy/version.py names."""
    compose = (ROOT / "docker/compose.yaml").read_text(encoding="utf-8")
    assert version("wirecopy") == __version__
    assert re.findall(r"wirecopy-airflow:([\w.]+)", compose) == [__version__]


def test_pre_commit_runs_the_checks_of_make_check():
    """Each command of `make check` is a hook, and no hook does anything else or loads anything."""
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    hooks = [hook for repo in config["repos"] for hook in repo["hooks"]]
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M)
    assert {repo["repo"] for repo in config["repos"]} == {"local"}
    assert {hook["language"] for hook in hooks} == {"system"}
    shape = re.compile(r"bash -c '\"\$\{VIRTUAL_ENV:-\.venv\}/bin/([\w-]+)\"(.*)'")
    run = [shape.sub(r"\1\2", hook["entry"]) for hook in hooks]
    assert run == [line.strip().replace("$(BIN)/", "") for line in recipe[1].splitlines()]


def test_the_forge_runs_the_gate():
    """The workflow calls .ci/run on every Python that pyproject.toml names."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    job = workflow["jobs"]["gate"]
    named = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert ".ci/run" in [step.get("run") for step in job["steps"]]
    assert job["strategy"]["matrix"]["python"] == named


@pytest.mark.xdist_group("grouped")
def test_groups_of_tests_are_kept(request: pytest.FixtureRequest) -> None:
    """Two Airflows, not one per worker, rest on it: pytest-xdist tells the group by the end of the id."""
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("the tests are not spread over workers by groups")
    assert request.node.nodeid.endswith("@grouped")
