"""What a query may take of the machine, where commands may write, and data folders with odd names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wirecopy.builders import capture, commit
from wirecopy.cli.app import run_app
from wirecopy.store.files.layout import Layout
from wirecopy.store.query.read import connect, query

LARGE = "SELECT count(*) FROM (SELECT range AS n FROM range(30_000_000) ORDER BY hash(range))"


@pytest.fixture
def store(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> Layout:
    commit(layout, capture("wall"), capture("tram"))
    monkeypatch.setenv("WIRECOPY_DATA", str(layout.root))
    return layout


def test_memory_and_spill_have_limits_of_our_own(store, tmp_path, monkeypatch, capsys):
    """Not a share of the machine, and nothing in the working folder: the message names the settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WIRECOPY_QUERY_MEMORY", "60MB")
    monkeypatch.setenv("WIRECOPY_QUERY_SPILL", "20MB")
    assert run_app(["query", LARGE]) == 2
    said = capsys.readouterr().err
    assert "query_memory" in said
    assert "query_spill" in said
    assert list(tmp_path.glob(".tmp*")) == []
    assert list(Path(store.state).glob("spill-*")) == []


@pytest.mark.slow
def test_a_query_spills_into_state_and_leaves_nothing(store, monkeypatch, capsys):
    """With little memory and enough disk it is answered."""
    monkeypatch.setenv("WIRECOPY_QUERY_MEMORY", "150MB")
    assert run_app(["query", LARGE]) == 0
    assert "30000000" in capsys.readouterr().out
    assert list(Path(store.state).glob("spill-*")) == []


def test_a_query_cannot_raise_its_limits(store):
    """The configuration is locked."""
    with connect(store) as connection:
        assert connection.sql("SELECT current_setting('memory_limit')").fetchall() == [("2.0 GiB",)]
        with pytest.raises(Exception, match="locked"):
            connection.execute("SET memory_limit='1TB'")


@pytest.mark.parametrize(
    "command",
    [
        ["store", "export", "articles", "{}/store/articles/date=2026-11-22/x.parquet"],
        ["store", "export", "articles", "{}/x.csv"],
        ["raw", "export", "{}/raw/x.warc.gz", "--from", "2026-11-22", "--to", "2026-11-22"],
        ["feeds", "export", "{}/state/x.opml"],
        ["cluster", "texts.jsonl", "--out", "{}/store/articles"],
        ["compare", "a.txt", "b.txt", "--html", "{}/store/x.html"],
    ],
    ids=lambda command: "-".join(command[:2]),
)
def test_nothing_is_written_into_the_data_folder(store, tmp_path, monkeypatch, capsys, command):
    """By its name, and through a symbolic link: readers would take it for a file of the store."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WIRECOPY_FEEDS", str(tmp_path / "feeds.toml"))
    (tmp_path / "feeds.toml").write_text('[[feed]]\nid = "a"\nurl = "https://a.example/"\n')
    (tmp_path / "texts.jsonl").write_text('{"id": "a", "text": "one two three"}\n')
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("The harbour council voted on Tuesday to raise the sea wall. " * 5)
    (tmp_path / "link").symlink_to(store.root)
    before = sorted(Path(store.root).rglob("*"))
    for root in (store.root, tmp_path / "link"):
        assert run_app([part.format(root) for part in command]) == 2
        assert "lies in the data folder" in capsys.readouterr().err
    assert sorted(Path(store.root).rglob("*")) == before


@pytest.mark.parametrize("name", ["news [2026]", "what?", "a*b", "it's #1", "50%"])
def test_a_data_folder_of_any_name(tmp_path, monkeypatch, capsys, name):
    """Queries, the feed state and the views of other clients find it."""
    layout = Layout(tmp_path / name / "data").make()
    commit(layout, capture("wall"))
    monkeypatch.setenv("WIRECOPY_DATA", str(layout.root))
    monkeypatch.setenv("WIRECOPY_FEEDS", str(tmp_path / "feeds.toml"))
    (tmp_path / "feeds.toml").write_text('[[feed]]\nid = "a"\nurl = "http://127.0.0.1:9/"\n')
    assert query(layout, "SELECT count(*) AS n FROM articles").to_pylist() == [{"n": 1}]
    run_app(["run"])
    assert (Path(layout.state) / "state.db").is_file()
    assert run_app(["store", "check"]) == 0, capsys.readouterr()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "feeds.toml"])
