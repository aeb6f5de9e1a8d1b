"""Commits of waiting work: finished parts of any run, and entries that dead attempts had taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial

from ingest.records import Article, Taken
from wirecopy.feeds.health import assess_polls
from wirecopy.log import get_log
from wirecopy.runs.ledgerwriter import LedgerWriter, left_behind
from wirecopy.runs.summary import NOT_TRIED
from wirecopy.settings import Settings
from wirecopy.steps.forgetting import without_forgotten
from wirecopy.store.articles.commit import commit_articles, committing, committing_if_free
from wirecopy.store.articles.numbers import finish
from wirecopy.store.files.again import again_on_conflict
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.rows import RunStamp, article_row
from wirecopy.store.ledger import rows_of_plan
from wirecopy.store.staging.journals import Abandoned, abandoned, any_journal
from wirecopy.store.staging.parts import Part, delete_parts, finished_parts, waiting_parts
from wirecopy.store.staging.touched import note_touched
from wirecopy.store.takedown.tombstones import read_tombstones

log = get_log(__name__)

BATCH = 1_000  # entries per commit: bounds memory, and what one kill can cost


def commit_finished(settings: Settings, layout: Layout, plan: str, *, ended: bool = False) -> None:
    """Commit every finished part, of any run, and book entries of dead attempts; changes of the parts of other plans
    are noted for them. *ended*: no pull of *plan* comes any more.

    Call it inside `committing`. Doing it again, or with a part that is committed already, changes nothing.
    """

    with abandoned(
        layout, ended=plan if ended else None
    ) as dead:  # first, because all parts of an attempt that is dead now are complete now
        for batch in _batches(finished_parts(layout)):
            again_on_conflict(layout, partial(_commit, settings, layout, batch, plan))
            delete_parts(layout, batch)
        _book(settings, layout, dead)


def commit_leftovers(settings: Settings, layout: Layout, plan: str) -> None:
    """Before a run begins, commit and book the work of killed runs, so that this run tries it again."""

    if any_journal(layout) or waiting_parts(layout):
        with committing(layout):
            commit_finished(settings, layout, plan)


def commit_if_free(settings: Settings, layout: Layout, plan: str) -> None:
    """`commit_finished`, unless another process is committing: that one takes waiting parts too."""

    with committing_if_free(layout) as free:
        if free:
            commit_finished(settings, layout, plan)


def _batches(parts: Iterator[Part]) -> Iterator[list[Part]]:
    batch: list[Part] = []
    for part in parts:
        batch.append(part)
        if sum(len(pulled.taken) for p in batch for pulled in p.pulls) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _commit(settings: Settings, layout: Layout, parts: Sequence[Part], plan: str) -> None:
    """One commit, in the order that a crash forgives: revisions, articles, outcomes, polls, feed state."""
    now = settings.clock()
    gone = read_tombstones(layout)
    takes = [
        (part, without_forgotten(taken, gone)) for part in parts for pulled in part.pulls for taken in pulled.taken
    ]
    captures = {
        _key(part, taken): article_row(taken.result, RunStamp.of(part.header))
        for part, taken in takes
        if isinstance(taken.result, Article)
    }
    committed = commit_articles(layout, list(captures.values()), now=now)
    placements = dict(zip(captures, committed.placements, strict=True))
    assessment = assess_polls(settings, layout, parts)
    ledger = LedgerWriter(layout, now=now)
    for part, taken in takes:
        ledger.add_outcome(RunStamp.of(part.header), part.name, taken, placements.get(_key(part, taken)))
    for part in parts:
        for pulled in part.pulls:
            if pulled.poll:
                ledger.add_poll(
                    RunStamp.of(part.header), part.name, pulled.poll, **assessment.columns(part, pulled.poll)
                )
            if pulled.search:
                ledger.add_search(RunStamp.of(part.header), part.name, pulled.search)
    ledger.write()
    assessment.save(settings, layout)
    if captures:
        finish(layout, committed.seq)
    for other in {part.name.plan for part in parts} - {plan}:  # for the report of their own publish, if it comes
        note_touched(layout, other, committed.changed)
    note_touched(layout, plan, committed.changed, _unaccounted(parts) + ledger.collisions)


def _key(part: Part, taken: Taken) -> tuple[str, str, str | None]:
    """The key of one try in a commit; raw/ may hold several captures of one entry."""
    return part.name.stem, taken.entry.entry_key, taken.result.fetch_id


def _unaccounted(parts: Sequence[Part]) -> int:
    """Entries that feeds and sources of history showed and no count or outcome names."""
    pulls = [
        (book, pulled.before + len(pulled.taken))
        for part in parts
        for pulled in part.pulls
        if (book := pulled.poll or pulled.search)
    ]
    return sum(abs(book.entries - tried - sum(getattr(book, name, 0) for name in NOT_TRIED)) for book, tried in pulls)


def _book(settings: Settings, layout: Layout, dead: Sequence[Abandoned]) -> None:
    """Entries that an attempt took and no part of its plan holds: its process died. They go to the retry queue."""
    now = settings.clock()
    ledger = LedgerWriter(layout, now=now)
    done: dict[str, set[str]] = defaultdict(set)  # by plan
    for left in dead:
        if not left.header:
            continue
        plan, stamp = left.name.plan, RunStamp.of(left.header)
        if plan not in done:
            rows = rows_of_plan(layout, "outcomes", stamp.day, plan, ["entry_key"])
            done[plan] = {row["entry_key"] for row in rows}
        lost = list(left_behind(left, done[plan], tried_at=now))
        for taken in lost:
            ledger.add_outcome(stamp, left.name, taken, None)
        done[plan] |= {taken.entry.entry_key for taken in lost}
        if lost:
            log.warning("booked what a dead attempt left run=%s entries=%d", stamp.run_id, len(lost))
    ledger.write()
