"""What the store asks of the place where it lies. A second place joins the list and has to pass all of this."""

from __future__ import annotations

import multiprocessing
from datetime import timedelta
from pathlib import PurePath

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wirecopy.errors import StoreBusy, StoreConflict, StoreError
from wirecopy.store.files.files import Files
from wirecopy.store.files.layout import Layout

SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture(params=["folder", "bucket"])
def place(request) -> Layout:
    """A layout in an empty place: a folder, and a bucket with a PostgreSQL."""
    layout: Layout = request.getfixturevalue("layout" if request.param == "folder" else "bucket_layout")
    return layout


def put(files: Files, path: PurePath, text: str = "x") -> PurePath:
    files.write_text(path, text)
    return path


def test_what_is_written_is_read(place):
    """Whole, in folders that nobody made before; what is not there is None, or an error for who opens it."""
    path = put(place.files, place.raw / "date=2026-11-22" / "a.json", "Ö\n")
    assert place.files.read_text(path) == "Ö\n"
    with place.files.open(path) as file:
        assert file.read() == "Ö\n".encode()
    assert place.files.read_text(place.raw / "b.json") is None
    with pytest.raises(FileNotFoundError):
        place.files.open(place.raw / "b.json")
    with pytest.raises(FileNotFoundError):
        place.files.parquet(place.raw / "b.parquet")


def test_a_block_that_fails_changes_nothing(place):
    """Neither the file nor a folder, and nothing is left on the way."""
    path = put(place.files, place.store / "a.json", "old")

    def fail() -> None:
        with place.files.replacing(path) as staged:
            staged.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert place.files.read_text(path) == "old"
    assert place.files.find(place.root, "**/*") == [path]


def test_what_a_folder_refuses_names_the_file(layout):
    """A file where a folder has to be; a bucket has no folders."""
    path = put(layout.files, layout.store / "a")
    with pytest.raises(StoreError, match="a/b cannot be written"):
        layout.files.write_text(path / "b", "x")


def test_each_replacement_is_another_version(place):
    """In the same moment too, and in a folder also with the same content; looking changes nothing."""
    path, texts = place.store / "a", "xx" if place.beside is None else "xy"
    assert place.files.head(path) is None
    for _ in range(20):
        put(place.files, path, texts[0])
        version = place.files.head(path)
        assert version == place.files.head(path)
        assert [version] == place.files.versions(place.store, "*")
        assert (version.path, version.size) == (path, 1)
        put(place.files, path, texts[1])
        assert place.files.head(path).tag != version.tag


@pytest.mark.parametrize("now_there", ["another", "nothing"])
def test_a_file_is_replaced_over_its_version_only(place, now_there):
    """Who made a successor of what is no longer there is told, and what is there stays."""
    path = put(place.files, place.store / "a", "old")
    version = place.files.head(path)
    with place.files.replacing(path, over=version) as staged:
        staged.write_text("new")
    place.files.remove(path)
    if now_there == "another":
        put(place.files, path, "another")
    with pytest.raises(StoreConflict, match="was replaced"), place.files.replacing(path, over=version) as staged:
        staged.write_text("late")
    assert place.files.read_text(path) == ("another" if now_there == "another" else None)
    assert place.files.find(place.root, "**/*") == ([path] if now_there == "another" else [])


def test_a_file_is_made_once(place):
    """Over nothing: the second who makes it is told."""
    path = place.store / "a"
    with place.files.replacing(path, over=None) as staged:
        staged.write_text("first")
    with pytest.raises(StoreConflict), place.files.replacing(path, over=None) as staged:
        staged.write_text("second")
    assert place.files.read_text(path) == "first"


def test_one_reader_sees_one_version(place):
    """Opened once: what replaces the file meanwhile is for the next reader."""
    path = place.store / "t.parquet"
    for number in range(2):
        with place.files.replacing(path) as staged:
            pq.write_table(pa.table({"n": [number] * 1000}), staged, row_group_size=100)
        if number == 0:
            old = place.files.parquet(path)
    with old, place.files.parquet(path) as new:
        assert set(old.read()["n"].to_pylist()) == {0}
        assert set(new.read()["n"].to_pylist()) == {1}


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*", ["top.json"]),
        ("*.parquet", []),
        ("date=*/*.parquet", ["date=1/a.parquet", "date=2/b.parquet"]),
        ("date=*/b.*", ["date=2/b.json", "date=2/b.parquet"]),
        ("**/*", ["date=1/a.parquet", "date=2/b.json", "date=2/b.parquet", "other/deep/b.parquet", "top.json"]),
        ("**/b.parquet", ["date=2/b.parquet", "other/deep/b.parquet"]),
        ("date=[1]/*", ["date=1/a.parquet"]),
    ],
)
def test_find(place, pattern, found):
    """Files only, sorted, as many folders deep as the pattern says."""
    for name in ("top.json", "date=1/a.parquet", "date=2/b.parquet", "date=2/b.json", "other/deep/b.parquet"):
        put(place.files, place.raw / name)
    assert place.files.find(place.raw, pattern) == [place.raw / name for name in found]
    assert place.files.find(place.raw / "none", pattern) == []


def test_folders(place):
    """Those right below, and none of what does not exist."""
    for name in ("date=2/b", "date=1/deep/a", "top"):
        put(place.files, place.raw / name)
    assert place.files.folders(place.raw) == [place.raw / "date=1", place.raw / "date=2"]
    assert place.files.folders(place.raw / "none") == []


def test_remove(place):
    """Twice is as good as once; a folder only if nothing lies in it."""
    path = put(place.files, place.raw / "date=1" / "a")
    other = put(place.files, place.raw / "date=1" / "b")
    for _ in range(2):
        place.files.remove(path)
        place.files.remove_empty(path.parent)
    assert place.files.find(place.raw, "**/*") == [other]
    place.files.remove(other)
    place.files.remove_empty(path.parent)
    assert place.files.find(place.raw, "**/*") == []
    assert place.beside or place.files.folders(place.raw) == []  # a bucket may show its prefix a little longer


def test_move_is_for_one(place):
    """The second who tries is told."""
    path = put(place.files, place.state / "note", "text")
    place.files.move(path, place.staging / "taken")
    with pytest.raises(FileNotFoundError):
        place.files.move(path, place.staging / "taken-too")
    assert place.files.read_text(place.staging / "taken") == "text"


def test_dates_of_a_table(place):
    """By the one file of each date; what somebody else put there is none."""
    for name in ("date=2026-11-22/t-2026-11-22.parquet", "date=2026-11-21/t-2026-11-21.parquet", "date=x/t-x.parquet",
                 "date=2026-11-20/t-2026-11-19.parquet", "date=2026-11-18/u-2026-11-18.parquet"):  # fmt: skip
        put(place.files, place.store / "t" / name)
    assert [day.isoformat() for day in place.dates("t")] == ["2026-11-21", "2026-11-22"]
    assert place.dates("nothing") == []


def test_a_lock_is_for_one(place):
    """Who waits in vain is told who has it."""
    path = place.locks / "x.lock"
    assert place.files.lock_holder(path) == "unknown"
    with place.files.locked(path):
        with place.files.locked_now(path) as mine:
            assert not mine
        with pytest.raises(StoreBusy), place.files.locked(path, timeout=timedelta(seconds=0.1)):
            pass
    for _ in range(50):  # who gives it back has given it back
        with place.files.locked_now(path) as mine:
            assert mine


def test_a_log_is_claimed_when_its_owner_is_dead(place):
    """Not before; by one who works on it, or by many who look; what is gone is nobody's."""
    path = place.staging / "a.journal"
    owner = SPAWN.Process(target=_own_and_die, args=(place, path))
    owner.start()
    owner.join(60)
    assert owner.exitcode == -9
    with place.files.claimed(path, shared=True) as one, place.files.claimed(path, shared=True) as two:
        assert (one.read(), two.read()) == (b"taken\n", b"taken\n")
    with place.files.claimed(path) as mine, place.files.claimed(path) as other:
        assert (mine.read(), other) == (b"taken\n", None)
    with place.files.own(path) as log:
        log.write("again\n")
        log.flush()
        with place.files.claimed(path) as other:
            assert other is None
    with place.files.claimed(place.staging / "none") as none:
        assert none is None


def _own_and_die(layout: Layout, path: PurePath) -> None:
    import os
    import signal

    file = layout.files.own(path)
    file.write("taken\n")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)


def test_scratch_is_nobody_elses(place):
    """No name, and gone when it is closed."""
    with place.files.scratch() as file:
        file.write(b"x" * 10_000)
        assert place.files.find(place.root, "**/*") == []


def test_room(tmp_path, layout):
    """Of a folder, also before it exists."""
    for one in (layout, Layout(tmp_path / "not" / "yet")):
        room = one.files.room()
        assert room.free > 0
        assert (room.writable, room.whole) == (True, True)
    assert room.place == str(tmp_path)
