"""The real DAG files, run by Airflow's dag.test() against the newsroom over HTTP."""

from __future__ import annotations

import shutil
from datetime import timedelta

import duckdb
import polars as pl
import pytest

from tests.dags.conftest import ANCHOR, DAY, Desk, three_days
from tests.wirecopy.builders import content, footprint
from wirecopy.schedule import floor_to

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dags")]  # one AIRFLOW_HOME, and three days filled once
DERIVED = ("articles", "revisions", "matches", "clusters")
QUARTER = timedelta(minutes=15)


def test_three_days(filled):
    """Every readable article of the world is there once; the corrected one has its earlier text; copies are found."""
    found = content(filled.layout)
    truth = [one for one in filled.newsroom.truth() if one.ends == "article"]
    assert sorted(row["canonical_url"] for row in found["articles"]) == sorted(one.url for one in truth)
    assert [row["title"] for row in found["revisions"]] == [
        filled.newsroom.world.articles["tram-extension-cost-corrected"].versions[0].headline
    ]
    assert {row["article_id"] for row in found["clusters"]} == {row["article_id"] for row in found["articles"]}
    assert found["matches"]


def test_a_naive_glob_is_the_truth(filled):
    """DuckDB over the folder: each article once, on the day it was published."""
    glob = filled.layout.store / "articles" / "**" / "*.parquet"
    day = "coalesce(published_at, first_seen_at) AT TIME ZONE 'UTC'"
    query = f"SELECT count(*), count(DISTINCT article_id), bool_and(({day})::DATE = date) FROM '{glob}'"
    rows, articles, placed = duckdb.sql(query).fetchall()[0]
    assert (rows == articles, placed) == (True, True)


def test_every_entry_is_counted(filled):
    """entries = taken + known + too_old + outside + repeated + deferred, in every poll; taken ones have their
    outcomes.
    """
    polls = pl.read_parquet(filled.layout.store / "polls/**/*.parquet")
    counted = pl.sum_horizontal("taken", "known", "too_old", "outside", "repeated", "deferred")
    assert polls.filter(pl.col("entries") != counted).is_empty()
    outcomes = pl.read_parquet(filled.layout.store / "outcomes/**/*.parquet")
    assert len(outcomes) >= polls["taken"].sum() > 0


def test_the_same_runs_again_keep_every_byte(filled):
    """Running again adds and deletes nothing."""
    before = footprint(filled.layout, *DERIVED)
    three_days(filled)
    assert footprint(filled.layout, *DERIVED) == before


def from_raw(desk: Desk, source: Desk, name: str) -> Desk:
    """An empty data folder that holds nothing but the captures of another one."""
    raw = source.layout.raw
    shutil.copytree(raw, desk.use(name).raw)
    return desk


def test_days_in_reverse_order_from_raw(filled):
    """A new store, filled from the archive by day runs in reverse order, has the same content."""
    expected = content(filled.layout)
    desk = from_raw(filled, filled, "reverse").at(ANCHOR + DAY)
    for end in (ANCHOR + DAY, ANCHOR, ANCHOR - DAY, ANCHOR - 2 * DAY):
        assert desk.run("wirecopy_day", end).state == "success"
        assert desk.run("wirecopy_dedupe").state == "success"
    assert content(desk.layout) == expected


def test_past_live_runs_mixed_with_day_runs_from_raw(filled):
    """So has one that was filled by old live runs, which are past runs, and day runs in between."""
    expected = content(filled.layout)
    published = sorted({row["published_at"] for row in expected["articles"] if row["published_at"]}, reverse=True)
    quarters = [floor_to(instant, QUARTER) + QUARTER for instant in published[5::20]]
    desk = from_raw(filled, filled, "mixed").at(ANCHOR + DAY)
    stored = 0
    for number, end in enumerate(quarters):
        live = desk.run("wirecopy_live", end)
        assert (live.state, live.report["mode"]) == ("success", "past")
        stored += live.report["outcomes"].get("stored", 0)
        if number in (1, 3):
            desk.run("wirecopy_day", ANCHOR if number == 1 else ANCHOR - 2 * DAY)
            desk.run("wirecopy_dedupe")
    assert stored >= 2
    for end in (ANCHOR + DAY, ANCHOR - DAY):
        assert desk.run("wirecopy_day", end).state == "success"
    desk.run("wirecopy_dedupe")
    assert content(desk.layout) == expected
