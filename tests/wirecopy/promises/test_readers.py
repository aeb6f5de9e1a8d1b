"""Promise 3: a naive glob is the truth, at any moment, for every reader, while others write.

DuckDB and Polars open a file once for its footer and once more for its data. A file that is replaced in between (here
some forty files a second are, in a day of live runs a hundred) ends such a scan with an error, and asking again gives
the rows. What must never happen is a wrong answer.
"""

from __future__ import annotations

import time
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from tests.wirecopy.builders import at, capture, commit, name
from tests.wirecopy.children import SPAWN, running, write_for_ever
from wirecopy.errors import StoreError
from wirecopy.store.files.layout import Layout
from wirecopy.store.query.read import query

pytestmark = pytest.mark.slow

SECONDS = 2.0
COLUMNS = ["article_id", "text", "content_hash"]


def by_duckdb(folder: Path) -> list[tuple[str, str, str]]:
    return duckdb.sql(f"SELECT {', '.join(COLUMNS)} FROM '{folder}/**/*.parquet'").fetchall()


def by_polars(folder: Path) -> list[tuple[str, str, str]]:
    return pl.scan_parquet(folder / "**/*.parquet").select(COLUMNS).collect().rows()


def by_pandas(folder: Path) -> list[tuple[str, str, str]]:
    return list(pd.read_parquet(folder, columns=COLUMNS).itertuples(index=False, name=None))


def by_arrow(folder: Path) -> list[tuple[str, str, str]]:
    return [
        tuple(row.values()) for row in ds.dataset(folder, partitioning="hive").to_table(columns=COLUMNS).to_pylist()
    ]


@pytest.mark.parametrize(
    ("reader", "errors"), [(by_duckdb, 0.05), (by_polars, 0.10), (by_pandas, 0.0), (by_arrow, 0.0)]
)
def test_readers_see_whole_rows_once(layout, reader, errors):
    """Complete rows, each article once, never fewer than before, while another process commits without a pause."""
    started = SPAWN.Event()
    folder = layout.store / "articles"
    reads, failed, seen = 0, 0, 0
    with running(write_for_ever, layout, started):
        assert started.wait(30)
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            reads += 1
            try:
                rows = reader(folder)
            except (duckdb.Error, pl.exceptions.ComputeError):
                failed += 1
                continue
            assert len({row[0] for row in rows}) == len(rows), "an article twice"
            assert len(rows) >= seen, "fewer articles than before"
            assert all(name(f"text {text.split()[0]}") == hashed for _, text, hashed in rows), "a torn row"
            seen = len(rows)
    assert reads > 20
    assert failed <= errors * reads


def naive(layout: Layout, tool: str) -> list[tuple[str, str, str]]:
    """All articles of a bucket, as docs/store-on-a-bucket.md has other tools read them, and by `query`."""
    place = f"{layout.root}/store/articles"
    if tool == "query":
        return [tuple(row.values()) for row in query(layout, f"SELECT {', '.join(COLUMNS)} FROM articles").to_pylist()]
    if tool == "polars":
        return pl.scan_parquet(f"{place}/**/*.parquet").select(COLUMNS).collect().rows()
    if tool == "pandas":
        return list(pd.read_parquet(place, columns=COLUMNS).itertuples(index=False, name=None))
    table = ds.dataset(place, partitioning="hive").to_table(columns=COLUMNS)
    return [tuple(row.values()) for row in table.to_pylist()]


LOUD = (StoreError, OSError, pa.ArrowException, pl.exceptions.PolarsError)


def test_readers_of_a_bucket_are_never_wrong(bucket_layout):
    """The same there, where a reader may also see an error: objects are replaced while it reads them in ranges."""
    started, told = SPAWN.Event(), {}
    with running(write_for_ever, bucket_layout, started):
        assert started.wait(60)
        for tool in ("query", "polars", "pandas", "arrow"):
            right, loud, seen = 0, 0, 0
            until = time.monotonic() + SECONDS
            while time.monotonic() < until or right < 3:
                try:
                    rows = naive(bucket_layout, tool)
                except LOUD:
                    loud += 1
                    assert loud < 100, f"{tool} only fails"
                    continue
                right += 1
                assert len({row[0] for row in rows}) == len(rows), f"an article twice, by {tool}"
                assert len(rows) >= max(seen, 1), f"fewer articles than before, by {tool}"
                assert all(name(f"text {text.split()[0]}") == hashed for _, text, hashed in rows), f"a torn row, {tool}"
                seen = len(rows)
            told[tool] = (right, loud)
    print(told)
    assert all(loud <= right for right, loud in told.values()), told


def test_store_holds_nothing_but_parquet(layout):
    """No stray file ever lies in the tables' folders: globs and directory scans would read it."""
    started = SPAWN.Event()
    with running(write_for_ever, layout, started):
        assert started.wait(30)
        for _ in range(200):
            assert {path.suffix for path in layout.store.rglob("*") if path.is_file()} == {".parquet"}


@pytest.mark.parametrize("reader", [by_duckdb, by_polars, by_pandas, by_arrow])
def test_one_schema_for_all_files(layout, reader):
    """A file whose nullable columns are all null reads like the others."""
    commit(
        layout,
        capture("wall"),
        capture("bare", published_at=at(9, 21), language_score=None, authors=(), tags=(), title=None),
    )
    assert len(reader(layout.store / "articles")) == 2
