"""Matches and clusters are a function of the set of articles: order, grouping into runs and repeats change nothing."""

from __future__ import annotations

import os
import random
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dedupe.conftest import invent, reword_text
from tests.wirecopy.builders import at, commit, content, story, use_store
from wirecopy.steps import dedupe, deduping
from wirecopy.store.files.layout import Layout

FIRST, LAST = 3, 26  # days of November
QUIET = 31 * 60  # seconds; the setting is half an hour
STEP = 10 * 60  # seconds between two days of a backfill

SPEECH = " ".join(f"word{n}" for n in range(90)) + "."

Row = dict[str, Any]


@pytest.fixture
def new_store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes an empty store and lets the step work on it; used again for a store it moves the step back there."""

    def make(layout: Layout | None = None) -> Layout:
        layout = layout or Layout(tmp_path_factory.mktemp("store") / "data").make()
        use_store(monkeypatch, layout)
        monkeypatch.setenv("WIRECOPY_NOW", at(12, 26).isoformat())
        return layout

    return make


def article(family: int, version: int, day: int, seen: int = 0) -> Row:
    """Version 0 of a family is its source; the others reword it, each in its own way. Families share nothing."""
    text = invent(family)
    if version:
        text = reword_text(text, every=6 + version % 3, seed=version)
    return story(f"f{family}v{version}", day, text, 10 + seen)


@st.composite
def worlds(draw: st.DrawFn) -> list[Row]:
    """Some families of copies, strewn over three weeks; some articles get another text later. A speech that independent
    reports share is a copy until one of them shows it as a quotation.
    """
    rows = []
    for family in range(draw(st.integers(1, 2))):
        for version in range(draw(st.integers(2, 4))):
            day = draw(st.integers(FIRST, LAST))
            rows.append(article(family, version, day))
            if draw(st.integers(0, 4)) == 0:  # a correction: now it tells another story
                later = article(family + 7, version, day, seen=1)
                kept = ("text", "word_count", "content_hash", "fetched_at", "fetch_id")
                rows.append(rows[-1] | {field: later[field] for field in kept})
    for number in range(draw(st.integers(0, 3))):  # reports of a speech that two of three show without marks
        speech = SPEECH if number < 2 else f"“{SPEECH}”"
        rows.append(story(f"s{number}", draw(st.integers(FIRST, LAST)), invent(20 + number, 4) + f"\n{speech}"))
    return rows


def grouped(rows: list[Row], order: random.Random) -> list[list[Row]]:
    """The rows in any order, with some of them twice, cut into runs."""
    dealt = rows + order.sample(rows, k=len(rows) // 3)
    order.shuffle(dealt)
    runs = []
    while dealt:
        size = order.randint(1, 4)
        runs.append(dealt[:size])
        dealt = dealt[size:]
    return runs


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=worlds(), order=st.randoms(use_true_random=False))
def test_any_order_and_grouping(new_store, rows, order):
    """Runs in any order, with dedupe between some of them, patient or not, end where one run of everything ends."""
    whole = new_store()
    commit(whole, *rows)
    dedupe()
    layout = new_store()
    for run in grouped(rows, order):
        commit(layout, *run)
        if order.random() < 0.5:
            dedupe(woken_by="2026-11-20" if order.random() < 0.5 else None)
    dedupe()
    assert content(layout) == content(whole)


@pytest.mark.slow
def test_any_order_on_a_bucket(new_store, bucket_layout):
    """Copies over two weeks, one of them corrected, and a speech that is shown as a quotation in the last run only: a
    bucket that got them in pieces has the rows of a folder that got them at once.
    """
    rows = [article(0, 0, 12), article(0, 1, 14), article(0, 2, 13), article(1, 0, 20), article(1, 1, 25)]
    rows += [article(8, 1, 25, seen=1) | {name: rows[-1][name] for name in ("article_id", "url", "canonical_url")}]
    for number, said in enumerate([SPEECH, SPEECH, f"“{SPEECH}”"]):
        rows.append(story(f"s{number}", 15 + number, f"{invent(20 + number, 4)}\n{said}"))
    whole = new_store()
    commit(whole, *rows)
    dedupe()
    expected = content(whole)
    new_store(bucket_layout)
    for number, run in enumerate(grouped(rows[:-1], random.Random(3))):
        commit(bucket_layout, *run)
        if number % 2:
            dedupe(woken_by="2026-11-20" if number % 4 == 1 else None)
    dedupe()
    assert content(bucket_layout) != expected
    commit(bucket_layout, rows[-1])
    dedupe()
    assert content(bucket_layout) == expected
    assert expected["matches"]


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """Every computation of a date, in order."""
    days: list[date] = []
    real = deduping.find_matches

    def count(layout: Layout, day: date, *args: Any, **kwargs: Any) -> Any:
        days.append(day)
        return real(layout, day, *args, **kwargs)

    monkeypatch.setattr(deduping, "find_matches", count)
    return days


@pytest.mark.slow
@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
def test_a_backfilled_month_computes_few_dates_twice(new_store, computed, backwards):
    """Thirty days, one every ten minutes, each waking dedupe: at most 1.5 computations per date.

    Time passes by making the files older.
    """
    layout = new_store()
    days = [date(2026, 10, 20) + timedelta(days=number) for number in range(30)]
    for number, day in enumerate(reversed(days) if backwards else days):
        start = (day - date(2026, 10, 31)).days
        commit(layout, article(number % 5, number, start), article(90 + number, 0, start))
        dedupe(woken_by=day.isoformat())
        _pass_time(layout, STEP)
    _pass_time(layout, QUIET)
    dedupe(woken_by=days[0].isoformat())
    assert sorted(set(computed)) == days
    assert len(computed) <= 1.5 * len(days)


def _pass_time(layout: Layout, seconds: float) -> None:
    for path in (layout.store / "articles").rglob("*.parquet"):
        stat = path.stat()
        os.utime(path, (stat.st_atime - seconds, stat.st_mtime - seconds))


@pytest.mark.slow
def test_a_text_that_recurs_every_day(new_store, monkeypatch):
    """A daily notice: two months of it are one long component, and one more day regroups it without comparing each
    with each.
    """
    from dedupe.grouping import clusters

    layout = new_store()
    text = invent(1)
    rows = [story(f"n{number}", number - 40, text) | {"publisher": "a.example"} for number in range(60)]
    commit(layout, *rows[:-1])
    dedupe()
    sizes = []
    real = clusters.group

    def group(nodes: Any, links: Any, *args: Any) -> Any:
        sizes.append((len(nodes), len(links)))
        return real(nodes, links, *args)

    monkeypatch.setattr("wirecopy.steps.settling.group", group)
    commit(layout, rows[-1])
    dedupe()
    members, links = max(sizes)
    assert members == 60
    assert links <= 2 * members
    found = content(layout, "clusters")["clusters"]
    assert len(found) == 60
    assert max(row["cluster_size"] for row in found) <= 8  # a cluster spans a week
