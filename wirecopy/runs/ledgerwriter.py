"""Outcomes and polls as ledger rows: codes, tries, the next try."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from ingest.records import DEFERRED, Article, Entry, Poll, Search, Skipped, Taken
from ingest.text.urls import host_of, imported_key
from wirecopy.store.articles.commit import Placement
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.rows import Row, RunStamp
from wirecopy.store.files.schema import POLLS, SEARCHES
from wirecopy.store.ledger import ANOTHER_DAY, REMEMBERED, EntryState, append_log, entry_states, log_key, next_try
from wirecopy.store.staging.journals import Abandoned
from wirecopy.store.staging.parts import PartName

HOST_FAILED = frozenset({"connect", "timeout", "http_5xx", "robots_unavailable"})
INTERRUPTED = "interrupted"
OURS = frozenset({INTERRUPTED, DEFERRED})  # no fault of the page: no try, and no reason to wait
HOST_PAGES = 3  # a host that fails for so many pages of one commit, and gives none, costs its entries no try
# An entry whose try does not count is tried again soon, and the less often the older it is: a host that is gone for
# good would else cost a ledger row per entry every 15 minutes.
SOON, LATE = timedelta(minutes=15), timedelta(hours=24)
AGE_SHARE = 8


class LedgerWriter:
    """Collects the rows of one commit; `write` adds them to the logs."""

    def __init__(self, layout: Layout, *, now: datetime) -> None:
        self.layout, self.now = layout, now
        self.collisions = 0  # rows that the log takes for another one's repetition: 0, or there is a bug
        self._outcomes: list[tuple[RunStamp, PartName, Taken, Placement | None]] = []
        self._polls: dict[date, list[Row]] = defaultdict(list)
        self._searches: dict[date, list[Row]] = defaultdict(list)

    def add_outcome(self, run: RunStamp, part: PartName, taken: Taken, placement: Placement | None) -> None:
        """One tried entry; *placement* is where its article went."""
        self._outcomes.append((run, part, taken, placement))

    def add_poll(
        self, run: RunStamp, part: PartName, poll: Poll, *, counted: bool = False, next_due: datetime | None = None
    ) -> None:
        """One poll, and its effect on its feed."""
        row: Row = {name: getattr(poll, name, None) for name in POLLS.names}
        self._polls[run.day].append(row | {"counted": counted, "next_due": next_due} | _run_columns(run, part))

    def add_search(self, run: RunStamp, part: PartName, search: Search) -> None:
        """One source of history, read for one feed."""
        row: Row = {name: getattr(search, name, None) for name in SEARCHES.names}
        self._searches[run.day].append(row | _run_columns(run, part))

    def write(self) -> None:
        """Add the missing rows to outcomes, then to polls and searches."""
        by_day: dict[date, list[Row]] = defaultdict(list)
        states = self._states()
        down = self._hosts_down()
        tries: Counter[str] = Counter()
        for run, part, taken, placement in self._outcomes:
            row = self._row(taken, placement, states.get(taken.entry.entry_key), down, tries)
            by_day[run.day].append(row | _run_columns(run, part))
        for day, rows in sorted(by_day.items()):
            self.collisions += len(rows) - len({log_key("outcomes", row) for row in rows})
            append_log(self.layout, "outcomes", day, rows)
        for day, rows in sorted(self._polls.items()):
            append_log(self.layout, "polls", day, rows)
        for day, rows in sorted(self._searches.items()):
            append_log(self.layout, "searches", day, rows)

    def _states(self) -> Mapping[str, EntryState]:
        """The states of these entries in the ledger before."""
        keys = sorted({taken.entry.entry_key for _, _, taken, _ in self._outcomes})
        if not keys:
            return {}
        starts = [run.interval_start for run, _, _, _ in self._outcomes]
        return entry_states(self.layout, min([*starts, self.now - REMEMBERED]).date(), date.max, keys)

    def _row(
        self, taken: Taken, placement: Placement | None, state: EntryState | None, down: set[str], tries: Counter[str]
    ) -> Row:
        entry, result = taken.entry, taken.result
        row: Row = {
            "entry_key": entry.entry_key,
            "feed_id": entry.feed_id,
            "guid": entry.guid,
            "link": entry.link,
            "title": entry.title,
            "published_at": entry.published_at,
            "tried_at": taken.tried_at,
            "fields_hash": entry.fields_hash,
            "counted": True,
            "next_try_at": None,
            "entry": None,
        }
        if isinstance(result, Article) and placement:
            code = "unchanged" if placement.code == "already_stored" and state and state.stored else placement.code
            return row | {
                "code": code,
                "terminal": True,
                "tries": (state.tries if state else 0) + 1,
                "detail": "",
                "article_id": placement.article_id,
                "fetch_id": result.fetch_id,
                "url": result.url,
                "http_status": result.http_status,
            }
        assert isinstance(result, Skipped)
        return row | self._skipped(taken, result, state, down, tries)

    def _skipped(
        self, taken: Taken, result: Skipped, state: EntryState | None, down: set[str], tries: Counter[str]
    ) -> Row:
        # A host that says when to come again is asked then, and the page has not failed.
        counted = (
            result.code not in OURS
            and not result.wait
            and not (result.code in HOST_FAILED and host_of(taken.entry.link or "") in down)
        )
        tries[taken.entry.entry_key] += counted
        count = (state.tries if state else 0) + tries[taken.entry.entry_key]
        again = next_try(count, taken.tried_at) if counted else _uncounted_try(taken, result)
        if result.code == ANOTHER_DAY:  # the run of that day takes it, no retry queue
            return self._of_another_day(taken, result, count)
        # An imported page has this capture only, and no feed that needs it: it is never fetched again.
        retryable = result.retryable and (result.code == ANOTHER_DAY or not _is_imported(taken.entry))
        return {
            "code": result.code,
            "terminal": not retryable,
            "counted": counted,
            "tries": count,
            "next_try_at": again if retryable else None,
            "entry": taken.entry.to_json() if retryable else None,
            "article_id": None,
            "fetch_id": result.fetch_id,
            "url": result.url,
            "http_status": result.http_status,
            "detail": result.detail,
        }

    def _of_another_day(self, taken: Taken, result: Skipped, count: int) -> Row:
        return {
            "code": result.code,
            "published_at": result.published_at,
            "terminal": False,
            "tries": count,
            "entry": taken.entry.to_json(),
            "article_id": None,
            "fetch_id": result.fetch_id,
            "url": result.url,
            "http_status": result.http_status,
            "detail": result.detail,
        }

    def _hosts_down(self) -> set[str]:
        """Hosts of which every page of this commit failed for the host's fault."""
        pages: Counter[str] = Counter()
        failed: Counter[str] = Counter()
        for _, _, taken, _ in self._outcomes:
            host = host_of(taken.entry.link or "")
            pages[host] += 1
            failed[host] += isinstance(taken.result, Skipped) and taken.result.code in HOST_FAILED
        return {host for host, count in pages.items() if count >= HOST_PAGES and failed[host] == count}


def left_behind(left: Abandoned, done: Container[str], *, tried_at: datetime) -> Iterator[Taken]:
    """Entries that a dead attempt took and did not finish: `crashed` if the page was in work, else `interrupted`."""
    for key, entry in left.taken.items():
        if key in done:
            continue
        code, what = ("crashed", "had this page") if key in left.opened else ("interrupted", "came to this page")
        detail = f"the process died {'while' if code == 'crashed' else 'before'} it {what}"
        result = Skipped(code=code, retryable=True, detail=detail, fetch_id=left.opened.get(key))
        yield Taken(entry=entry, result=result, tried_at=tried_at)


def _is_imported(entry: Entry) -> bool:
    """Whether it came in an archive of others."""
    return entry.link is not None and entry.entry_key == imported_key(entry.link)


def _uncounted_try(taken: Taken, result: Skipped) -> datetime:
    if result.wait:
        return taken.tried_at + max(result.wait, SOON)
    age = taken.tried_at - (taken.entry.published_at or taken.tried_at)
    return taken.tried_at + (timedelta() if result.code in OURS else min(max(SOON, age / AGE_SHARE), LATE))


def _run_columns(run: RunStamp, part: PartName) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "mode": run.mode,
        "interval_start": run.interval_start,
        "interval_end": run.interval_end,
        "attempt": part.attempt,
        "part": part.stem,
    }
