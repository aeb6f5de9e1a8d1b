"""A store of an older version: readers and runs before, during and after `wirecopy store migrate`."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from dedupe.params import Params
from tests.wirecopy.builders import at, commit, story
from tests.wirecopy.children import die_at_replace, run_child
from tests.wirecopy.store.copies.test_derived import OTHER, STORY
from wirecopy.errors import StoreError
from wirecopy.steps import dedupe, migrate_store
from wirecopy.store.copies.derived import out_of_date
from wirecopy.store.files.migration import dates_to_migrate, migrate
from wirecopy.store.files.partition import replace_partition
from wirecopy.store.files.present import require_present
from wirecopy.store.files.schema import MATCHES
from wirecopy.store.query.checking import problems_of
from wirecopy.store.query.read import query

NOW = at(12, 26)
OLD = pa.schema([field for field in MATCHES if field.name not in ("reason", "of_crowd")]).with_metadata(
    {"wirecopy.schema_version": "1"}
)
READERS = {
    "duckdb": lambda folder: duckdb.sql(f"FROM '{folder}/**/*.parquet'").fetchall(),
    "pandas": lambda folder: pd.read_parquet(folder).values.tolist(),
    "arrow": lambda folder: ds.dataset(folder, partitioning="hive").to_table().to_pylist(),
    "polars": lambda folder: pl.scan_parquet(folder / "**/*.parquet").collect().rows(),
}


@pytest.fixture(scope="module")
def old_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with matches of four dates, as the version before wrote them."""
    with pytest.MonkeyPatch.context() as patch:
        root = tmp_path_factory.mktemp("old") / "data"
        patch.setenv("WIRECOPY_DATA", str(root))
        patch.setenv("WIRECOPY_NOW", NOW.isoformat())
        from wirecopy.store.files.layout import Layout

        layout = Layout(root).make()
        days = range(21, 25)
        cut = "\n".join(STORY.splitlines()[:3])
        texts = (("a", STORY), ("b", OTHER))
        commit(
            layout, story("cut", 22, cut), *(story(f"{slug}{day}", day, text) for day in days for slug, text in texts)
        )
        dedupe()
        for path in sorted((root / "store/matches").rglob("*.parquet")):
            rows = pq.read_table(path, partitioning=None)
            kept = {k: v for k, v in rows.schema.metadata.items() if k != b"wirecopy.schema_version"}
            old = rows.select(OLD.names).replace_schema_metadata({**kept, b"wirecopy.schema_version": b"1"})
            pq.write_table(old, path, compression="zstd", store_schema=True, write_page_checksum=True)
    return root


@pytest.fixture
def layout(layout, old_store, monkeypatch):
    """A copy of it, for one test."""
    shutil.copytree(old_store, layout.root, dirs_exist_ok=True)
    monkeypatch.setenv("WIRECOPY_DATA", str(layout.root))
    monkeypatch.setenv("WIRECOPY_NOW", NOW.isoformat())
    require_present.cache_clear()
    return layout


def die_migrating(root: str, number: int) -> None:
    """Migrate, and be killed right before the rename *number*."""
    os.environ["WIRECOPY_DATA"] = root
    die_at_replace(number)
    migrate_store()


def read(layout, *names: str) -> dict[str, int]:
    """How many rows each reader finds with a naive glob."""
    return {name: len(READERS[name](layout.store / "matches")) for name in names or READERS}


def test_an_old_store_is_read_as_ever_and_not_written(layout):
    """Before: globs and queries work, the new column is null, and what would mix two kinds of files is refused."""
    rows = read(layout)
    assert len(set(rows.values())) == 1
    assert rows["duckdb"] > 4
    assert query(layout, "SELECT count(*) AS n FROM matches_standing WHERE reason IS NULL")["n"].to_pylist()[0] > 4
    day = layout.dates("matches")[1]
    with pytest.raises(StoreError, match=r"lack reason, of_crowd\. Run `wirecopy store migrate`"):
        replace_partition(layout, "matches", day, MATCHES.empty_table())
    (problem,) = problems_of(layout)
    assert "lack reason, of_crowd. Run `wirecopy store migrate`" in problem


def test_readers_during_a_migration(layout):
    """File by file: DuckDB, pandas and Arrow read all rows in every state between; Polars refuses, and never lies."""
    before = read(layout)["duckdb"]
    for left, _ in enumerate(migrate(layout, "matches", dates_to_migrate(layout, "matches")), 1):
        assert set(read(layout, "duckdb", "pandas", "arrow").values()) == {before}, f"after {left} files"
        assert query(layout, "FROM matches").num_rows == before
        if left < len(layout.dates("matches")):
            with pytest.raises(pl.exceptions.PolarsError):
                read(layout, "polars")
    assert set(read(layout).values()) == {before}


def test_migration_keeps_rows_and_currency(layout):
    """Every value and footer is kept, so that no date has to be computed again for it; the new column says what it
    can.
    """
    before = pl.read_parquet(layout.store / "matches/**/*.parquet").to_dicts()
    rows = [{**row, "reason": None, "of_crowd": None} for row in before]
    assert migrate_store(dry_run=True)["matches"] == 4 == len(layout.dates("matches"))
    assert migrate_store() == {**dict.fromkeys(migrate_store(), 0), "matches": 4}
    assert not out_of_date(layout, Params().hash, days=Params().window_days)
    after = pl.read_parquet(layout.store / "matches/**/*.parquet").to_dicts()
    assert [{**row, "reason": None, "of_crowd": None} for row in after] == rows
    assert {(row["relation"], row["reason"]) for row in after} == {("identical", "identical"), ("copy", "score")}
    assert not list(problems_of(layout))


def test_dedupe_migrates_its_own_tables(layout):
    """A new wirecopy that writes matches first brings all of them to its columns: files are never of two kinds."""
    commit(layout, story("c", 24, STORY))
    dedupe()
    assert {tuple(pq.read_schema(path).names) for path in (layout.store / "matches").rglob("*.parquet")} == {
        tuple(MATCHES.names)
    }
    assert len(set(read(layout).values())) == 1


def test_newer_columns_are_not_dropped(layout):
    """A store that a newer version wrote is not written by this one."""
    for path in (layout.store / "matches").rglob("*.parquet"):
        rows = pq.read_table(path, partitioning=None)
        pq.write_table(rows.append_column("mood", pa.nulls(rows.num_rows, pa.string())), path)
    commit(layout, story("c", 24, STORY))
    for refused in (dedupe, migrate_store):
        with pytest.raises(StoreError, match=r"does not know \(mood\): a newer wirecopy"):
            refused()


@pytest.mark.slow
def test_a_killed_migration_goes_on(layout):
    """kill -9 before its third rename, then the same command: all rows, in files of one kind."""
    before = read(layout)["duckdb"]
    assert run_child(die_migrating, str(layout.root), 3) == -signal.SIGKILL
    assert set(read(layout, "duckdb", "pandas", "arrow").values()) == {before}
    assert migrate_store()["matches"] == 2
    assert set(read(layout).values()) == {before}
    assert not out_of_date(layout, Params().hash, days=Params().window_days)
