"""`wirecopy query` and `wirecopy status`."""

from __future__ import annotations

import csv
import io

import duckdb
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("command")]


def test_a_pipe_gets_csv(filled):
    """Results go to stdout alone, as CSV when it is no terminal."""
    done = filled("query", "SELECT publisher, count(*) AS n FROM articles GROUP BY ALL ORDER BY ALL")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert done.stderr == ""
    assert sum(int(row["n"]) for row in rows) > 80


def test_times_are_utc(filled):
    """Whatever the machine's zone."""
    (row,) = filled.json("query", "SELECT max(published_at) AS newest FROM articles", TZ="Asia/Tokyo")
    assert row["newest"].endswith("+00:00")


def test_the_views_agree(filled):
    """Articles = unique ones + copies; each copy stands beside its origin."""
    (row,) = filled.json(
        "query",
        "SELECT (SELECT count(*) FROM articles) AS articles, (SELECT count(*) FROM articles_unique) AS kept,"
        " (SELECT count(*) FROM copies) AS copies, (SELECT sum(articles) FROM cluster_sizes) AS sizes,"
        " (SELECT count(*) FROM changes(0)) AS changed",
    )
    assert row["articles"] == row["kept"] + row["copies"] == row["sizes"] == row["changed"]


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        pytest.param("DROP VIEW articles", "The store is only read", id="drop"),
        pytest.param("SELECT 1; SELECT 2", "One statement at a time", id="two"),
        pytest.param("COPY (SELECT 1) TO 'x.csv'", "The store is only read", id="copy"),
        pytest.param("SELECT * FROM read_csv('/etc/passwd')", "Permission", id="outside"),
        pytest.param("SELECT nope FROM articles", "Tables and views", id="no-column"),
    ],
)
def test_the_store_is_read_only(filled, sql, says):
    """Anything but a SELECT of the store is refused with exit 2."""
    done = filled("query", sql)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


def test_without_a_store(empty):
    """An empty data folder says what to do first."""
    for command in (["query", "SELECT 1"], ["status"]):
        done = empty(*command)
        assert done.returncode == 1
        assert "Run `wirecopy run` first" in done.stderr


def test_status_shows_runs_lag_and_retries(filled):
    """A store that is current exits 0; the 404 waits in the retry queue."""
    found = filled.json("status")
    assert found["out_of_date"] == []
    assert found["failing_feeds"] == {}
    assert found["retries"] >= 1
    assert found["runs"][-1]["mode"] == "live"
    assert found["lag_seconds"] == 0
    assert filled("status").returncode == 0


def test_other_clients_find_the_views(filled):
    """state/views.sql, kept by publish and dedupe, makes the same views in any DuckDB."""
    script = (filled.folder / "data/state/views.sql").read_text(encoding="utf-8")
    with duckdb.connect() as connection:
        connection.execute(script)
        copies = connection.execute("SELECT count(*) FROM copies").fetchall()
    assert copies == [(filled.json("query", "SELECT count(*) AS n FROM copies")[0]["n"],)]
    assert copies[0][0] > 30
