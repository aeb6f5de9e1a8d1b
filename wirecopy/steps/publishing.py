"""publish: everything that finished parts hold goes into the store, under its lock; then the feeds' state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from wirecopy.errors import RunFailed
from wirecopy.log import get_log
from wirecopy.settings import Settings, load_settings

if TYPE_CHECKING:
    from wirecopy.store.layout import Layout
    from wirecopy.store.parts import Part
    from wirecopy.store.rows import RunStamp

log = get_log(__name__)

BATCH = 1_000  # entries per commit: bounds memory, and what one kill can cost


@dataclass(slots=True)
class _Summary:
    """What a publish did, for the log, the events and the verdict."""

    polls: Counter[str] = field(default_factory=Counter)  # by code
    counts: Counter[str] = field(default_factory=Counter)  # entries, known, too_old, outside, repeated, deferred
    outcomes: Counter[str] = field(default_factory=Counter)  # by code
    dates: set[date] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)  # feeds that could not be read
    crashed: list[str] = field(default_factory=list)  # pages that took their process with them
    unaccounted: int = 0  # entries seen less entries booked: 0, or there is a bug


def publish(*, run: dict[str, Any] | None, pulled: Sequence[dict[str, int]] = ()) -> dict[str, Any]:
    """Commit all finished parts (also those that a killed run left) and book what dead attempts had in work.

    Returns the run's summary as small JSON. Idempotent: publishing again, or a part twice, changes nothing.
    """
    if not run:
        raise RunFailed("plan failed, so there is nothing to publish: read its log, mend what it says and clear it.")
    settings = load_settings()
    from wirecopy.store.commit import committing
    from wirecopy.store.layout import Layout
    from wirecopy.store.parts import finished_parts, forget_parts, forget_plan

    layout = Layout(settings.root).make()
    summary = _Summary()
    with committing(layout):
        for batch in _batches(finished_parts(layout)):
            _commit(settings, layout, batch, summary)
            forget_parts(batch)
        _book_dead_attempts(settings, layout, run, summary)
        forget_plan(layout, run["plan"])
    return _report(run, summary, shards_done=len(pulled))


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


def _commit(settings: Settings, layout: Layout, parts: Sequence[Part], summary: _Summary) -> None:
    """One commit, in the order that a crash forgives: revisions, articles, outcomes, polls, feed state."""
    from ingest.records import Article
    from wirecopy.steps.booking import Bookkeeper
    from wirecopy.store.commit import commit_articles, finish
    from wirecopy.store.rows import article_row

    now = settings.clock()
    takes = [(stamp_of(part.header), part, taken) for part in parts for pulled in part.pulls for taken in pulled.taken]
    captures = [article_row(taken.result, stamp) for stamp, _, taken in takes if isinstance(taken.result, Article)]
    committed = commit_articles(layout, captures, now=now)
    placed = iter(committed.placed)
    books = Bookkeeper(layout, now=now)
    for stamp, part, taken in takes:
        books.add_outcome(stamp, part.name, taken, next(placed) if isinstance(taken.result, Article) else None)
    for part in parts:
        for pulled in part.pulls:
            if pulled.poll:
                books.add_poll(stamp_of(part.header), part.name, pulled.poll)
    books.write()
    _save_feed_state(settings, layout, parts, committed.seq)
    if captures:
        finish(layout, committed.seq)
    _count(parts, books.codes, set(committed.changed), summary)


def _count(parts: Sequence[Part], codes: Counter[str], dates: set[date], summary: _Summary) -> None:
    summary.outcomes += codes
    summary.dates |= dates
    for part in parts:
        polls = [pulled.poll for pulled in part.pulls if pulled.poll]
        tried = sum(len(pulled.taken) for pulled in part.pulls)
        besides = sum(len(pulled.taken) for pulled in part.pulls if not pulled.poll)
        for poll in polls:
            summary.polls[poll.code] += 1
            left = {"known": poll.known, "too_old": poll.too_old, "outside": poll.outside, "repeated": poll.repeated, "deferred": poll.deferred}
            summary.counts.update(left)
            summary.counts["entries"] += poll.entries
            summary.unaccounted += poll.entries - poll.taken - sum(left.values())
            if poll.code not in ("ok", "not_modified", "unchanged"):
                summary.unread.append(f"{poll.feed_id} ({poll.code})")
        summary.counts["besides_feeds"] += besides
        summary.unaccounted += sum(poll.taken for poll in polls) + besides - tried
        summary.crashed += [
            taken.entry.link or taken.entry.entry_key for pulled in part.pulls for taken in pulled.taken
            if getattr(taken.result, "code", None) == "crashed"
        ]  # fmt: skip


def _save_feed_state(settings: Settings, layout: Layout, parts: Sequence[Part], seq: int) -> None:
    """After the commit, and only for live runs: a past run leaves entries in a document that a 304 would hide for ever."""
    from ingest.feedlist import load_feeds
    from wirecopy.steps.rhythm import after_poll
    from wirecopy.store.commit import watermark
    from wirecopy.store.state import FeedState, State

    polls = [pulled.poll for part in parts if part.header["mode"] == "live" for pulled in part.pulls if pulled.poll]
    if not polls:
        return
    feeds = {feed.id: feed for feed in load_feeds(settings.feed_list).feeds}
    state = State.open(layout, settings.state_url)
    try:
        states = state.feeds(watermark=watermark(layout))
        for poll in sorted(polls, key=lambda poll: poll.polled_at):
            if poll.feed_id in feeds:
                before = states.get(poll.feed_id, FeedState(feed_id=poll.feed_id))
                states[poll.feed_id] = after_poll(before, poll, feeds[poll.feed_id], commit_seq=watermark(layout))
        state.save_feeds(states[poll.feed_id] for poll in polls if poll.feed_id in states)
    finally:
        state.close()


def _book_dead_attempts(settings: Settings, layout: Layout, run: dict[str, Any], summary: _Summary) -> None:
    """Entries that an attempt took and no part holds: its process died. They go to the retry queue."""
    from wirecopy.steps.booking import Bookkeeper, left_behind
    from wirecopy.store.ledger import booked_entries
    from wirecopy.store.parts import journals

    now = settings.clock()
    books = Bookkeeper(layout, now=now)
    done = booked_entries(layout, stamp_of(run).day, run["plan"])
    for name, header, taken, opened in journals(layout, run["plan"]):
        for lost in left_behind(taken, opened, done, tried_at=now):
            books.add_outcome(stamp_of(header), name, lost, None)
            done.add(lost.entry.entry_key)
            if lost.entry.entry_key in opened:
                summary.crashed.append(lost.entry.link or lost.entry.entry_key)
    books.write()
    summary.outcomes += books.codes


def stamp_of(header: dict[str, Any]) -> RunStamp:
    """The run of a part's header."""
    from wirecopy.store.rows import RunStamp

    return RunStamp(run_id=header["run_id"], mode=header["mode"], interval_start=datetime.fromisoformat(header["start"]),
                    interval_end=datetime.fromisoformat(header["end"]))  # fmt: skip


def _report(run: dict[str, Any], summary: _Summary, *, shards_done: int) -> dict[str, Any]:
    report = {
        "run_id": run["run_id"], "mode": run["mode"], "start": run["start"], "end": run["end"],
        "due_feeds": run["due_feeds"], "shards": run["shards"], "shards_done": shards_done,
        "polls": dict(sorted(summary.polls.items())), "entries": dict(sorted(summary.counts.items())),
        "outcomes": dict(sorted(summary.outcomes.items())), "dates": sorted(day.isoformat() for day in summary.dates),
        "unread": sorted(summary.unread)[:20], "unread_feeds": len(summary.unread), "crashed": summary.crashed[:20],
        "unaccounted": summary.unaccounted,
    }  # fmt: skip
    log.info("published run=%s polls=%s entries=%s outcomes=%s dates=%s", run["run_id"], report["polls"], report["entries"], report["outcomes"],
             ",".join(report["dates"]) or "none")  # fmt: skip
    if not run["shards"]:
        log.info("nothing was due in %s … %s: no feed to poll, no entry to try again, no capture to use", run["start"], run["end"])
    return report

