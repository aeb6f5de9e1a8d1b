"""Dates that are matched elsewhere: the same rows as here, whatever the engine does with its tasks."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest

from dedupe.params import Params
from tests.dedupe.conftest import invent, reword_text
from tests.wirecopy.builders import at, commit, content, footprint, story
from wirecopy import steps
from wirecopy.engines import engines
from wirecopy.engines.ahead import Engine, Task
from wirecopy.engines.executor import Handed, run_tasks
from wirecopy.engines.parcel import write_parcel
from wirecopy.errors import EngineError, SettingsError
from wirecopy.settings import load_settings
from wirecopy.steps import deduping
from wirecopy.store.copies import found
from wirecopy.store.copies.derived import out_of_date
from wirecopy.store.files.layout import Layout

pytestmark = pytest.mark.slow

NOW = at(12, 26).isoformat()
COMPUTED = ("matches", "clusters", "sketches")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four families of copies over ten days. Nobody writes into it: take a copy."""
    layout = Layout(tmp_path_factory.mktemp("filled") / "data").make()
    commit(layout, *(member(family, version) for family in range(4) for version in range(4)))
    return Path(layout.root)


def member(family: int, version: int) -> dict[str, object]:
    text = reword_text(invent(family), every=6 + version, seed=version) if version else invent(family)
    return story(f"f{family}v{version}", 12 + 2 * version + family, text)


@pytest.fixture(scope="module")
def alone(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What these articles give without any engine: names and bytes of the computed files."""
    root = tmp_path_factory.mktemp("alone") / "data"
    shutil.copytree(filled, root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIRECOPY_DATA", str(root))
        patch.setenv("WIRECOPY_NOW", NOW)
        assert len(steps.dedupe()["dates"]) == 10
    return files_of(Layout(root))


@pytest.fixture
def layout(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """The store that the steps work on."""
    shutil.copytree(filled, tmp_path / "data")
    monkeypatch.setenv("WIRECOPY_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("WIRECOPY_NOW", NOW)
    return Layout(tmp_path / "data")


def files_of(layout: Layout) -> dict[str, object]:
    return {Path(path).name: data for path, (data, _) in footprint(layout, *COMPUTED).items()}


class Elsewhere:
    """An engine in this process that does its tasks backwards and each twice, as one that loses machines may."""

    def __init__(self, layout: Layout, before: Callable[[Task, str], None] = lambda task, day: None) -> None:
        self.handed, self.before, self.ran = Handed(root=str(layout.root), bucket=False, threads=None), before, []

    def run(self, task: Task, days: Sequence[date]) -> None:
        for day in [one.isoformat() for one in reversed(days)]:
            self.before(task, day)
            self.ran += [(task, json.loads(told)["date"]) for told in run_tasks(task, [day, day], self.handed, 1)]

    def cancel(self) -> None:
        pass


@pytest.fixture
def by_engine(monkeypatch: pytest.MonkeyPatch) -> Callable[[Engine], None]:
    """Makes *engine* the one that dedupe opens."""
    monkeypatch.setattr("wirecopy.engines.ahead.LOOK_EVERY", 0.01)

    def use(engine: Engine) -> None:
        monkeypatch.setenv("WIRECOPY_SPARK_REMOTE", "sc://nowhere.example")
        monkeypatch.setenv("WIRECOPY_DEDUPE_ENGINE", "spark")
        monkeypatch.setattr(engine, "close", lambda: None, raising=False)
        monkeypatch.setattr(engines, "SparkEngine", lambda *_: engine)

    return use


def staged(layout: Layout) -> list[str]:
    return sorted(path.name for path in layout.files.find(layout.state / "found", "*"))


def test_the_same_bytes(layout, alone, by_engine):
    """Every file is that of one process, and nothing waits any more."""
    engine = Elsewhere(layout)
    by_engine(engine)
    heard: dict[str, tuple[int, int]] = {}
    done = steps.dedupe(progress=lambda what, count, total: heard.update({what: (count, total)}))
    assert len(done["dates"]) == 10
    assert done["left"] == staged(layout) == []
    assert files_of(layout) == alone
    assert len(engine.ran) == 2 * (10 + 10)
    assert heard["dates computed"] == (10, 10)


def test_articles_that_change_after_their_match(layout, alone, by_engine):
    """What was found for them is thrown away, and they are matched again: once more by the engine."""
    rounds: list[str] = []

    def meddle(task: Task, day: str) -> None:
        if (task, day) == ("match", "2026-11-12") and not rounds:  # the last of the first round: others are staged
            rounds.append(day)
            commit(layout, story("late", 14, invent(0), seen=11))

    by_engine(Elsewhere(layout, meddle))
    done = steps.dedupe()
    assert out_of_date(layout, Params().hash, days=7) == []
    assert set(done["dates"]) == {f"2026-11-{day}" for day in range(12, 22)}
    matched = content(layout, "matches", "clusters")
    assert files_of(layout) != alone  # the late one is in it
    steps.dedupe(first="2026-11-01", last="2026-11-30", again=True, engine="local")
    assert content(layout, "matches", "clusters") == matched
    assert staged(layout) == []


def test_killed_between_match_and_settle(layout, alone, monkeypatch):
    """What tasks have found waits, and is not computed again: as tasks of Airflow do it, and a dedupe that died."""
    days = steps.dates_to_match()
    assert days == [f"2026-11-{day}" for day in range(12, 22)]
    assert all(steps.match(day=day)["inputs"] for day in days)
    assert steps.dates_to_match() == []
    monkeypatch.setattr(deduping, "match_date", lambda *_: pytest.fail("it is matched already"))
    assert steps.dedupe()["dates"] == days
    assert files_of(layout) == alone
    assert staged(layout) == []


def test_attempts_that_died(layout, alone):
    """One killed while it writes leaves nothing that is taken for a result; one that comes when its articles are gone,
    or its date is settled, is swept.
    """
    die = (
        "import os, signal; from wirecopy import steps; from wirecopy.engines import dates; "
        "from wirecopy.store.files import localfiles; real = dates.stage; "
        "kill = lambda path: os.kill(os.getpid(), signal.SIGKILL); "
        "dates.stage = lambda *args: (setattr(localfiles, '_fsync', kill), real(*args)); "
        "steps.match(day='2026-11-15')"
    )
    ended = subprocess.run([sys.executable, "-c", die], check=False, env=dict(os.environ))
    assert ended.returncode == -signal.SIGKILL
    assert staged(layout) == []  # its temporary file lies in state/staging, which maintenance sweeps
    steps.match(day="2026-11-12")
    zombie = layout.state / "found" / staged(layout)[0]
    late = Path(zombie).read_bytes()
    steps.dedupe()
    assert files_of(layout) == alone
    Path(zombie).write_bytes(late)  # still that of the articles: of no use, and of no harm
    commit(layout, story("new", 12, invent(9)))
    steps.dates_to_match()
    assert staged(layout) == []


def test_damaged_staged_file(layout, alone):
    """It is computed again."""
    steps.match(day="2026-11-12")
    (path,) = layout.files.find(layout.state / "found", "*")
    Path(path).write_bytes(Path(path).read_bytes()[:-100])
    steps.dedupe()
    assert files_of(layout) == alone
    assert staged(layout) == []


def test_again_goes_on_where_it_was_killed(layout, monkeypatch):
    """Dates that are current are computed once by the call and its repetition, then once more by a new one."""
    steps.dedupe()
    asked = {"first": "2026-11-12", "last": "2026-11-17", "again": True}
    real, done = deduping.settle_date, []

    def die_at_the_fourth(layout: Layout, one: found.FoundMatches, params: Params) -> object:
        if len(done) == 3 and not done.count(None):
            done.append(None)
            raise KeyboardInterrupt
        done.append(one.day.day)
        return real(layout, one, params)

    monkeypatch.setattr(deduping, "settle_date", die_at_the_fourth)
    with pytest.raises(KeyboardInterrupt):
        steps.dedupe(**asked)
    assert steps.dedupe(**asked)["dates"] == ["2026-11-15", "2026-11-16", "2026-11-17"]
    assert len(steps.dedupe(**asked)["dates"]) == 6


def test_an_engine_that_gives_up(layout, by_engine):
    """Its error is told; what it found is settled before or used by the next call."""

    def fail(task: Task, day: str) -> None:
        if (task, day) == ("match", "2026-11-15"):
            raise EngineError("the cluster is gone")

    by_engine(Elsewhere(layout, fail))
    with pytest.raises(EngineError, match="the cluster is gone"):
        steps.dedupe()
    assert len({name[:10] for name in staged(layout)}) == 6  # 16 … 21
    later = Elsewhere(layout)
    by_engine(later)
    assert len(steps.dedupe()["dates"]) == 10
    assert len({day for task, day in later.ran if task == "match"}) == 4


def test_what_an_executor_says_without_the_store(tmp_path):
    """The place is named, and what to do."""
    with pytest.raises(EngineError, match=r"no store at .*/data for .* shared volume there"):
        list(run_tasks("match", ["2026-11-12"], Handed(root=f"{tmp_path}/data", bucket=False, threads=None), 1))


def test_settings_of_engines(layout, monkeypatch):
    """An engine without an address, and an address that is none, are refused with what to write."""
    with pytest.raises(SettingsError, match="sc://host:15002"):
        steps.dedupe(engine="spark")
    for address in ("host:7077", "localhost:7077"):  # Spark's own `local` begins like the latter
        monkeypatch.setenv("WIRECOPY_SPARK_REMOTE", address)
        with pytest.raises(SettingsError, match=r"spark_remote .*\(a master\)"):
            load_settings()


def test_parcel(tmp_path):
    """The code that travels is importable by itself, unpacked anywhere, with no package but those of dedupe."""
    write_parcel(tmp_path / "code.zip")
    with zipfile.ZipFile(tmp_path / "code.zip") as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "code")
    script = "import sys, wirecopy.engines.executor as e; print(e.__file__, *{n.split('.')[0] for n in sys.modules})"
    said = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path / "code", capture_output=True, text=True, check=True
    ).stdout.split()
    assert said[0].startswith(str(tmp_path / "code"))
    assert not {"sqlalchemy", "airflow", "aiohttp", "duckdb", "pyspark", "pydantic"} & set(said)


def test_on_a_bucket(bucket_layout, alone, monkeypatch, tmp_path):
    """Executors need the bucket alone, no database: they take no lock, and nothing of theirs grows."""
    commit(bucket_layout, *(member(family, version) for family in range(4) for version in range(4)))
    monkeypatch.setenv("WIRECOPY_STORE_URL", str(bucket_layout.root))
    monkeypatch.setenv("WIRECOPY_STATE_URL", bucket_layout.beside.database)
    monkeypatch.setenv("WIRECOPY_DATA", str(tmp_path / "here"))
    monkeypatch.setenv("WIRECOPY_NOW", NOW)
    handed = Handed(root=str(bucket_layout.root), bucket=True, threads=1)
    days = [f"2026-11-{day}" for day in range(12, 22)]
    for task in ("sketch", "match"):
        assert [json.loads(told)["date"] for told in run_tasks(task, days, handed, 1)] == days
    monkeypatch.setattr(deduping, "match_date", lambda *_: pytest.fail("it is matched already"))
    assert steps.dedupe()["dates"] == days
    paths = [bucket_layout.partition(table, date.fromisoformat(day)) for table in COMPUTED for day in days]
    assert {path.name: bucket_layout.files.open(path).read() for path in paths} == alone
    assert staged(bucket_layout) == []
