"""What is not installed is named: of wirecopy, and of the extra that only `wirecopy airflow` needs."""

from __future__ import annotations

from importlib import metadata

import pytest

from wirecopy.cli.app import WRONG_USE, run_app
from wirecopy.packages import LOCAL, unmet

REQUIRES = ["rich>=14.0", "packaging>=99", 'supervisor>=4.3; extra == "local"', 'nowhere-at-all>=1; extra == "local"']


def test_everything_is_met() -> None:
    """In this installation, which has the extra."""
    assert (unmet(), unmet(LOCAL)) == ([], [])


def test_what_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing or of another version; the extra's packages only where the extra is meant."""
    monkeypatch.setattr(metadata, "requires", lambda name: REQUIRES)
    assert unmet() == [f"packaging is {metadata.version('packaging')}, needed is >=99"]
    assert unmet(LOCAL) == ["nowhere-at-all is missing"]


def test_airflow_without_the_extra_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One message, before anything is made or started."""
    monkeypatch.setattr(metadata, "requires", lambda name: REQUIRES)
    assert run_app(["airflow", "--demo"]) == WRONG_USE
    said = capsys.readouterr().err
    assert "`wirecopy airflow` needs packages that only it uses: nowhere-at-all is missing" in said
    assert "pip install -e '.[local]'" in said
