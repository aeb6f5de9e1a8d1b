"""publish: everything that finished parts hold goes into the store, under its lock; then the feeds' state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from wirecopy.errors import RunFailed
from wirecopy.log import get_log
from wirecopy.settings import Settings, load_settings
from wirecopy.steps.summing import LEFT, summarize

if TYPE_CHECKING:
    from wirecopy.store.layout import Layout
    from wirecopy.store.parts import Part
    from wirecopy.store.rows import RunStamp

log = get_log(__name__)

BATCH = 1_000  # entries per commit: bounds memory, and what one kill can cost


@dataclass(slots=True)
class _Done:
    """What this publish did; all else of the summary stands in the ledger."""

    dates: set[date] = field(default_factory=set)  # whose articles changed
    unaccounted: int = 0  # entries seen less entries booked: 0, or there is a bug


def publish(*, run: dict[str, Any] | None, pulled: Sequence[dict[str, int]] = ()) -> dict[str, Any]:
    """Commit all finished parts (also those that a killed run left) and book what dead attempts had in work.

    Returns the run's summary as small JSON. Idempotent: publishing again, or a part twice, changes nothing.
    """
    if not run:
        raise RunFailed("plan failed, so there is nothing to publish: read its log, mend what it says and clear it.")
    settings = load_settings()
    from wirecopy.store.commit import committing
    from wirecopy.store.files import sweep_staging
    from wirecopy.store.layout import Layout
    from wirecopy.store.parts import finished_parts, forget_journals, forget_parts
    from wirecopy.store.plans import forget_plan
    from wirecopy.store.read import write_views

    layout = Layout(settings.root).make()
    done = _Done()
    with committing(layout):
        for batch in _batches(finished_parts(layout)):
            _commit(settings, layout, batch, done)
            forget_parts(batch)
        _book_dead_attempts(settings, layout, run)
        forget_journals(layout, run["plan"])
        if len(pulled) >= run["shards"]:  # else somebody may clear the failed shards
            forget_plan(layout, run["plan"])
        sweep_staging(layout)
        write_views(layout)
    return _report(layout, run, done, shards_done=len(pulled))


def event_of(report: dict[str, Any]) -> dict[str, Any]:
    """What an asset event says of a run: small enough for the metadata database."""
    return {name: report[name] for name in ("run_id", "mode", "start", "end", "dates", "outcomes")}


def _batches(parts: Iterator[Part]) -> Iterator[list[Part]]:
    batch: list[Part] = []
    for part in parts:
        batch.append(part)
        if sum(len(pulled.taken) for p in batch for pulled in p.pulls) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _commit(settings: Settings, layout: Layout, parts: Sequence[Part], done: _Done) -> None:
    """One commit, in the order that a crash forgives: revisions, articles, outcomes, polls, feed state."""
    from ingest.records import Article
    from wirecopy.steps.booking import Bookkeeper
    from wirecopy.steps.forgetting import without_forgotten
    from wirecopy.steps.judging import judge
    from wirecopy.store.commit import commit_articles, finish
    from wirecopy.store.rows import article_row
    from wirecopy.store.tombstones import read_tombstones

    now = settings.clock()
    gone = read_tombstones(layout)
    takes = [
        (stamp_of(part.header), part, without_forgotten(taken, gone))
        for part in parts
        for pulled in part.pulls
        for taken in pulled.taken
    ]
    captures = [article_row(taken.result, stamp) for stamp, _, taken in takes if isinstance(taken.result, Article)]
    committed = commit_articles(layout, captures, now=now)
    judged = judge(settings, layout, parts)
    placed = iter(committed.placed)
    books = Bookkeeper(layout, now=now)
    for stamp, part, taken in takes:
        books.add_outcome(stamp, part.name, taken, next(placed) if isinstance(taken.result, Article) else None)
    for part in parts:
        for pulled in part.pulls:
            if pulled.poll:
                books.add_poll(stamp_of(part.header), part.name, pulled.poll, **judged.columns(part, pulled.poll))
    books.write()
    judged.save(settings, layout)
    if captures:
        finish(layout, committed.seq)
    done.dates |= set(committed.changed)
    done.unaccounted += _unaccounted(parts) + books.collisions


def _unaccounted(parts: Sequence[Part]) -> int:
    """Entries that feeds showed and no count or outcome names."""
    pulls = [(pulled.poll, len(pulled.taken)) for part in parts for pulled in part.pulls if pulled.poll]
    return sum(abs(poll.entries - tried - sum(getattr(poll, name) for name in LEFT)) for poll, tried in pulls)


def _book_dead_attempts(settings: Settings, layout: Layout, run: dict[str, Any]) -> None:
    """Entries that an attempt took and no part holds: its process died. They go to the retry queue."""
    from wirecopy.steps.booking import Bookkeeper, left_behind
    from wirecopy.store.ledger import rows_of_plan
    from wirecopy.store.parts import abandoned

    now = settings.clock()
    books = Bookkeeper(layout, now=now)
    done = {row["entry_key"] for row in rows_of_plan(layout, "outcomes", stamp_of(run).day, run["plan"], ["entry_key"])}
    for left in abandoned(layout, run["plan"]):
        for lost in left_behind(left, done, tried_at=now):
            books.add_outcome(stamp_of(left.header), left.name, lost, None)
            done.add(lost.entry.entry_key)
    books.write()


def stamp_of(header: dict[str, Any]) -> RunStamp:
    """The run of a part's header."""
    from wirecopy.store.rows import RunStamp

    return RunStamp(
        run_id=header["run_id"], mode=header["mode"],
        interval_start=datetime.fromisoformat(header["start"]), interval_end=datetime.fromisoformat(header["end"]),
    )  # fmt: skip


def _report(layout: Layout, run: dict[str, Any], done: _Done, *, shards_done: int) -> dict[str, Any]:
    sums = summarize(layout, stamp_of(run).day, run["plan"])
    report = {
        **{name: run[name] for name in ("run_id", "mode", "start", "end", "due_feeds", "shards")},
        "shards_done": shards_done, "dates": sorted(day.isoformat() for day in done.dates),
        "unaccounted": done.unaccounted + max(0, -sums["entries"]["besides_feeds"]),
        "set_aside": len(list(layout.staging.glob(f"{run['plan']}.*.unreadable"))),
        **sums,
    }  # fmt: skip
    log.info(
        "published run=%s polls=%s entries=%s outcomes=%s dates=%s",
        run["run_id"], report["polls"], report["entries"], report["outcomes"], ",".join(report["dates"]) or "none",
    )  # fmt: skip
    log.info(
        "sums run=%s seen=%d tried=%d left=%d unaccounted=%d",
        run["run_id"], report["seen"], report["tried"], report["left"], report["unaccounted"],
    )  # fmt: skip
    if not run["shards"]:
        log.info(
            "nothing was due in %s … %s: no feed to poll, no entry to try again, no capture to use",
            run["start"],
            run["end"],
        )
    return report
