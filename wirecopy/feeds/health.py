"""The health of feeds after the polls of a commit, and whether failures may be our own network's fault."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from ingest.feedlist.feedlist import load_feeds
from ingest.records import DEFERRED, READ, Poll
from ingest.text.urls import host_of
from wirecopy.feeds.pollschedule import after_poll
from wirecopy.log import get_log
from wirecopy.settings import Settings
from wirecopy.store.feeds.feedstate import FeedState
from wirecopy.store.feeds.state import State
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.rows import RunStamp
from wirecopy.store.ledger import rows_of_plan
from wirecopy.store.staging.parts import Part

log = get_log(__name__)

# With fewer healthy hosts that fail at once, it is as likely that just these are down.
OUTAGE_HOSTS: Final = 3
Seen = tuple[str, str, str, datetime]  # feed_id, url, code, polled_at


@dataclass(slots=True)
class Assessment:
    """The state of feeds after the polls of a commit, and the columns of the polls' rows that follow from it."""

    after: dict[str, FeedState] = field(default_factory=dict)
    outages: set[str] = field(default_factory=set)  # plans in which most hosts failed
    due: dict[tuple[str, datetime], datetime | None] = field(default_factory=dict)  # by feed_id and polled_at

    def columns(self, part: Part, poll: Poll) -> dict[str, Any]:
        """`counted` and `next_due` of the poll's row."""
        counted = part.header["mode"] == "live" and part.name.plan not in self.outages and poll.code != DEFERRED
        return {"counted": counted, "next_due": self.due.get((poll.feed_id, poll.polled_at))}

    def save(self, settings: Settings, layout: Layout) -> None:
        """Save the state. Call it after the commit: else a 304 would hide entries that a crash kept from the store."""
        if not self.after:
            return
        with closing(State.open(layout, settings.state_url)) as state:
            state.save_feeds(self.after.values())


def assess_polls(settings: Settings, layout: Layout, parts: Sequence[Part]) -> Assessment:
    """New feed states, from live polls only: a past run leaves entries untaken, and a 304 would hide them for ever."""
    live = list(_live_polls(parts))
    assessment = Assessment()
    if not live:
        return assessment
    feeds = {feed.id: feed for feed in load_feeds(settings.feed_list).feeds}
    with closing(State.open(layout, settings.state_url)) as state:
        states = state.feeds()
    assessment.outages = _outages(layout, live, states)
    for part, poll in sorted(live, key=lambda pair: pair[1].polled_at):
        before = states.get(poll.feed_id, FeedState(feed_id=poll.feed_id))
        # Saved already, or a newer one was.
        late = before.last_polled_at and poll.polled_at <= before.last_polled_at
        if poll.feed_id in feeds and not late:
            counted = part.name.plan not in assessment.outages
            after = after_poll(before, poll, feeds[poll.feed_id], counted=counted, adaptive=settings.adaptive)
            assessment.after[poll.feed_id] = states[poll.feed_id] = after
            assessment.due[poll.feed_id, poll.polled_at] = after.next_due
    return assessment


def most_hosts_fail(polls: Iterable[Seen], states: Mapping[str, FeedState]) -> bool:
    """Whether more than half of the hosts that were healthy before, and at least three, failed.

    Hosts that failed before do not count: a list of dead feeds is no outage of our network.
    """
    read: dict[str, bool] = defaultdict(bool)
    for feed_id, url, code, polled_at in polls:
        state = states.get(feed_id)
        if state and state.last_success_at and not _failures_before(state, code, polled_at):
            read[host_of(url)] |= code in READ
    failed = sum(not one for one in read.values())
    return failed >= OUTAGE_HOSTS and 2 * failed > len(read)


def _failures_before(state: FeedState, code: str, polled_at: datetime) -> int:
    """Failures in a row before this poll, which *state* may include already."""
    return state.failures - (code not in READ and state.last_polled_at == polled_at and state.failures > 0)


def _outages(layout: Layout, live: Sequence[tuple[Part, Poll]], states: Mapping[str, FeedState]) -> set[str]:
    """Plans in which most hosts failed: by the polls of this commit and of earlier ones of the plan."""
    by_plan: dict[str, list[Seen]] = defaultdict(list)
    days = {}
    for part, poll in live:
        by_plan[part.name.plan].append((poll.feed_id, poll.url, poll.code, poll.polled_at))
        days[part.name.plan] = RunStamp.of(part.header).day
    found = set()
    for plan, polls in by_plan.items():
        if all(code in READ for _, _, code, _ in polls):
            continue
        rows = rows_of_plan(layout, "polls", days[plan], plan, ("feed_id", "url", "code", "polled_at"))
        earlier = [
            (row["feed_id"], row["url"], row["code"], row["polled_at"]) for row in rows if row["code"] != DEFERRED
        ]
        if most_hosts_fail([*polls, *earlier], states):
            log.warning("most hosts failed in plan=%s: this counts against no feed, look at the network", plan)
            found.add(plan)
    return found


def _live_polls(parts: Sequence[Part]) -> Iterator[tuple[Part, Poll]]:
    """One that was left to the next run says nothing of its feed, which stays as it is: due."""
    for part in parts:
        if part.header["mode"] == "live":
            polls = (pulled.poll for pulled in part.pulls if pulled.poll)
            yield from ((part, poll) for poll in polls if poll.code != DEFERRED)
