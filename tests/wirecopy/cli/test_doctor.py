"""`wirecopy doctor`, `wirecopy store check` and `wirecopy shell`."""

from __future__ import annotations

import csv
import io
import json
import shutil
import socket
from datetime import timedelta

import polars as pl
import pytest

from tests.wirecopy.cli.conftest import ANCHOR
from wirecopy.cli.checkengine import check_engine
from wirecopy.settings import load_settings

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("command")]


def states(answer) -> dict[str, list[str]]:
    """The states of each thing that was looked at."""
    found: dict[str, list[str]] = {}
    for one in json.loads(answer.out):
        found.setdefault(one["what"], []).append(one["state"])
    return found


def test_a_healthy_installation(there, call, monkeypatch):
    """All is ok or a note, and the exit code is 0."""
    monkeypatch.setenv("WIRECOPY_USER_AGENT", "tests/1 (+https://example.org/bot)")
    answer = call("doctor", "--json")
    assert answer.code == 0, answer.out
    found = states(answer)
    assert {
        "packages",
        "dedupe",
        "Airflow",
        "settings",
        "feed list",
        "disk",
        "raw archive",
        "store",
        "feed state",
    } <= set(found)
    assert found["clock"] == ["note", "ok"]  # the tests pretend a date
    assert "user agent" not in found


def test_when_nothing_runs_any_more(there, call, monkeypatch):
    """Nobody inside could tell: a monitor that asks `status` hears of it, and `doctor` says what to do."""
    assert json.loads(call("status", "--json").out)["alarms"] == []
    monkeypatch.setenv("WIRECOPY_NOW", (ANCHOR + timedelta(hours=5)).isoformat())
    answer = call("status")
    assert answer.code == 1
    assert "no feed has been polled since 2026-11-25 00:00 UTC" in answer.out
    assert "What to do: look whether Airflow's scheduler runs" in answer.out
    (alarm,) = [one for one in json.loads(call("doctor", "--json").out) if one["what"] == "alarm"]
    assert (alarm["state"], "wirecopy_live" in alarm["next_step"]) == ("note", True)


def test_the_other_dedupe_is_found(there, tmp_path):
    """PyPI's distribution of that name owns the same folder."""
    info = tmp_path / "dedupe-3.0.3.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: dedupe\nVersion: 3.0.3\n")
    done = there("doctor", "--json", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    (finding,) = [one for one in json.loads(done.stdout) if one["what"] == "dedupe"]
    assert (finding["state"], "pip uninstall dedupe" in finding["next_step"]) == ("problem", True)


@pytest.mark.parametrize(
    ("variables", "what"),
    [
        pytest.param({"WIRECOPY_HOST_GAP": "soon"}, "settings", id="setting"),
        pytest.param({"WIRECOPY_FEEDS": "nowhere.toml"}, "feed list", id="no-feed-list"),
        pytest.param({"WIRECOPY_STATE_URL": "sqlite:////nowhere/at/all.db"}, "feed state", id="no-database"),
        pytest.param({"WIRECOPY_NOW": (ANCHOR - timedelta(days=1)).isoformat()}, "clock", id="clock-set-back"),
    ],
)
def test_each_problem_has_its_line(there, call, monkeypatch, variables, what):
    """Exit 1, and the finding says what to do."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    answer = call("doctor", "--json")
    assert answer.code == 1
    assert "problem" in states(answer)[what]


@pytest.mark.parametrize(
    ("variables", "state", "says"),
    [
        pytest.param({"WIRECOPY_DEDUPE_ENGINE": "airflow"}, "ok", "airflow", id="airflow"),
        pytest.param({"WIRECOPY_DEDUPE_ENGINE": "spark"}, "problem", "has no address", id="no-address"),
        pytest.param(
            {"WIRECOPY_SPARK_REMOTE": "sc://127.0.0.1:1/;token=T0KEN"}, "problem", "does not answer", id="nobody-there"
        ),
    ],
)
def test_the_engine_is_looked_at(there, call, monkeypatch, variables, state, says):
    """By its setting; a Spark is connected to."""
    for name, value in ({"WIRECOPY_DEDUPE_ENGINE": "spark"} | variables).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("wirecopy.cli.checkengine.importlib.metadata.version", lambda name: "4.0")  # of pyspark
    (found,) = check_engine(load_settings())
    assert (found.state, says in found.says) == (state, True)
    assert "T0KEN" not in repr(found)
    assert found.next_step or state == "ok"


def test_a_spark_that_answers(there, tmp_path, monkeypatch):
    """The first of two masters is gone, the second one listens; without a Java there is no use in it."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setattr("wirecopy.cli.checkengine.importlib.metadata.version", lambda name: "4.0")
    monkeypatch.setattr("wirecopy.cli.checkengine.shutil.which", lambda name: None)
    monkeypatch.setenv("WIRECOPY_DEDUPE_ENGINE", "spark")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("WIRECOPY_SPARK_REMOTE", f"spark://127.0.0.1:1,127.0.0.1:{server.getsockname()[1]}")
        assert [one.says.endswith("needs a Java") for one in check_engine(load_settings())] == [True]
        (tmp_path / "bin" / "java").touch()
        assert [one.state for one in check_engine(load_settings())] == ["ok"]


def test_an_empty_folder_is_no_problem(call, tmp_path, monkeypatch):
    """Before the first run there is no store: a note. A feed list is needed."""
    monkeypatch.chdir(tmp_path)
    found = states(call("doctor", "--json"))
    assert (found["store"], found["feed list"]) == (["note"], ["problem"])
    assert list(tmp_path.iterdir()) == []  # looking changes nothing


def test_doctor_in_a_pipe(there, call):
    """A line per finding, cut by tabs."""
    rows = list(csv.DictReader(io.StringIO(call("doctor").out), delimiter="\t"))
    assert {row["state"] for row in rows} <= {"ok", "note"}


def test_store_check(there, call, tmp_path, monkeypatch):
    """A sound store exits 0; a torn file and a stranger are named, and exit 1."""
    assert call("store", "check").code == 0
    shutil.copytree(there.folder / "data", tmp_path / "data")
    torn = next((tmp_path / "data/store/matches").glob("*/*.parquet"))
    torn.write_bytes(torn.read_bytes()[:100])
    (tmp_path / "data/store/articles/notes.txt").write_text("x")
    monkeypatch.setenv("WIRECOPY_DATA", str(tmp_path / "data"))
    answer = call("store", "check", "--json")
    assert answer.code == 1
    problems = json.loads(answer.out)["problems"]
    assert any(torn.name in one for one in problems)
    assert any("notes.txt" in one for one in problems)
    monkeypatch.setenv("WIRECOPY_DATA", str(tmp_path / "nowhere"))
    assert "Run `wirecopy run` first" in call("store", "check").err


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
def test_store_export(there, call, tmp_path, suffix):
    """A table, also of some dates only, as one file that other tools read; lists and bytes have a form in each."""
    for name in ("articles", "sketches", "copies"):
        assert call("store", "export", name, tmp_path / f"{name}.{suffix}").code == 0
    read = {"parquet": pl.read_parquet, "csv": pl.read_csv, "jsonl": pl.read_ndjson}[suffix]
    assert read(tmp_path / f"articles.{suffix}").height == 89
    assert read(tmp_path / f"copies.{suffix}")["copy_title"].null_count() == 0
    day = call("store", "export", "articles", tmp_path / f"day.{suffix}", "--from", "2026-11-23", "--to", "2026-11-23")
    assert day.code == 0
    found = read(tmp_path / f"day.{suffix}")
    assert 0 < found.height < 89
    assert set(found["date"].cast(pl.String)) == {"2026-11-23"}
    assert f"{found.height} rows" in day.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["artikles", "x.csv"], "no table or view", id="no-table"),
        pytest.param(["articles; DROP", "x.csv"], "no table or view", id="no-sql"),
        pytest.param(["articles", "x.xlsx"], "the suffix says the form", id="no-form"),
        pytest.param(["articles", "no/x.csv"], "cannot be written", id="no-folder"),
        pytest.param(["articles", "x.csv", "--from", "soon"], "is no date", id="no-date"),
        pytest.param(["cluster_sizes", "x.csv", "--from", "2026-11-22"], "has no dates", id="undated-view"),
    ],
)
def test_store_export_says_what_is_wrong(there, call, tmp_path, monkeypatch, arguments, says):
    """Exit 2, and nothing is left behind."""
    name, file, *rest = arguments
    answer = call("store", "export", name, tmp_path / file, *rest)
    assert answer.code == 2
    assert says in answer.err
    assert list(tmp_path.iterdir()) == []


def test_a_script_for_the_shell(there, call, monkeypatch):
    """Statements from stdin, over lines and with semicolons in strings, are answered in CSV."""
    script = "SELECT count(*) AS n\nFROM articles;\n\nSELECT 'a;\nb' AS x;\n.tables\nSELECT 2 AS last"
    monkeypatch.setattr("sys.stdin", io.StringIO(script))
    answer = call("shell")
    assert answer.code == 0
    assert answer.out.split()[:2] == ["n", "89"]
    assert "articles_unique" in answer.out
    assert answer.out.split()[-2:] == ["last", "2"]


def test_a_script_that_writes_is_refused(there, call, monkeypatch):
    """The shell only reads, too."""
    monkeypatch.setattr("sys.stdin", io.StringIO("DROP VIEW articles;\nSELECT 1;"))
    answer = call("shell")
    assert (answer.code, answer.out) == (2, "")
    assert "only read" in answer.err
