"""plan: the work of a run of one data interval, cut into shards."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from ingest.feedlist.feedlist import FeedList, load_feeds
from ingest.records import Entry, Feed, Validators
from ingest.serial import to_json
from ingest.text.urls import host_of
from wirecopy.feeds.redirects import effective_feed
from wirecopy.history.rawcaptures import other_days_jobs, raw_job
from wirecopy.history.source import Past
from wirecopy.history.sources import chosen_sources, find_history
from wirecopy.log import get_log
from wirecopy.records import Kind, Planned, Run
from wirecopy.runs.recovery import lost_inside
from wirecopy.schedule import Interval, interval_of, mode_of
from wirecopy.settings import Settings, load_settings
from wirecopy.steps.committing import commit_leftovers
from wirecopy.store.archive.unprocessed import captured_pages
from wirecopy.store.feeds.feedstate import FeedState, confirmed
from wirecopy.store.feeds.state import State
from wirecopy.store.files.layout import Layout, layout_of
from wirecopy.store.ledger import entry_states, live_polls, pages_of_another_day, pending_entries, remembered
from wirecopy.store.staging.plans import Job, write_plan

log = get_log(__name__)

# A task costs about a second of CPU, a poll 5 ms, a page 35 ms: a shard should have work for some ten seconds.
JOBS_PER_SHARD = 60
FULL_GET_EVERY = timedelta(hours=24)  # finds servers that answer 304 for ever
EARLY = 0.1  # a feed is due this share of its interval early: a run that starts a second sooner must not skip it


def plan(
    *,
    kind: Kind,
    run_id: str,
    start: str | None = None,
    end: str | None = None,
    run_after: str | None = None,
    feeds: Sequence[str] = (),
    sources: Sequence[str] = (),
    again: bool = False,
    due_or_not: bool = False,
    shards: int | None = None,
    retried: bool = False,
) -> Planned:
    """Plan the run of `[start, end)` (ISO instants; without them the last complete interval before *run_after*).

    Returns `{"run": …, "shards": [{"run": …, "shard": i, "of": n}, …]}`: what the other steps take. *feeds* limits it
    to these feed ids, and *sources* a past run to these sources of history. *again* takes all captured pages of the
    interval once more, without network. *due_or_not*: a live run asks feeds that are not due, too. *shards* is how many
    there are if no setting says it: one for who works them off one after the other, so that a slow host in the first
    does not hold up the next. *retried* says that the caller starts a dead pull again by itself. Raises
    SettingsError, UsageError or FeedListError if a retry cannot help.
    """
    settings = load_settings()

    chosen_sources(sources)  # a wrong name is told before anything is done
    layout = layout_of(settings).make()
    name = uuid.uuid4().hex
    commit_leftovers(settings, layout, name)
    now = settings.clock()
    after = datetime.fromisoformat(run_after) if run_after else now
    interval = interval_of(
        kind, start=start, end=end, run_after=min(after.astimezone(UTC), now) if settings.now else after
    )
    mode = mode_of(kind, interval, now=now)
    found = (
        _pages_again(layout, interval)
        if again
        else _jobs(settings, layout, interval, now, mode == "past", set(feeds), sources, due_or_not)
    )
    wanted = (job for job in found if not feeds or job.feed_id in feeds)
    jobs = list({(job.kind, job.feed_id, job.fetch_id or (job.source, job.payload)): job for job in wanted}.values())
    by_cores = min(max(1, 2 * (os.cpu_count() or 1)), -(-len(jobs) // JOBS_PER_SHARD))
    shards = settings.shards or shards or by_cores
    write_plan(layout, name, _spread(jobs, shards))
    kinds = Counter(job.kind for job in jobs)
    run: Run = {
        "run_id": run_id,
        "plan": name,
        "kind": kind,
        "mode": mode,
        "start": interval.start.isoformat(),
        "end": interval.end.isoformat(),
        "due_feeds": len({job.feed_id for job in jobs if job.kind in ("feed", "document")}),
        "shards": shards if jobs else 0,
        "retried": retried,
    }
    log.info(
        "planned run=%s mode=%s start=%s end=%s feeds=%d history=%d entries=%d captures=%d shards=%d",
        run_id,
        mode,
        run["start"],
        run["end"],
        kinds["feed"],
        kinds["history"],
        kinds["entry"],
        kinds["document"] + kinds["page"],
        run["shards"],
    )
    return {"run": run, "shards": [{"run": run, "shard": number, "of": shards} for number in range(run["shards"])]}


def _jobs(
    settings: Settings,
    layout: Layout,
    interval: Interval,
    now: datetime,
    past: bool,
    only: set[str],
    sources: Sequence[str],
    due_or_not: bool,
) -> Iterator[Job]:
    feed_list = _limited(load_feeds(settings.feed_list), only)
    first, last = remembered(interval, now=now, past=past)
    states = entry_states(layout, first, last)
    pending = pending_entries(layout, first, last, states)
    state = State.open(layout, settings.state_url)
    try:
        if past:
            feeds = {feed.id: feed for feed in feed_list}
            seen = Past(settings=settings, layout=layout, state=state, interval=interval, now=now, feeds=feeds)
            yield from find_history(seen, sources)
            yield from _lost(layout, interval)
            yield from other_days_jobs(layout, pages_of_another_day(layout, interval, states))
            yield from _entries(p.entry for p in pending if p.placed_at in interval)
        else:
            yield from _entries(p.entry for p in pending if p.next_try_at and p.next_try_at <= now)
            yield from _live_feeds(feed_list, confirmed(state.feeds(), live_polls(layout, now=now)), now, due_or_not)
    finally:
        state.close()


def _limited(feed_list: FeedList, only: set[str]) -> list[Feed]:
    for feed_id in sorted(only):
        feed_list.feed(feed_id)  # FeedListError names the near ones
    return [feed for feed in feed_list.feeds if not only or feed.id in only]


def _live_feeds(feeds: Iterable[Feed], states: dict[str, FeedState], now: datetime, due_or_not: bool) -> Iterator[Job]:
    """Feeds that are due (or all of them), with the validators for a conditional GET, or none once a day."""
    # The longest due first: of a host that has no time for all its feeds, each has its turn in some run.
    for feed in sorted(feeds, key=lambda feed: _due_since(states.get(feed.id))):
        state = states.get(feed.id, FeedState(feed_id=feed.id))
        if not due_or_not and state.next_due and now < state.next_due - EARLY * feed.every:
            continue
        full = state.last_full_at is None or now - state.last_full_at >= FULL_GET_EVERY
        yield _feed_job(effective_feed(feed, state), Validators() if full else state.validators)


def _due_since(state: FeedState | None) -> datetime:
    return state.next_due if state and state.next_due else datetime.min.replace(tzinfo=UTC)


def _feed_job(feed: Feed, validators: Validators) -> Job:
    return Job(kind="feed", feed_id=feed.id, payload=to_json(validators), host=host_of(feed.url))


def _entries(entries: Iterable[Entry]) -> Iterator[Job]:
    for entry in entries:
        yield Job(kind="entry", feed_id=entry.feed_id, payload=entry.to_json(), host=host_of(entry.link or ""))


def _lost(layout: Layout, interval: Interval) -> Iterator[Job]:
    """Jobs that bring back articles that the ledger names and the store lacks."""
    heads, entries = lost_inside(layout, interval)
    if heads or entries:
        log.warning(
            "the store lacks articles of %s … %s that outcomes name: captures=%d and entries=%d are taken again",
            interval.start.isoformat(),
            interval.end.isoformat(),
            len(heads),
            len(entries),
        )
    yield from map(raw_job, heads)
    yield from _entries(entries)


def _pages_again(layout: Layout, interval: Interval) -> Iterator[Job]:
    """Every captured page of the interval, to be extracted again by other code or for a repaired store."""
    return map(raw_job, captured_pages(layout, interval))


def _spread(jobs: Sequence[Job], shards: int) -> Iterator[tuple[int, Job]]:
    """Each job with its shard: one host, one shard, so that politeness is kept inside a process."""
    for job in jobs:
        number = int.from_bytes(hashlib.blake2b(job.host.encode(), digest_size=8).digest(), "big")
        yield number % max(shards, 1), job
