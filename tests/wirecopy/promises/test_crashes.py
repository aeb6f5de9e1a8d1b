"""Promise 7: killed anywhere, nothing is lost, doubled or torn; running again finishes the job."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from demo.newsroom import load_world
from ingest.records import FeedPull
from tests.wirecopy import children
from tests.wirecopy.builders import (
    HEADER,
    a_part,
    a_poll,
    an_article,
    at,
    capture,
    commit,
    content,
    footprint,
    skipped,
    taken,
)
from tests.wirecopy.children import SPAWN, run_child, stream
from wirecopy.steps import dedupe, publish
from wirecopy.store.feeds.state import State
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import read_partition
from wirecopy.store.ledger import SUCCESSES

FEEDS = '[[feed]]\nid = "gazette"\nurl = "https://gazette.example/feed.xml"\n'


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Point this process, or the variables for a child, at a data folder."""
    (tmp_path / "feeds.toml").write_text(FEEDS)

    def use(layout: Layout) -> dict[str, str]:
        variables = {
            "WIRECOPY_DATA": str(layout.root),
            "WIRECOPY_FEEDS": str(tmp_path / "feeds.toml"),
            "WIRECOPY_NOW": at(12, 23).isoformat(),
        }
        for key, value in variables.items():
            monkeypatch.setenv(key, value)
        return variables

    return use


def copy_of(layout: Layout, label: object) -> Layout:
    """The same data folder once more."""
    target = layout.root.with_name(f"copy-{label}")
    shutil.copytree(layout.root, target)
    return Layout(target)


def ledger(layout: Layout) -> list[tuple[Any, ...]]:
    """Outcomes and polls; what became of an article counts as a success, whichever."""
    outcomes = pl.read_parquet(layout.store / "outcomes/**/*.parquet").to_dicts()
    polls = pl.read_parquet(layout.store / "polls/**/*.parquet").to_dicts()
    rows = [
        (r["entry_key"], "success" if r["code"] in SUCCESSES else r["code"], r["article_id"], r["tries"])
        for r in outcomes
    ]
    return sorted(map(str, [*rows, *((r["feed_id"], r["polled_at"], r["code"]) for r in polls)]))


@pytest.fixture
def waiting(layout: Layout) -> Layout:
    """A store with two articles, and two parts: a revision, new articles on three dates, and a failure."""
    commit(layout, capture("wall", "A", at(9)), capture("tram", "A", at(9), published_at=at(9, 21)))
    first = [
        taken("wall", an_article("wall", "B", at(10))),
        taken("quay", an_article("quay", "A", at(10), published_at=at(1, 23))),
        taken("shut", skipped("http_5xx")),
    ]
    second = [
        taken("tram", an_article("tram", "C", at(10), published_at=at(9, 21))),
        taken("pier", an_article("pier", "A", at(10))),
    ]
    a_part(layout, [FeedPull(poll=a_poll(first), taken=tuple(first))])
    a_part(layout, [FeedPull(poll=None, taken=tuple(second))], number=1)
    return layout


def check_published(layout: Layout, undisturbed: Layout) -> None:
    """The store is the one that nobody disturbed, and nothing is left to be done."""
    assert content(layout) == content(undisturbed)
    assert ledger(layout) == ledger(undisturbed)
    assert [path.name for path in layout.staging.iterdir() if path.suffix == ".part"] == []
    state = State.open(layout, None)
    assert state.feeds()["gazette"].last_polled_at == at(10)
    assert state.feeds()["gazette"].failures == 0
    state.close()


def die_everywhere(step: str, layout: Layout, variables: dict[str, str], **arguments: Any) -> list[Layout]:
    """Copies of a data folder on which *step* was killed before its n-th rename; the last one is finished."""
    assert run_child(children.die_everywhere, step, layout.root, variables, arguments) == 0
    copies = sorted(layout.root.parent.glob(f"{layout.root.name}-*"))
    assert len(copies) > 8
    return [Layout(copy) for copy in copies]


@pytest.mark.slow
def test_publish_killed_between_any_two_files(waiting, environment):
    """Killed before its first rename, its second, …; then published again: the same as if nothing had happened."""
    undisturbed = copy_of(waiting, "undisturbed")
    environment(undisturbed)
    publish(run=HEADER, pulled=[{}])
    for layout in die_everywhere("publish", waiting, environment(waiting), run=HEADER, pulled=[{}]):
        environment(layout)
        report = publish(run=HEADER, pulled=[{}])
        check_published(layout, undisturbed)
        assert sum(report["outcomes"].values()) == 5


@pytest.mark.slow
def test_two_attempts_publish_at_once(waiting, environment):
    """The task of a killed supervisor lives on while its retry runs: both publish the same parts, once."""
    undisturbed = copy_of(waiting, "undisturbed")
    environment(undisturbed)
    publish(run=HEADER, pulled=[{}])
    gate = SPAWN.Barrier(2)
    processes = [SPAWN.Process(target=children.publish, args=(HEADER, environment(waiting), gate)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    check_published(waiting, undisturbed)


@pytest.mark.slow
def test_a_full_disk(waiting, environment):
    """The publish ends with an error that says what to do; old files are whole, staging is clean; later it goes on."""
    undisturbed = copy_of(waiting, "undisturbed")
    environment(undisturbed)
    publish(run=HEADER, pulled=[{}])
    before = footprint(waiting)
    assert run_child(children.publish_on_a_full_disk, HEADER, environment(waiting), 4096) == 7
    assert footprint(waiting) == before
    assert {path.suffix for path in waiting.staging.iterdir()} == {".part"}
    publish(run=HEADER, pulled=[{}])
    check_published(waiting, undisturbed)


@pytest.mark.slow
def test_commits_killed_at_random_moments(layout):
    """35 kills at random moments of a stream of commits; then one attempt to the end: the same content."""
    undisturbed = Layout(layout.root.with_name("undisturbed")).make()
    for batch in stream(7):
        commit(undisturbed, *batch)
    assert run_child(children.kill_and_go_on, layout.root, 7, 35, timeout=110) == 0
    assert content(layout) == content(undisturbed)


@pytest.mark.slow
def test_two_processes_at_midnight(layout):
    """Two runs bring the same pages, one with dates before midnight, one after: each article is stored once."""
    gate = SPAWN.Barrier(2)
    processes = [SPAWN.Process(target=children.midnight, args=(layout.root, day, gate)) for day in (22, 23)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    ids = [
        row
        for day in layout.dates("articles")
        for row in read_partition(layout, "articles", day)["article_id"].to_pylist()
    ]
    assert len(ids) == len(set(ids)) == 15


@pytest.fixture
def world(layout: Layout) -> Layout:
    """Some of the newsroom's articles, straight into a store."""
    rows = []
    for article in [one for one in load_world().articles.values() if one.language == "en"][:24]:
        text, published = "\n".join(article.versions[-1].printed), at(0) + article.published
        row = capture(article.slug, article.slug, published, published_at=published, publisher=article.publisher)
        rows.append(row | {"text": text, "language": article.language, "word_count": len(text.split())})
    commit(layout, *rows)
    return layout


@pytest.mark.slow
def test_dedupe_killed_between_any_two_files(world, environment):
    """Killed before each of its renames, then run again: the same matches and clusters."""
    undisturbed = copy_of(world, "undisturbed")
    environment(undisturbed)
    dedupe()
    assert len(content(undisturbed)["matches"]) > 10
    for layout in die_everywhere("dedupe", world, environment(world)):
        environment(layout)
        dedupe()
        assert content(layout) == content(undisturbed)
