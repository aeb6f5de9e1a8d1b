"""publish: everything that finished parts hold goes into the store, under its lock; then the feeds' state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from ingest.records import Article, Taken
from wirecopy.errors import RunFailed
from wirecopy.feeds.health import judge
from wirecopy.log import get_log
from wirecopy.records import Event, Report, Run
from wirecopy.runs.ledgerwriter import Bookkeeper, left_behind
from wirecopy.runs.summary import LEFT, summarize
from wirecopy.settings import Settings, load_settings
from wirecopy.steps.forgetting import without_forgotten
from wirecopy.store.articles.commit import commit_articles, committing, finish
from wirecopy.store.files.files import sweep_staging
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.rows import RunStamp, article_row
from wirecopy.store.ledger import rows_of_plan
from wirecopy.store.query.read import write_views
from wirecopy.store.staging.parts import Part, abandoned, finished_parts, forget_journals, forget_parts
from wirecopy.store.staging.plans import forget_plan
from wirecopy.store.takedown.tombstones import read_tombstones

log = get_log(__name__)

BATCH = 1_000  # entries per commit: bounds memory, and what one kill can cost


@dataclass(slots=True)
class _Done:
    """What this publish did; all else of the summary stands in the ledger."""

    dates: set[date] = field(default_factory=set)  # whose articles changed
    unaccounted: int = 0  # entries seen less entries booked: 0, or there is a bug


def publish(*, run: Run | None, pulled: Sequence[dict[str, int]] = ()) -> Report:
    """Commit all finished parts (also those that a killed run left) and book what dead attempts had in work.

    Returns the run's summary as small JSON. Idempotent: publishing again, or a part twice, changes nothing.
    """
    if not run:
        raise RunFailed("plan failed, so there is nothing to publish: read its log, mend what it says and clear it.")
    settings = load_settings()

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


def event_of(report: Report) -> Event:
    """What an asset event says of a run: small enough for the metadata database."""
    return {
        "run_id": report["run_id"],
        "mode": report["mode"],
        "start": report["start"],
        "end": report["end"],
        "dates": report["dates"],
        "outcomes": report["outcomes"],
    }


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
    placed = dict(zip(captures, committed.placed, strict=True))
    judged = judge(settings, layout, parts)
    books = Bookkeeper(layout, now=now)
    for part, taken in takes:
        books.add_outcome(RunStamp.of(part.header), part.name, taken, placed.get(_key(part, taken)))
    for part in parts:
        for pulled in part.pulls:
            if pulled.poll:
                books.add_poll(RunStamp.of(part.header), part.name, pulled.poll, **judged.columns(part, pulled.poll))
    books.write()
    judged.save(settings, layout)
    if captures:
        finish(layout, committed.seq)
    done.dates |= set(committed.changed)
    done.unaccounted += _unaccounted(parts) + books.collisions


def _key(part: Part, taken: Taken) -> tuple[str, str, str | None]:
    """What names one try of a commit; raw/ may hold several captures of one entry."""
    return part.name.stem, taken.entry.entry_key, taken.result.fetch_id


def _unaccounted(parts: Sequence[Part]) -> int:
    """Entries that feeds showed and no count or outcome names."""
    pulls = [(pulled.poll, len(pulled.taken)) for part in parts for pulled in part.pulls if pulled.poll]
    return sum(abs(poll.entries - tried - sum(getattr(poll, name) for name in LEFT)) for poll, tried in pulls)


def _book_dead_attempts(settings: Settings, layout: Layout, run: Run) -> None:
    """Entries that an attempt took and no part holds: its process died. They go to the retry queue."""
    now = settings.clock()
    books = Bookkeeper(layout, now=now)
    booked = rows_of_plan(layout, "outcomes", RunStamp.of(run).day, run["plan"], ["entry_key"])
    done = {row["entry_key"] for row in booked}
    for left in abandoned(layout, run["plan"]):
        for lost in left_behind(left, done, tried_at=now):
            books.add_outcome(RunStamp.of(left.header), left.name, lost, None)
            done.add(lost.entry.entry_key)
    books.write()


def _report(layout: Layout, run: Run, done: _Done, *, shards_done: int) -> Report:
    sums = summarize(layout, RunStamp.of(run).day, run["plan"])
    report: Report = {
        "run_id": run["run_id"],
        "mode": run["mode"],
        "start": run["start"],
        "end": run["end"],
        "due_feeds": run["due_feeds"],
        "shards": run["shards"],
        "shards_done": shards_done,
        "dates": sorted(day.isoformat() for day in done.dates),
        "unaccounted": done.unaccounted + max(0, -sums["entries"]["besides_feeds"]),
        "set_aside": len(list(layout.staging.glob(f"{run['plan']}.*.unreadable"))),
        **sums,
    }
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
