"""plan: what a run has to do, read from the ledger, the feed state and raw/."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import FeedListError
from ingest.records import Validators
from tests.wirecopy.builders import DAY, a_capture, an_entry, at, name
from tests.wirecopy.store.test_ledger import outcome, poll
from wirecopy.steps import plan
from wirecopy.store.archive.raw import write_raw
from wirecopy.store.feeds.feedstate import FeedCapture, FeedState
from wirecopy.store.feeds.state import State
from wirecopy.store.files.layout import Layout
from wirecopy.store.ledger import append_log
from wirecopy.store.staging.plans import Job, read_plan

FEEDS = """
[[feed]]
id = "gazette"
url = "https://gazette.example/feed.xml"
[[feed]]
id = "courier"
url = "https://courier.example/feed.xml"
every = "1h"
"""
KEPT = Validators(etag='"x"', last_modified="then", body_hash="b")


@pytest.fixture(autouse=True)
def desk(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two feeds; it is noon of 22 November."""
    (tmp_path / "feeds.toml").write_text(FEEDS)
    monkeypatch.setenv("WIRECOPY_DATA", str(layout.root))
    monkeypatch.setenv("WIRECOPY_FEEDS", str(tmp_path / "feeds.toml"))
    monkeypatch.setenv("WIRECOPY_NOW", at(12).isoformat())


def jobs(layout: Layout, start: float = 11.75, end: float = 12, kind: Any = "live", **options: Any) -> list[Job]:
    """All jobs of a plan."""
    planned = plan(kind=kind, run_id="r", start=at(start).isoformat(), end=at(end).isoformat(), **options)
    found = [job for shard in planned["shards"] for job in read_plan(layout, planned["run"]["plan"], shard["shard"])]
    looked_at = {job.feed_id for job in found if job.kind in ("feed", "document")}
    assert planned["run"]["due_feeds"] == len(looked_at)
    return found


def names(found: list[Job]) -> list[tuple[str, str]]:
    return sorted((job.kind, job.feed_id) for job in found)


def remember(layout: Layout, states: list[FeedState] = [], captures: list[FeedCapture] = []) -> None:  # noqa: B006
    state = State.open(layout, None)
    state.save_feeds(states)
    state.save_captures(captures)
    state.close()


def test_first_run_polls_every_feed(layout):
    """Never polled: due, unconditionally."""
    found = jobs(layout)
    assert names(found) == [("feed", "courier"), ("feed", "gazette")]
    assert all(not any(json.loads(job.payload).values()) for job in found)


@pytest.mark.parametrize(
    ("minutes", "polled"),
    [(0, True), (-5, True), (1, True), (2, False), (60, False)],
    ids=["due", "over", "a-bit-early", "early", "later"],
)
def test_due(layout, minutes, polled):
    """A feed is due a tenth of its rhythm early: a run that starts a second sooner must not skip a turn."""
    due = at(12) + timedelta(minutes=minutes)
    remember(layout, [FeedState(feed_id="gazette", next_due=due), FeedState(feed_id="courier", next_due=at(20))])
    assert names(jobs(layout)) == ([("feed", "gazette")] if polled else [])


@pytest.mark.parametrize(
    ("full_at", "in_ledger", "conditional"),
    [
        pytest.param(11, True, True, id="conditional"),
        pytest.param(-12, True, False, id="once-a-day-in-full"),
        pytest.param(11, False, False, id="the-store-does-not-know-that-poll"),
    ],
)
def test_validators(layout, full_at, in_ledger, conditional):
    """A conditional GET, but a whole one once a day, and after the store was restored from an older backup."""
    remember(layout, [FeedState(feed_id="gazette", validators=KEPT, last_full_at=at(full_at), last_success_at=at(11))])
    append_log(layout, "polls", DAY, [poll(11 if in_ledger else 10)])
    sent = next(json.loads(job.payload) for job in jobs(layout) if job.feed_id == "gazette")
    assert Validators(**sent) == (KEPT if conditional else Validators())


def test_retry_queue(layout):
    """Entries whose next try has come, also of a feed that left the list; not those that ended or wait."""
    rows = [
        outcome(entry_key=key, entry=an_entry(entry_key=key, feed_id=key).to_json(), **changes)
        for key, changes in {
            "due": {"next_try_at": at(12)}, "waits": {"next_try_at": at(12.1)}, "exhausted": {"next_try_at": None},
        }.items()
    ]  # fmt: skip
    append_log(layout, "outcomes", DAY, [*rows, outcome("stored", entry_key="done")])
    assert [job.feed_id for job in jobs(layout) if job.kind == "entry"] == ["due"]


@pytest.mark.parametrize(
    ("changes", "taken"),
    [
        pytest.param({"published_at": at(9)}, True, id="published-inside"),
        pytest.param({"published_at": at(9, 21)}, False, id="published-elsewhere"),
        pytest.param({"published_at": None}, True, id="undated-first-tried-inside"),
    ],
)
@pytest.mark.parametrize("next_try", [at(20, 23), None], ids=["waits", "exhausted"])
def test_a_past_run_tries_what_failed_in_its_interval(layout, changes, taken, next_try):
    """Once more, whether it waits or is exhausted; an undated entry belongs where it was first tried."""
    entry = an_entry(**changes)
    rows = [
        outcome(when=10, entry=entry.to_json()),
        outcome(when=30, tries=5, entry=entry.to_json(), next_try_at=next_try),
    ]
    append_log(layout, "outcomes", DAY, rows)
    found = jobs(layout, 0, 24, "day")
    assert [job.kind for job in found if job.kind == "entry"] == (["entry"] if taken else [])


def test_only_these_feeds(layout):
    """Feeds, entries and captures of the named feeds; a name that is not in the list is an error with a suggestion."""
    append_log(
        layout,
        "outcomes",
        DAY,
        [outcome(entry_key=f, entry=an_entry(entry_key=f, feed_id=f).to_json()) for f in ("gazette", "courier")],
    )
    write_raw(layout, DAY, "copied", [a_capture("a")])
    assert names(jobs(layout, 0, 24, "day", feeds=["courier"])) == [("entry", "courier"), ("feed", "courier")]
    assert names(jobs(layout, 0, 24, "day", feeds=["gazette"])) == [
        ("entry", "gazette"),
        ("feed", "gazette"),
        ("page", "gazette"),
    ]
    with pytest.raises(FeedListError, match="gazette"):
        jobs(layout, feeds=["gazete"])


@pytest.mark.parametrize(
    ("minutes", "there", "shared"),
    [(5, True, True), (10, True, True), (11, True, False), (5, False, False)],
    ids=["young", "just-young-enough", "too-old", "file-is-gone"],
)
def test_past_runs_share_documents(layout, minutes, there, shared):
    """One GET of a feed serves the past runs of the next minutes, if its document still lies in this store's raw/."""
    taken = FeedCapture(
        feed_id="gazette",
        fetch_id="f",
        raw_file="date=2026-11-22/x.parquet",
        fetched_at=at(12) - timedelta(minutes=minutes),
    )
    remember(layout, captures=[taken])
    if there:
        (layout.raw_folder(DAY)).mkdir(parents=True)
        write_raw(layout, DAY, "x", [a_capture("a", published_at=at(9, 1))])
    found = jobs(layout, -48, -24, "day")
    assert names(found) == sorted([("feed", "courier"), ("document" if shared else "feed", "gazette")])


def test_captures_of_raw(layout):
    """Pages and documents that nobody used, each once, also of a feed that left the list."""
    path = write_raw(layout, DAY, "copied", [a_capture("a"), a_capture("b")])
    found = [job for job in jobs(layout, 0, 24, "day") if job.kind == "page"]
    assert {(job.payload, job.fetch_id) for job in found} == {
        (str(path.relative_to(layout.raw)), name(f"page {slug} None")) for slug in "ab"
    }  # fmt: skip


@pytest.mark.parametrize("shards", [1, 3, 64])
def test_a_host_stays_in_one_shard(layout, monkeypatch, shards):
    """So that politeness is kept inside a process; every job is in exactly one shard."""
    monkeypatch.setenv("WIRECOPY_SHARDS", str(shards))
    links = [f"https://host-{number % 7}.example/{number}" for number in range(30)]
    rows = [outcome(entry_key=link, entry=an_entry(entry_key=link, link=link).to_json()) for link in links]
    append_log(layout, "outcomes", DAY, rows)
    planned = plan(kind="live", run_id="r", start=at(11.75).isoformat(), end=at(12).isoformat())
    assert [shard["shard"] for shard in planned["shards"]] == list(range(shards))
    found = [
        [job for job in read_plan(layout, planned["run"]["plan"], number) if job.kind == "entry"]
        for number in range(shards)
    ]
    hosts = [{json.loads(job.payload)["link"].split("/")[2] for job in shard} for shard in found]
    assert sum(map(len, hosts)) == 7
    assert sorted(json.loads(job.payload)["link"] for shard in found for job in shard) == sorted(links)


def test_nothing_to_do(layout):
    """No shard, and a run that says so."""
    remember(layout, [FeedState(feed_id=feed, next_due=at(20)) for feed in ("gazette", "courier")])
    planned = plan(kind="live", run_id="r", start=at(11.75).isoformat(), end=at(12).isoformat())
    assert (planned["shards"], planned["run"]["shards"], planned["run"]["mode"]) == ([], 0, "live")
