"""`wirecopy store copy`: a store moves between folders and buckets, whole, and goes on after a kill."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.wirecopy.builders import HEADER, an_entry, capture, commit
from wirecopy import steps
from wirecopy.errors import SettingsError, UsageError
from wirecopy.store.articles.homes import homes_of
from wirecopy.store.articles.numbers import watermark
from wirecopy.store.feeds.state import State
from wirecopy.store.files.layout import Layout
from wirecopy.store.query.read import query
from wirecopy.store.staging.journals import Journal, unbooked_entries
from wirecopy.store.transfer.copying import copy_files

pytestmark = pytest.mark.slow


@pytest.fixture
def source(made: Path, tmp_path: Path) -> Layout:
    """A store after one live run, with the journal of a pull that died."""
    layout = Layout(Path(shutil.copytree(made / "data", tmp_path / "a store [1]")))
    dying = Journal(layout, "p" * 32, "a" * 32, 0, HEADER)
    dying.__enter__()
    dying.took(an_entry("lost"))
    dying._file.close()
    return layout


def contents(layout: Layout) -> dict[str, bytes]:
    """Every file of store/, raw/ and staging, by name."""
    found = {}
    for folder in (layout.store, layout.raw, layout.staging):
        for path in layout.files.find(folder, "**/*"):
            with layout.files.open(path) as file:
                found[str(path.relative_to(layout.root))] = file.read()
    return found


def use(patch: pytest.MonkeyPatch, layout: Layout, data: Path) -> None:
    """Settings of a store on a bucket."""
    assert layout.beside
    patch.setenv("WIRECOPY_STATE_URL", layout.beside.database)
    patch.setenv("WIRECOPY_DATA", str(data))


def test_a_store_goes_to_a_bucket_and_back(source, bucket_layout, tmp_path, monkeypatch):
    """Byte by byte, with feed state, what waits, and the number of the last commit; the source stays."""
    use(monkeypatch, bucket_layout, tmp_path / "here")
    before = contents(source)
    done = steps.copy_store(str(source.root), str(bucket_layout.root))
    assert done["files"] >= len(before) > 5
    assert contents(bucket_layout) == contents(source) == before
    assert unbooked_entries(bucket_layout) == unbooked_entries(source) == 1
    assert watermark(bucket_layout) == watermark(source) > 0
    old, new = State.open(source, None), State.open(bucket_layout, bucket_layout.beside.database)
    assert new.feeds() == old.feeds() != {}
    with homes_of(bucket_layout) as homes:
        assert homes.highest_seq() == watermark(source)
    assert [path for path in (tmp_path / "here").rglob("*") if path.is_file()] == []

    again = steps.copy_store(str(source.root), str(bucket_layout.root))
    assert (again["files"], again["known"]) == (done["files"], done["files"])
    commit(source, capture("later"))
    source.files.remove(next(path for path in source.files.find(source.raw, "**/*")))
    later = steps.copy_store(str(source.root), str(bucket_layout.root))
    assert later["known"] < later["files"]
    assert contents(bucket_layout) == contents(source)

    steps.copy_store(str(bucket_layout.root), str(tmp_path / "back"))
    back = Layout(tmp_path / "back")
    assert contents(back) == contents(source)
    assert watermark(back) == watermark(source)
    assert query(back, "FROM changes(0)").num_rows == query(source, "FROM changes(0)").num_rows


def test_what_is_there_is_never_written_over(source, bucket_layout, tmp_path, monkeypatch):
    """Another store, a copy of another store, a copy that was used since, a place inside of the other."""
    use(monkeypatch, bucket_layout, tmp_path / "here")
    other = Layout(tmp_path / "other").make()
    commit(other, capture("other"))
    with pytest.raises(UsageError, match="holds 1 files already"):
        copy_files(source, other)
    with pytest.raises(UsageError, match="lie in each other"):
        copy_files(source, Layout(source.root / "copy"))
    copy_files(source, bucket_layout)
    with pytest.raises(UsageError, match="is a copy of"):
        copy_files(other, bucket_layout)
    commit(bucket_layout, capture("later"))
    before = contents(bucket_layout)
    with pytest.raises(UsageError, match="was written since it was copied"):
        copy_files(source, bucket_layout)
    assert contents(bucket_layout) == before
    monkeypatch.delenv("WIRECOPY_STATE_URL")
    with pytest.raises(SettingsError, match="state_url"):
        steps.copy_store(str(source.root), str(bucket_layout.root))


def test_a_killed_copy_goes_on(source, bucket_layout, tmp_path, monkeypatch):
    """kill -9 in the middle, twice: at the end all is there once, and what had arrived was not sent again."""
    use(monkeypatch, bucket_layout, tmp_path / "here")
    folder = source.raw / "date=2026-11-24"
    for number in range(400):
        source.files.write_text(folder / f"many-{number}.parquet", str(number) * 5_000)
    killed = 0
    command = [Path(sys.executable).parent / "wirecopy", "store", "copy", source.root, str(bucket_layout.root)]
    for enough in (100, 250):
        child = subprocess.Popen(command, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while child.poll() is None and len(bucket_layout.files.find(bucket_layout.raw, "**/*")) < enough:
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
        child.communicate()
        killed += child.returncode == -signal.SIGKILL
    assert killed == 2
    done = steps.copy_store(str(source.root), str(bucket_layout.root))
    assert contents(bucket_layout) == contents(source)
    assert done["known"] >= 150
