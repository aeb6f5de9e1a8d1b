"""A file of the store is damaged or gone: what says so, and that the advice, followed to the letter, mends it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from demo.newsroom import Newsroom
from tests.wirecopy.builders import capture, commit, content
from tests.wirecopy.lived import use_folder
from tests.wirecopy.running import ANCHOR
from wirecopy.cli.app import run_app
from wirecopy.store.files.layout import Layout

DERIVED = ("clusters", "matches", "sketches")


@pytest.fixture(scope="module")
def newsroom() -> Iterator[Newsroom]:
    with Newsroom(anchor=ANCHOR, slow=timedelta(milliseconds=1)) as served:
        yield served


@pytest.fixture(scope="module")
def deduped(newsroom: Newsroom, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a live run and its copies."""
    folder: Path = tmp_path_factory.mktemp("deduped")
    newsroom.write_feeds(folder / "feeds.toml")
    with pytest.MonkeyPatch.context() as patch:
        use_folder(patch, folder)
        assert run_app(["run"]) == 0
    return folder


@pytest.fixture
def store(deduped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A copy of it, an hour later."""
    shutil.copytree(deduped, tmp_path / "copy")
    use_folder(monkeypatch, tmp_path / "copy", ANCHOR + timedelta(hours=1))
    return Layout(tmp_path / "copy" / "data")


def checked(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    """What `wirecopy store check` says."""
    capsys.readouterr()
    return run_app(["store", "check", *options]), capsys.readouterr().out


def largest(layout: Layout, table: str) -> Path:
    return max(layout.store.glob(f"{table}/**/*.parquet"), key=lambda path: path.stat().st_size)


def commands(text: str) -> list[list[str]]:
    """The commands that a message names."""
    return [found.split()[1:] for found in re.findall(r"`(wirecopy (?:run|rededup) [^`]*)`", text)]


def damage(path: Path, how: str) -> None:
    whole = path.read_bytes()
    if how == "truncated":
        path.write_bytes(whole[: len(whole) // 2])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "flipped":
        middle = len(whole) // 3
        turned = bytes(byte ^ 0x55 for byte in whole[middle : middle + 2_000])
        path.write_bytes(whole[:middle] + turned + whole[middle + 2_000 :])
    else:
        path.unlink()


@pytest.mark.slow
@pytest.mark.parametrize("how", ["truncated", "flipped", "deleted"])
@pytest.mark.parametrize("raw", [True, False], ids=["raw-kept", "raw-gone"])
def test_lost_articles_come_back_by_following_the_advice(store, capsys, how, raw):
    """The file is moved away as `store check` says, the command that it names is run, and all is as before."""
    before = content(store)
    path = largest(store, "articles")
    damage(path, how)
    if not raw:
        shutil.rmtree(store.raw)
    if how != "deleted":
        code, told = checked(capsys)
        assert code == 1
        assert str(path) in told
        assert "Move it out of the store" in told or "move it out of the store" in told
        path.unlink()
    code, told = checked(capsys)
    assert code == 1
    assert "in no file" in told
    for command in [one for one in commands(told) if one[0] == "run"]:
        assert run_app(command) == 0
    code, told = checked(capsys)
    assert (code, "is sound" in told) == (0, True)
    after = content(store)
    if raw:
        assert after["articles"] == before["articles"]
        assert after["clusters"] == before["clusters"]
    assert {row["article_id"] for row in after["articles"]} == {row["article_id"] for row in before["articles"]}


@pytest.mark.slow
@pytest.mark.parametrize("how", ["truncated", "empty", "flipped", "deleted"])
@pytest.mark.parametrize("table", DERIVED)
def test_what_is_computed_is_computed_anew(store, capsys, table, how):
    """Matches, clusters, sketches: `store check` tells; a run rebuilds what cannot be read, or the advice does."""
    before = content(store)
    path = largest(store, table)
    damage(path, how)
    code, told = checked(capsys)
    assert code == (0 if how == "deleted" else 1)
    if how == "flipped" or (table == "sketches" and how != "deleted"):
        assert str(path) in told
        path.unlink()
        assert [run_app(command) for command in commands(told)] == [0]
    assert run_app(["rededup"]) == 0
    assert checked(capsys)[0] == 0
    assert content(store) == before


@pytest.mark.slow
def test_a_date_whose_articles_are_gone_for_good(store, capsys):
    """The ledger was lost with them: the advice computes the date anew, and nothing names them any more."""
    path = largest(store, "articles")
    path.unlink()
    shutil.rmtree(store.store / "outcomes")
    code, told = checked(capsys)
    assert (code, "rows of clusters" in told, "rows of sketches" in told) == (1, True, True)
    for command in commands(told):
        assert run_app(command) == 0
    assert checked(capsys)[0] == 0
    assert run_app(["status"]) in (0, 1)


def test_bytes_flipped_inside_a_file_are_found(layout, monkeypatch, capsys):
    """A footer that is whole says nothing of the data: every page is read; --quick does not."""
    commit(layout, *(capture(f"page-{number}", f"{number}" * 50) for number in range(400)))
    monkeypatch.setenv("WIRECOPY_DATA", str(layout.root))
    path, missed = largest(layout, "articles"), 0
    for offset in range(200, path.stat().st_size // 2, 1_500):
        whole = path.read_bytes()
        path.write_bytes(whole[:offset] + bytes([whole[offset] ^ 1]) + whole[offset + 1 :])
        assert checked(capsys)[0] == 1, offset
        missed += checked(capsys, "--quick")[0] == 0
        path.write_bytes(whole)
    assert missed > 0
    assert checked(capsys)[0] == 0


@pytest.mark.slow
def test_what_a_takedown_removed_is_not_lost(store, capsys):
    """Its outcomes name no article, so no run brings it back."""
    row = content(store)["articles"][0]
    assert run_app(["forget", "--url", row["url"], "--yes"]) == 0
    assert "articles that outcomes name" not in checked(capsys)[1]
