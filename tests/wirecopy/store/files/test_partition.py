"""partition: one file per table and date, replaced whole; its footer; the hash of rows."""

from __future__ import annotations

import errno
import itertools
import math

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wirecopy.builders import DAY, at, capture, footprint
from wirecopy.errors import StoreError
from wirecopy.store.files import partition as module
from wirecopy.store.files.columns import SORT_KEYS
from wirecopy.store.files.partition import read_footer, read_partition, replace_partition, rows_hash, sort_rows
from wirecopy.store.files.rows import to_table
from wirecopy.store.files.schema import TABLES


def test_no_file_is_no_rows(layout):
    """A date without a file has no rows, the same columns, and no footer."""
    assert read_partition(layout, "articles", DAY).schema.equals(TABLES["articles"])
    assert read_partition(layout, "polls", DAY, ["feed_id", "code"]).column_names == ["feed_id", "code"]
    assert read_footer(layout, "articles", DAY) == {}


def test_round_trip(layout):
    """Rows come back equal and sorted, with the schema's metadata and our keys in the footer."""
    rows = to_table(
        "articles",
        [capture("b", published_at=at(9)), capture("a", published_at=None), capture("c", published_at=at(8))],
    )
    replace_partition(layout, "articles", DAY, rows, {"dedupe_inputs": "x"})
    assert read_partition(layout, "articles", DAY).equals(sort_rows("articles", rows))
    assert [row["guid"] for row in read_partition(layout, "articles", DAY).to_pylist()] == ["c", "b", "a"]
    assert read_footer(layout, "articles", DAY) == {"schema_version": "1", "dedupe_inputs": "x"}


def test_file_lies_alone(layout):
    """Nothing but whole parquet files in store/, nothing in staging."""
    replace_partition(layout, "articles", DAY, to_table("articles", [capture()]))
    assert list(footprint(layout)) == ["articles/date=2026-11-22/articles-2026-11-22.parquet"]
    assert list(layout.staging.iterdir()) == []


def test_point_lookups_have_bloom_filters(layout):
    """Files carry bloom filters on article_id and url."""
    replace_partition(layout, "articles", DAY, to_table("articles", [capture()]))
    group = pq.ParquetFile(layout.partition("articles", DAY)).metadata.row_group(0)
    columns = [group.column(number) for number in range(group.num_columns)]
    assert {column.path_in_schema for column in columns if column.bloom_filter_offset} == {"article_id", "url"}


@pytest.mark.parametrize("place", ["write", "replace"])
def test_failure_leaves_the_old_file(layout, monkeypatch, place):
    """A full disk names the file and the next step; the old file is whole and staging is clean."""
    replace_partition(layout, "articles", DAY, to_table("articles", [capture()]))
    before = footprint(layout)

    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "_write", full) if place == "write" else monkeypatch.setattr("os.replace", full)
    with pytest.raises(StoreError, match=r"articles-2026-11-22\.parquet cannot be written .*No space left.*run again"):
        replace_partition(layout, "articles", DAY, to_table("articles", [capture("tram")]))
    assert footprint(layout) == before
    assert list(layout.staging.iterdir()) == []


def test_unreadable_file_is_named(layout):
    """A file that is no parquet is an error that says which and what to do."""
    path = layout.partition("articles", DAY)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"PAR1 not really PAR1")
    with pytest.raises(StoreError, match=r"articles-2026-11-22\.parquet cannot be read"):
        read_partition(layout, "articles", DAY)


MATCH = st.fixed_dictionaries(
    {
        "left_id": st.text("abc", max_size=3),
        "right_id": st.text("abc", max_size=3),
        "left_date": st.sampled_from([DAY, None]),
        "relation": st.sampled_from(["copy", "", None]),
        "score": st.one_of(st.none(), st.floats(0, 1)),
        "passages": st.one_of(st.none(), st.text(max_size=5)),
    }
)


def chunked(rows: pa.Table, cuts: list[int]) -> pa.Table:
    """The same rows as slices of one another."""
    places = sorted({min(cut, rows.num_rows) for cut in cuts} | {0, rows.num_rows})
    slices = [rows.slice(start, stop - start) for start, stop in itertools.pairwise(places)]
    return pa.concat_tables(slices) if slices else rows


@settings(max_examples=60, deadline=None)
@given(st.lists(MATCH, max_size=8), st.lists(st.integers(0, 8), max_size=3))
def test_rows_hash_is_canonical(tmp_path_factory, rows, cuts):
    """Equal rows have an equal hash: as slices, as chunks, and read back from parquet."""
    table = to_table("matches", rows)
    path = tmp_path_factory.mktemp("hash") / "rows.parquet"
    pq.write_table(table, path)
    padded = pa.concat_tables([to_table("matches", [{"left_id": "zz", "score": math.pi}]), table]).slice(1)
    assert {rows_hash(chunked(table, cuts)), rows_hash(pq.read_table(path)), rows_hash(padded)} == {rows_hash(table)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param([{"left_id": None}], [{"left_id": ""}], id="null-is-not-empty"),
        pytest.param([{"left_id": "a"}, {"left_id": "b"}], [{"left_id": "b"}, {"left_id": "a"}], id="order"),
        pytest.param([{"left_id": "ab"}, {"left_id": "c"}], [{"left_id": "a"}, {"left_id": "bc"}], id="borders"),
        pytest.param([{"left_id": "a"}], [{"right_id": "a"}], id="column"),
        pytest.param([{"score": 0.1}], [{"score": 0.1 + 1e-16}], id="last-bit"),
        pytest.param([], [{"left_id": None}], id="number-of-rows"),
    ],
)
def test_rows_hash_sees_every_difference(one, other):
    """Other rows, another hash."""
    assert rows_hash(to_table("matches", one)) != rows_hash(to_table("matches", other))


@pytest.mark.parametrize("table", sorted(SORT_KEYS))
def test_every_table_sorts_by_its_own_columns(table):
    """SORT_KEYS name columns of their table."""
    assert set(SORT_KEYS[table]) <= set(TABLES[table].names)
