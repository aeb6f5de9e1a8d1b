"""read: SQL over the store, its views, and nothing but reading."""

from __future__ import annotations

import duckdb
import pytest

from tests.wirecopy.builders import DAY, at, capture, commit, footprint, name
from wirecopy.errors import StoreError, UsageError
from wirecopy.store.articles.commit import commit_articles, committing
from wirecopy.store.copies.derived import write_clusters
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.rows import to_table
from wirecopy.store.files.schema import TABLES
from wirecopy.store.query import read
from wirecopy.store.query.read import query, rows, view_statements, write_views
from wirecopy.store.query.views import VIEWS

A, B, C = (name(f"https://gazette.example/{slug}") for slug in "abc")


@pytest.fixture
def filled(layout: Layout) -> Layout:
    """Two copies of one text, and an article that nobody has clustered yet."""
    commit(layout, capture("a", "A"), capture("b", "A", publisher="Courier"), capture("c", "C", published_at=at(9, 23)))
    standing = [
        {
            "article_id": one,
            "cluster_id": A,
            "role": role,
            "origin_id": A,
            "relation": relation,
            "probability": 0.9,
            "cluster_size": 2,
        }
        for one, role, relation in ((A, "origin", None), (B, "copy", "identical"))
    ]
    write_clusters(layout, DAY, standing, matches=to_table("matches", []))
    return layout


@pytest.mark.parametrize("table", [*TABLES, *VIEWS])
def test_empty_store(layout, table):
    """Every table and view answers before the first run, without rows."""
    assert query(layout, f"SELECT * FROM {table}").num_rows == 0


def test_types_of_an_empty_table_are_those_of_a_full_one(layout, filled):
    """A query that works on an empty store works on a full one."""
    empty = Layout(layout.root.with_name("empty")).make()
    for table in ("articles", "clusters"):
        describe = f"SELECT column_name, column_type FROM (DESCRIBE {table})"
        assert rows(empty, describe) == rows(filled, describe)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        pytest.param(
            "SELECT article_id, cluster_size FROM articles_unique ORDER BY date", [(A, 2), (C, 1)], id="articles_unique"
        ),
        pytest.param(
            "SELECT copy_id, origin_id, relation, copy_publisher FROM copies",
            [(B, A, "identical", "Courier")],
            id="copies",
        ),
        pytest.param("SELECT cluster_id, articles, publishers FROM cluster_sizes", [(A, 2, 2)], id="cluster_sizes"),
        pytest.param("SELECT count(*) FROM changes(0)", [(3,)], id="changes"),
        pytest.param("SELECT count(*) FROM changes(1)", [(0,)], id="changes-since-the-last"),
        pytest.param("FROM (DESCRIBE articles) SELECT column_name LIMIT 1", [("article_id",)], id="from-first"),
        pytest.param(
            "-- a note\nSELECT date::VARCHAR FROM articles WHERE guid = 'c'", [("2026-11-23",)], id="comment-and-date"
        ),
        pytest.param("PIVOT (SELECT guid, 1 AS n FROM articles) ON guid USING sum(n)::INT", [(1, 1, 1)], id="pivot"),
        pytest.param(
            "SELECT published_at::VARCHAR FROM articles WHERE guid = 'a'", [("2026-11-22 09:00:00+00",)], id="utc"
        ),
    ],
)
def test_queries(filled, sql, expected):
    """What people ask."""
    assert [tuple(row.values()) for row in query(filled, sql).to_pylist()] == expected


def test_values_are_no_sql(filled):
    """A value in the place of a ? is a value, whatever it says."""
    assert rows(filled, "SELECT guid FROM articles WHERE guid = ?", "b") == [{"guid": "b"}]
    assert rows(filled, "SELECT guid FROM articles WHERE guid = ?", "' OR true --") == []
    assert rows(filled, "SELECT count(*) AS n FROM articles WHERE guid = ANY($1)", ["a", "b"]) == [{"n": 2}]


def test_changes_end_at_the_last_finished_commit(filled):
    """Rows of a commit that is under way are not shown yet."""
    with committing(filled):
        commit_articles(filled, [capture("d", "D")], now=at(12))
    assert query(filled, "FROM changes(0)").num_rows == 3
    commit(filled, capture("e", "E"))
    assert query(filled, "FROM changes(1)").num_rows == 2


def test_revision_equal_to_the_current_text_is_hidden(filled):
    """What a crash between revisions and articles leaves is not shown."""
    articles = filled.partition("articles", DAY)
    old = articles.read_bytes()
    commit(filled, capture("a", "B", at(11)))
    assert query(filled, "FROM revisions_shown").num_rows == 1
    articles.write_bytes(old)
    assert query(filled, "FROM revisions_shown").num_rows == 0


@pytest.mark.parametrize(
    "sql",
    [
        "COPY articles TO '{store}/articles/x.parquet'",
        "EXPLAIN ANALYZE COPY articles TO '{store}/x.parquet'",
        "COPY (PIVOT articles ON guid) TO '{store}/x.parquet'",
        "/* SELECT */ COPY articles TO '{store}/x.parquet'",
        "EXPORT DATABASE '{store}/x'",
        "ATTACH '{store}/x.db'",
        "SELECT 1; COPY articles TO '{store}/x.parquet'",
        "CREATE TABLE x AS SELECT 1",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "",
        "-- nothing",
    ],
)
def test_query_only_reads(filled, sql):
    """Whatever hides a COPY: an error, and the store is as it was."""
    before = footprint(filled)
    with pytest.raises(UsageError):
        query(filled, sql.format(store=filled.store))
    assert footprint(filled) == before


@pytest.mark.parametrize("path", ["/etc/passwd", "{store}/../raw/*", "{store}/../state/state.db"])
def test_query_reads_nothing_outside_the_store(filled, path):
    """Files of the machine, and of the data folder's other parts, are out of reach."""
    with pytest.raises(UsageError, match=r"(?i)permission|disabled|not allowed"):
        query(filled, f"SELECT * FROM read_text('{path.format(store=filled.store)}')")


def test_errors_name_the_tables(filled):
    """A wrong name is answered with DuckDB's words and the list of names; no store, with what to do."""
    with pytest.raises(UsageError, match=r"(?s)artikles.*articles, revisions.*articles_unique"):
        query(filled, "SELECT * FROM artikles")
    with pytest.raises(StoreError, match="wirecopy run"):
        query(Layout(filled.root / "nowhere"), "SELECT 1")


def test_a_file_replaced_under_a_scan_is_asked_again(filled, monkeypatch):
    """DuckDB opens a file twice; what it says when the two do not fit is no error of the user."""
    real, calls = read.connect, []

    class Unlucky:
        def __init__(self, connection):
            self.connection = connection

        def sql(self, statement, params):
            calls.append(1)
            if len(calls) < 3:
                raise duckdb.Error("TProtocolException: Invalid data")
            return self.connection.sql(statement, params=params)

        def extract_statements(self, sql):
            return self.connection.extract_statements(sql)

        def close(self):
            self.connection.close()

    monkeypatch.setattr(read, "connect", lambda layout, _limits, **_only: Unlucky(real(layout)))
    assert query(filled, "SELECT count(*) AS n FROM articles").to_pylist() == [{"n": 3}]
    calls.clear()
    monkeypatch.setattr(read, "ATTEMPTS", 1)
    with pytest.raises(UsageError, match="Invalid data"):
        query(filled, "SELECT 1")


def test_views_for_other_clients(filled):
    """state/views.sql makes the same views in any DuckDB, also in a folder whose name has a quote."""
    odd = Layout(filled.root.rename(filled.root.with_name("O'Brien")))
    write_views(odd)
    connection = duckdb.connect()
    connection.execute((odd.state / "views.sql").read_text())
    assert connection.execute("SELECT count(*) FROM articles_unique").fetchall() == [(2,)]
    assert len(view_statements(odd)) == len(TABLES) + len(VIEWS) + 1
