"""A store that `wirecopy run` filled from the demo newsroom, once for all tests of the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.newsroom import Newsroom
from tests.wirecopy.cli import samples

ANCHOR = datetime(2026, 11, 25, tzinfo=UTC)


@dataclass(frozen=True)
class Command:
    """The installed `wirecopy` in one folder, with its own settings."""

    folder: Path
    newsroom: Newsroom

    def __call__(
        self, *arguments: object, now: datetime = ANCHOR, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run it; stdout and stderr are captured, so it writes for programs, not for a terminal."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("WIRECOPY_")}
        own = {
            "WIRECOPY_ALLOW_NETWORKS": "127.0.0.0/8",
            "WIRECOPY_HOST_GAP": "0",
            "WIRECOPY_EXTRACT_WORKERS": "1",  # each costs most of a second to start
            "WIRECOPY_NOW": now.isoformat(),
            "COLUMNS": "100",
        }
        return subprocess.run(
            [Path(sys.executable).parent / "wirecopy", *map(str, arguments)],
            cwd=self.folder,
            env={**clean, **own, **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def json(self, *arguments: object, **options):
        """Run it with --json and read what it printed."""
        done = self(*arguments, "--json", **options)
        assert done.stdout, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="session")
def newsroom():
    with Newsroom(anchor=ANCHOR, slow=timedelta(milliseconds=50)) as serving:
        yield serving


@pytest.fixture
def empty(tmp_path, newsroom) -> Command:
    """A folder with a feed list and no store."""
    newsroom.write_feeds(tmp_path / "feeds.toml")
    newsroom.now = ANCHOR
    return Command(tmp_path, newsroom)


@pytest.fixture(scope="session")
def filled(tmp_path_factory, newsroom) -> Command:
    """Three days of the newsroom, taken by one live pass."""
    folder = tmp_path_factory.mktemp("filled")
    newsroom.write_feeds(folder / "feeds.toml")
    newsroom.now = ANCHOR
    command = Command(folder, newsroom)
    done = command("run")
    assert done.returncode == 0, done.stderr
    return command


@dataclass(frozen=True)
class Answer:
    """What a command gave."""

    code: int
    out: str
    err: str


@pytest.fixture
def call(capsys):
    """The command inside this process: what it prints and its exit code, without a second start of Python."""
    from wirecopy.cli.app import run_app

    def run(*arguments: object) -> Answer:
        code = run_app([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return run


@pytest.fixture
def there(filled, monkeypatch) -> Command:
    """This process stands in the folder of the filled store."""
    monkeypatch.chdir(filled.folder)
    monkeypatch.setenv("WIRECOPY_NOW", ANCHOR.isoformat())
    return filled


@pytest.fixture
def harbour(tmp_path) -> Path:
    """Five articles: an agency's, three that copy it, and one that stands alone."""
    return samples.write(tmp_path / "harbour.jsonl", samples.HARBOUR)
