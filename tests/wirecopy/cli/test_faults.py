"""Damage of every kind, and every command on it: a message with the thing and the next step, never a traceback."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy.exc import OperationalError

from tests.wirecopy.builders import capture, commit
from tests.wirecopy.lived import use_folder
from wirecopy.cli.app import run_app
from wirecopy.cli.show.console import Terminal
from wirecopy.cli.show.faults import explain_fault
from wirecopy.store.files.layout import Layout

COMMANDS = [
    ["status"], ["status", "--json"], ["doctor"], ["query", "SELECT count(*) FROM articles"],
    ["query", "FROM copies"], ["feeds", "list"], ["raw", "list"], ["store", "check"], ["store", "check", "--quick"],
    ["run", "--no-dedupe"], ["run", "--from", "2026-11-24", "--to", "2026-11-24", "--no-dedupe"], ["rededup"],
    ["reextract", "--from", "2026-11-24", "--to", "2026-11-24", "--dry-run"],
    ["forget", "--domain", "nowhere.example"],
]  # fmt: skip


def largest(layout: Layout, table: str) -> Path:
    return max(layout.store.glob(f"{table}/**/*.parquet"), key=lambda path: path.stat().st_size)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def state_of(layout: Layout) -> Path:
    for name in ("state.db-wal", "state.db-shm"):
        (layout.state / name).unlink(missing_ok=True)
    return layout.state / "state.db"


def foreign(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "x.parquet").write_bytes(b"x")


DAMAGES: dict[str, tuple[Callable[[Layout], object], str]] = {
    "articles-truncated": (lambda layout: truncate(largest(layout, "articles")), "articles-"),
    "outcomes-truncated": (lambda layout: truncate(largest(layout, "outcomes")), "outcomes-"),
    "polls-empty": (lambda layout: largest(layout, "polls").write_bytes(b""), "polls-"),
    "clusters-truncated": (lambda layout: truncate(largest(layout, "clusters")), "clusters-"),
    "matches-no-parquet": (lambda layout: largest(layout, "matches").write_bytes(b"hello"), "matches-"),
    "sketches-truncated": (lambda layout: truncate(largest(layout, "sketches")), "sketches-"),
    "folder-that-is-no-date": (lambda layout: foreign(layout.store / "articles/date=foo"), "date=foo"),
    "raw-folder-that-is-no-date": (lambda layout: foreign(layout.raw / "date=x"), "date=x"),
    "raw-file-truncated": (lambda layout: truncate(next(layout.raw.rglob("*.parquet"))), "raw/date="),
    "raw-file-no-parquet": (lambda layout: next(layout.raw.rglob("*.parquet")).write_bytes(b"no"), "raw/date="),
    "watermark-cut": (lambda layout: (layout.state / "watermark.json").write_text('{"fin'), ""),
    "views-no-text": (lambda layout: (layout.state / "views.sql").write_bytes(b"\xff\xfe\x00"), ""),
    "state-no-database": (lambda layout: state_of(layout).write_bytes(b"no database" * 100), "state.db"),
    "state-truncated": (lambda layout: truncate(state_of(layout)), "state.db"),
    "part-no-gzip": (lambda layout: (layout.staging / f"{'p' * 32}.{'a' * 32}.0.0.part").write_bytes(b"x"), ""),
    "part-of-no-name": (lambda layout: (layout.staging / "x.part").write_bytes(b"x"), ""),
    "journal-of-no-name": (lambda layout: (layout.staging / "x.journal").write_bytes(b"x\n"), ""),
    "tombstones-cut": (lambda layout: (layout.state / "tombstones.json").write_text('["a'), "tombstones.json"),
}


@pytest.fixture(scope="module")
def deduped(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("deduped") / "lived"
    shutil.copytree(made, folder)
    with pytest.MonkeyPatch.context() as patch:
        use_folder(patch, folder)
        assert run_app(["rededup"]) == 0
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", DAMAGES)
def test_no_traceback(deduped, tmp_path, monkeypatch, capsys, name):
    """Every command on every damage; the one that looks at it names it."""
    break_it, named = DAMAGES[name]
    monkeypatch.setattr(logging, "raiseExceptions", False)  # a handler of an earlier command has the earlier stderr
    monkeypatch.setenv("WIRECOPY_FETCH_TIMEOUT", "1s")
    told = ""
    for number, command in enumerate(COMMANDS):
        folder = tmp_path / str(number)
        shutil.copytree(deduped, folder)
        use_folder(monkeypatch, folder)
        break_it(Layout(folder / "data"))
        code = run_app(command)
        written = capsys.readouterr()
        assert code in (0, 1, 2), command
        assert "Traceback" not in written.err
        told += written.out + written.err
        shutil.rmtree(folder)
    assert named in told


@pytest.mark.slow
def test_a_damaged_state_is_named_and_the_advice_mends_it(deduped, tmp_path, monkeypatch, capsys):
    """Nobody set WIRECOPY_STATE_URL, so nobody is told to unset it."""
    shutil.copytree(deduped, tmp_path / "copy")
    use_folder(monkeypatch, tmp_path / "copy")
    layout = Layout(tmp_path / "copy" / "data")
    state_of(layout).write_bytes(b"no database" * 1000)
    assert run_app(["run", "--no-dedupe"]) == 1
    said = capsys.readouterr().err
    assert "WIRECOPY_STATE_URL" not in said
    assert "state.db is damaged" in said.replace("\n", "")
    state_of(layout).unlink()
    assert run_app(["status"]) in (0, 1)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        pytest.param(OSError(errno.ENOSPC, "No space left", "/d/x"), "/d/x: No space left. What was", id="full"),
        pytest.param(PermissionError(errno.EACCES, "Permission denied", "/d/x"), "Run as the owner", id="rights"),
        pytest.param(FileExistsError(errno.EEXIST, "File exists", "/d/x"), "move it away", id="file-for-folder"),
        pytest.param(OSError(errno.EXDEV, "Invalid cross-device link", "/a", None, "/b"), "/a → /b", id="filesystems"),
        pytest.param(pa.ArrowInvalid("bad footer"), "store check", id="parquet"),
        pytest.param(sqlite3.DatabaseError("file is not a database"), "state.db", id="sqlite"),
        pytest.param(OperationalError("x", {}, sqlite3.OperationalError("disk is full")), "make room", id="state-full"),
        pytest.param(MemoryError(), "more memory", id="memory"),
        pytest.param(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), "UTF-8", id="utf-8"),
        pytest.param(KeyError("x"), None, id="a-bug-stays-one"),
        pytest.param(ZeroDivisionError(), None, id="another"),
    ],
)  # fmt: skip
def test_faults_of_the_machine(error, says):
    """The thing, the reason, the next step."""
    found = explain_fault(error)
    assert found is None if says is None else says in found


def test_a_fault_that_nobody_expected_is_one_message(layout, monkeypatch, capsys):
    """Wherever it comes from."""
    commit(layout, capture())
    monkeypatch.setenv("WIRECOPY_DATA", str(layout.root))

    def full(*_args, **_options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(layout.root))

    monkeypatch.setattr("wirecopy.cli.status.waiting_dates", full)
    (layout.root.parent / "feeds.toml").write_text('[[feed]]\nid = "a"\nurl = "https://a.example/"\n')
    monkeypatch.setenv("WIRECOPY_FEEDS", str(layout.root.parent / "feeds.toml"))
    assert run_app(["status"]) == 1
    assert "make room" in capsys.readouterr().err


def test_cluster_out_on_a_file(tmp_path, capsys):
    """A folder is needed there."""
    (tmp_path / "texts.jsonl").write_text('{"id": "a", "text": "one two three"}\n')
    (tmp_path / "out").write_text("mine")
    assert run_app(["cluster", str(tmp_path / "texts.jsonl"), "--out", str(tmp_path / "out")]) in (1, 2)
    assert "out" in capsys.readouterr().err
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize("text", ["an HTML page titled '[/red]'", "[bold]x[/italic]", "\x1b[2J\x9b31m", "\u202e"])
def test_what_comes_from_outside_steers_nothing(text, capsys):
    """Also where it was put between markup as it is."""
    Terminal(highlight=False).print(f"[yellow]failing feed[/] {text}")
    out = capsys.readouterr().out
    assert "failing feed" in out
    assert not {"\x1b[2J", "\x9b", "\u202e"} & set(out)
