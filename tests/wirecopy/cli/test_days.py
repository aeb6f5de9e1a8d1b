"""--from and --to: every command refuses what is no day, what is to come, and the wrong order, in the same words."""

from __future__ import annotations

from pathlib import Path

import pytest

from wirecopy.cli.app import WRONG_USE, run_app

COMMANDS = (
    "run", "rededup", "reextract", "gaps", "raw list", "raw export kept.warc", "store export articles kept.csv",
    "trace release.txt",
)  # fmt: skip


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store without a row, at the noon of 25 November, and a text."""
    (tmp_path / "data" / "store").mkdir(parents=True)
    (tmp_path / "data" / "raw").mkdir()
    (tmp_path / "release.txt").write_text("The council has voted for the tram extension. " * 30)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WIRECOPY_NOW", "2026-11-25T12:00:00+00:00")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        pytest.param("2026-12-01", "2026-12-02", "lies in the future: it is 2026-11-25 12:00 UTC", id="to-come"),
        pytest.param("2026-11-20", "2027-11-22", "lies in the future", id="end-to-come"),
        pytest.param("2026-11-22", "2026-11-20", "2026-11-22 is not before 2026-11-20", id="wrong-order"),
        pytest.param("yesterday", "2026-11-20", "'yesterday' is no date", id="no-date"),
        pytest.param("2026-13-01", "2026-11-20", "'2026-13-01' is no date", id="no-month"),
    ],
)
def test_days_that_mean_nothing(command, first, last, words, capsys):
    """Exit 2, before anything is done."""
    assert run_app([*command.split(), "--from", first, "--to", last]) == WRONG_USE
    assert words in " ".join(capsys.readouterr().err.split())
    assert not list(Path().glob("kept*"))


def test_articles_may_be_dated_a_day_ahead(capsys):
    """So may the last day that is asked for."""
    assert run_app(["store", "export", "articles", "kept.csv", "--from", "2026-11-25", "--to", "2026-11-26"]) == 0
