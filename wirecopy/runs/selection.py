"""Which of a feed's entries a run takes: the rules of docs/runs.md, as a pure function of the ledger and the clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ingest.feedlist.feedkeys import reach_back
from ingest.history.hints import excludes
from ingest.records import Entry, Feed, Span
from ingest.work import Decision
from wirecopy.schedule import Interval
from wirecopy.store.feeds.feedstate import FeedState
from wirecopy.store.ledger import REFRESH_GAP, REFRESHES, EntryState


def beginnings(
    feeds: Iterable[Feed], states: Mapping[str, FeedState], *, first_poll: str, now: datetime
) -> dict[str, datetime]:
    """Per feed, the cut-off before which entries are ignored: its first poll minus `first_poll` (the feed's own, else
    the global one). Feeds set to `all` are missing.

    The cut-off holds for ever, not for one poll: else the second poll would take the entries that the first one left.
    """
    found: dict[str, datetime] = {}
    for feed in feeds:
        state, reach = states.get(feed.id), reach_back(feed.first_poll or first_poll)
        first = now if state is None or state.last_success_at is None else state.first_success_at
        if reach is not None and first is not None:
            found[feed.id] = first - reach
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySelector:
    """Decides for one run. *interval* is that of a past run; None: the run is live."""

    states: Mapping[str, EntryState]  # by entry_key
    now: datetime
    max_age: timedelta
    interval: Interval | None = None
    since: Mapping[str, datetime] = field(default_factory=dict)  # by feed id: a live run ignores older entries

    def select(self, entry: Entry) -> Decision:
        """The decision about *entry*, as its feed shows it."""
        state = self.states.get(entry.entry_key)
        return self._past(entry, state) if self.interval else self._live(entry, state)

    def _past(self, entry: Entry, state: EntryState | None) -> Decision:
        """Entries published inside the interval, and those of history that may have been. Pending ones are not
        selected here: the plan has them.
        """
        assert self.interval is not None
        if entry.published_at:
            if entry.published_at not in self.interval:
                return "outside"
            return "take" if state is None or state.by_hint else "known"
        if entry.hint is None or excludes(entry.hint, Span(start=self.interval.start, end=self.interval.end)):
            return "outside"
        return "take" if state is None or state.untried else "known"

    def _live(self, entry: Entry, state: EntryState | None) -> Decision:
        """Every entry not yet known, and known ones whose fields changed."""
        if state is None or state.by_hint:
            oldest = self.now - self.max_age
            first = max(oldest, self.since.get(entry.feed_id, oldest))
            return "too_old" if entry.published_at and entry.published_at < first else "take"
        if not state.stored or state.fields_hash == entry.fields_hash:
            return "known"  # pending ones wait in the retry queue
        return self._refresh(state)

    def _refresh(self, state: EntryState) -> Decision:
        if state.successes > REFRESHES:
            return "known"
        return "take" if self.now - state.tried_at >= REFRESH_GAP else "deferred"
