"""parts, journals, plans and the staging folder: what goes from task to task, and what dead attempts leave."""

from __future__ import annotations

import os
import time
from contextlib import suppress

import pytest

from ingest.records import FeedPull
from tests.wirecopy.builders import HEADER, a_part, a_poll, an_entry, at, part_name, skipped, taken
from wirecopy.errors import StoreError
from wirecopy.runs.ledgerwriter import left_behind
from wirecopy.store.staging.journals import Abandoned, Journal, abandoned
from wirecopy.store.staging.leftovers import sweep_staging
from wirecopy.store.staging.parts import PartName, delete_parts, finished_parts
from wirecopy.store.staging.plans import Job, delete_plan, read_plan, write_plan

PLAN, ATTEMPT = "p" * 32, "a" * 32
WALL, TRAM = an_entry("wall"), an_entry("tram", title="Line\u2028separator and \x85 next line")


def test_part_round_trip(layout):
    """What pull found, publish gets: articles, failures, polls."""
    takes = (taken("wall"), taken("tram", skipped(fetch_id="f", http_status=503), updated_at=at(9.5)))
    pulls = (FeedPull(poll=a_poll(takes), taken=takes), FeedPull(poll=None, taken=takes))
    path = a_part(layout, pulls, 3)
    (part,) = finished_parts(layout)
    assert (part.name, part.path, part.header, part.pulls) == (part_name(3), path, HEADER, pulls)
    assert PartName.of(path).stem == path.name.removesuffix(".part")
    delete_parts(layout, [part])
    assert list(finished_parts(layout)) == []


@pytest.mark.parametrize("content", [b"", b"no gzip", b"\x1f\x8b\x08\x00cut"], ids=["empty", "not-gzip", "cut"])
def test_unreadable_part_is_set_aside(layout, content):
    """It holds back no other, and is kept for people to look at."""
    path = a_part(layout, [])
    path.write_bytes(content)
    good = a_part(layout, [], 1)
    assert [part.path for part in finished_parts(layout)] == [good]
    assert path.with_suffix(".unreadable").read_bytes() == content


def test_part_of_another_version_is_set_aside(layout):
    """So is one whose records have other fields."""
    import gzip

    path = a_part(layout, [])
    path.write_bytes(gzip.compress(b'{"run_id": "r"}\n{"poll": null, "taken": [{"novel": 1}]}\n'))
    assert list(finished_parts(layout)) == []
    assert path.with_suffix(".unreadable").exists()


def journal(layout, *steps) -> Abandoned:
    """The journal of an attempt that died after *steps*."""
    with suppress(KeyboardInterrupt), Journal(layout, PLAN, ATTEMPT, 0, HEADER) as book:
        for step, *arguments in steps:
            getattr(book, step)(*arguments)
        raise KeyboardInterrupt
    return look(layout)


def look(layout) -> Abandoned:
    """What the one dead attempt left; its journal stays."""
    with suppress(KeyboardInterrupt), abandoned(layout) as dead:
        (left,) = dead
        raise KeyboardInterrupt
    return left


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param([], {}, id="nothing"),
        pytest.param([("took", WALL)], {"wall": ("interrupted", None)}, id="taken"),
        pytest.param([("took", WALL), ("opened", WALL, None)], {"wall": ("crashed", None)}, id="in-work"),
        pytest.param([("took", WALL), ("opened", WALL), ("ended", WALL)], {"wall": ("interrupted", None)}, id="ended"),
        pytest.param([("opened", WALL, None)], {"wall": ("crashed", None)}, id="from-the-retry-queue"),
        pytest.param([("opened", WALL, "f1")], {"wall": ("crashed", "f1")}, id="from-raw"),
        pytest.param(
            [("took", TRAM), ("took", WALL), ("opened", WALL)],
            {"tram": ("interrupted", None), "wall": ("crashed", None)},
            id="both",
        ),
    ],
)
def test_dead_attempts(layout, steps, expected):
    """Pages in work when the process died are `crashed`, what it had only taken is `interrupted`; both are tried
    again.
    """
    left = journal(layout, *steps)
    found = list(left_behind(left, set(), tried_at=at(11)))
    assert {lost.entry.guid: (lost.result.code, lost.result.fetch_id) for lost in found} == expected
    assert all(lost.result.retryable for lost in found)
    assert (left.header, left.name.attempt) == (HEADER, ATTEMPT)


def test_entries_that_a_part_holds_are_not_lost(layout):
    """What another attempt of the plan has an outcome for is not booked once more."""
    left = journal(layout, ("took", WALL), ("took", TRAM))
    assert [lost.entry for lost in left_behind(left, {WALL.entry_key}, tried_at=at(11))] == [TRAM]


def test_cut_last_line(layout):
    """The last line of a killed process may be cut anywhere, also inside a character."""
    journal(layout, ("took", TRAM), ("took", an_entry("ö")))
    path = next(layout.staging.glob("*.journal"))
    whole = path.read_bytes()
    for cut in range(1, 40):
        path.write_bytes(whole[:-cut])
        left = look(layout)
        assert TRAM.entry_key in left.taken
        assert len(left.taken) == (2 if cut == 1 else 1)


def test_journal_of_a_finished_attempt_is_gone(layout):
    """It is gone with its block; that of a dead attempt with the block that books it."""
    with Journal(layout, PLAN, ATTEMPT, 0, HEADER) as book:
        book.took(WALL)
    assert list(layout.staging.iterdir()) == []
    journal(layout, ("took", WALL))
    with abandoned(layout) as dead:
        assert len(dead) == 1
    assert list(layout.staging.iterdir()) == []


def test_plan_by_shard(layout):
    """Each shard reads its jobs in the order of the plan; once forgotten, the error says what to do."""
    jobs = [Job(kind="feed", feed_id=f"f{n}", payload="{}", host="h") for n in range(4)]
    write_plan(layout, PLAN, [(number % 2, job) for number, job in enumerate(jobs)])
    assert [job.feed_id for job in read_plan(layout, PLAN, 1)] == ["f1", "f3"]
    assert read_plan(layout, PLAN, 7) == []
    delete_plan(layout, PLAN)
    with pytest.raises(StoreError, match="Clear its `plan` task"):
        read_plan(layout, PLAN, 1)


def test_replacing_is_all_or_nothing(layout):
    """A block that fails leaves neither the target nor something in staging."""
    target = layout.state / "note.txt"
    with suppress(ZeroDivisionError), layout.files.replacing(target) as staged:
        staged.write_text("half")
        raise ZeroDivisionError
    assert (target.exists(), list(layout.staging.iterdir())) == (False, [])
    with layout.files.replacing(target) as staged:
        staged.write_text("whole")
    assert target.read_text() == "whole"


def test_sweep(layout):
    """What killed processes left long ago goes; finished parts and what is young stay."""
    old = [layout.staging / leftover for leftover in ("x.tmp", f"{PLAN}.touched", f"{PLAN}.plan.parquet")]
    journal(layout, ("took", WALL))
    (waiting,) = layout.staging.glob("*.journal")
    young = layout.staging / "y.tmp"
    for path in (*old, young):
        path.touch()
    part = a_part(layout, [])
    long_ago = time.time() - 8 * 86_400
    for path in (*old, part, waiting):
        os.utime(path, (long_ago, long_ago))
    assert sweep_staging(layout) == 3
    assert set(layout.staging.iterdir()) == {young, part, waiting}
