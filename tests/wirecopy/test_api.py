"""`wirecopy.open`: tables, views and traces for Python programs."""

from __future__ import annotations

from datetime import date

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import wirecopy
from dedupe.params import DEFAULTS
from tests.heavy import heavy_after
from tests.wirecopy.builders import at, commit, story
from tests.wirecopy.store.copies.test_derived import OTHER, STORY
from wirecopy.errors import StoreError, UsageError
from wirecopy.steps.deduping import compute_date
from wirecopy.store.files.layout import Layout
from wirecopy.store.query.viewcolumns import VIEW_COLUMNS
from wirecopy.store.query.views import VIEWS

COPIED = "Überschrift: 🌊 " + STORY.replace("two metres", "some metres")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> wirecopy.api.store.Store:
    """An origin and its copy, of two dates, and something else."""
    layout = Layout(tmp_path_factory.mktemp("asked")).make()
    commit(layout, story("wire", 21, STORY), story("gazette", 22, COPIED), story("choir", 22, OTHER))
    for day in (21, 22):
        assert compute_date(layout, date(2026, 11, day), DEFAULTS)
    return wirecopy.open(layout.root)


def test_the_package_is_light():
    """Whoever imports wirecopy gets no library with it."""
    assert heavy_after("wirecopy") == []


def test_every_form(store):
    """One result as Arrow, Polars (lazy too), pandas, DuckDB and dicts, and to whoever takes Arrow data."""
    asked = store.articles().select("publisher", "word_count").order("publisher")
    rows = asked.rows()
    assert [row["publisher"] for row in rows] == ["choir", "gazette", "wire"]
    assert len(asked) == 3
    assert asked.arrow().to_pylist() == asked.polars().to_dicts() == asked.pandas().to_dict("records") == rows
    assert asked.polars(lazy=True).filter(pl.col("publisher") == "wire").collect().height == 1
    assert asked.relation().fetchall() == [tuple(row.values()) for row in rows]
    assert list(asked) == pa.table(asked).to_pylist() == pl.DataFrame(asked).to_dicts() == rows


def test_dates_are_both_inclusive(store):
    """As dates or in ISO form; without them, all."""
    assert len(store.articles("2026-11-22", date(2026, 11, 22))) == 2
    assert len(store.articles(to="2026-11-21")) == 1
    assert store.articles(unique=True).select("publisher").order("publisher").rows() == [
        {"publisher": "choir"},
        {"publisher": "wire"},
    ]
    with pytest.raises(UsageError, match="2026-13"):
        store.articles("2026-13-01")


def test_passages_have_the_text_of_both_sides(store):
    """The words that the texts have in common, also behind characters of several code units."""
    (copy,) = store.copies().rows()
    assert (copy["origin_publisher"], copy["copy_publisher"]) == ("wire", "gazette")
    found = store.passages().rows()
    assert found[0]["left_text"] == STORY[found[0]["left_start"] : found[0]["left_end"]]
    assert found[0]["right_text"] == COPIED[found[0]["right_start"] : found[0]["right_end"]]
    assert [row["number"] for row in found] == list(range(1, len(found) + 1))
    assert found[0]["words"] >= 20


def test_own_tables_can_be_joined(store):
    """Frames of pandas and Polars, and Arrow tables, by the names that they are given."""
    mine = {"publisher": ["wire"], "kind": ["agency"]}
    for table in (pd.DataFrame(mine), pl.DataFrame(mine), pa.table(mine)):
        sql = "SELECT kind FROM articles JOIN mine USING (publisher) WHERE word_count > ?"
        assert store.sql(sql, 10, mine=table).rows() == [{"kind": "agency"}]


def test_results_see_what_is_written_later(tmp_path):
    """A table that had no file when the store was opened too."""
    layout = Layout(tmp_path).make()
    asked, articles = wirecopy.open(tmp_path), []
    lazy = asked.articles()
    articles.append(len(lazy))
    commit(layout, story("wire", 21, STORY))
    articles.append(len(lazy))
    assert articles == [0, 1]


def test_it_only_reads(store, tmp_path):
    """And says what is wrong, and where there is no store."""
    with pytest.raises(UsageError, match="only read"):
        store.sql("COPY articles TO 'x.csv'").rows()
    with pytest.raises(UsageError, match="nowhere"):
        store.sql("FROM nowhere").rows()
    with pytest.raises(StoreError, match="does not exist"):
        wirecopy.open(tmp_path / "none")


def test_traces_and_clusters(store):
    """The same as the commands give."""
    found = store.trace(STORY, published_at=at(8, 21))
    assert (found.copies[0].article.publisher, found.copies[0].match.relation) == ("wire", "identical")
    assert store.cluster_of(found.copies[0].article.id).reason == "earliest"


@pytest.mark.parametrize("view", sorted(VIEWS.keys() - {"gaps", "gaps_by_feed"}))
def test_every_column_of_a_view_is_described(store, view):
    """In its order; docs/columns.md is made of it."""
    assert store.sql(f"FROM {view}").columns == list(VIEW_COLUMNS[view])
