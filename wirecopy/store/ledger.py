"""The ledger: outcomes and polls are logs, and the state of an entry follows from its rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from ingest.choosing import BY_HINT
from ingest.records import Entry
from wirecopy.schedule import Interval
from wirecopy.store.files.again import again_on_conflict
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import read_base, read_days, read_partition, replace_partition, values
from wirecopy.store.files.rows import Row, to_table
from wirecopy.store.files.schema import TIME

SUCCESSES: Final = {
    "stored": "a new article",
    "revised": "a new text of an article that was already stored",
    "unchanged": "a known entry was taken again, and its text equals the stored one",
    "already_stored": "the page is stored already, from another entry or capture",
}
"""The codes of entries that became an article, and what they mean; the others are ingest.errors.CODES."""
REMEMBERED = timedelta(days=60)  # an entry with a terminal outcome in these days is known before the fetch
AFTERWARDS = timedelta(days=31)  # how long after its interval a past run looks for outcomes
RETRY_DELAYS: Final = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
TRIES: Final = len(RETRY_DELAYS) + 1
REFRESH_GAP = timedelta(hours=1)  # a known entry whose fields changed is taken again at most this often …
REFRESHES: Final = 10  # … and this many times
CONFIRMED_FOR = timedelta(days=2)  # ledger dates in which a poll is looked for that left validators

ANOTHER_DAY: Final = "another_day"
UNTRIED: Final = ("deferred", "interrupted")

LOG_KEYS: Final = {
    "outcomes": ("run_id", "attempt", "entry_key", "fetch_id"),
    # A feed may be looked at several times in an attempt (documents of raw, its address), and a failed GET has no
    # fetch_id.
    "polls": ("run_id", "attempt", "feed_id", "fetch_id", "part", "url", "polled_at", "code", "detail"),
    "searches": ("run_id", "attempt", "feed_id", "source"),
}
_LEFTOVER_COLUMNS = [
    "fetch_id", "code", "mode", "deferred", "oldest_left", "newest_left", "interval_start", "interval_end",
]  # fmt: skip
_STATE_COLUMNS = ["entry_key", "code", "terminal", "tries", "tried_at", "next_try_at", "fields_hash"]


@dataclass(frozen=True, slots=True)
class EntryState:
    """The state of an entry: its latest ledger row, or its latest successful one if there is any."""

    terminal: bool
    tries: int
    tried_at: datetime
    next_try_at: datetime | None
    fields_hash: str
    successes: int  # times it ended in an article: the first, and its refreshes
    code: str = ""  # of its latest row

    @property
    def by_hint(self) -> bool:
        """Whether history looked at it last, and its page has another date than was asked for, or none."""
        return self.code in BY_HINT and not self.stored

    @property
    def untried(self) -> bool:
        """Whether nobody came to its page yet."""
        return self.code in UNTRIED and not self.stored

    @property
    def stored(self) -> bool:
        """Whether it ended in an article."""
        return self.successes > 0


@dataclass(frozen=True, slots=True)
class Pending:
    """An entry without a terminal outcome."""

    entry: Entry
    tries: int
    next_try_at: datetime | None  # None: exhausted
    first_tried_at: datetime  # places an entry without a date in an interval …
    first_asked_for: datetime  # … or, of one that history found by a hint, the start of the interval of that run

    @property
    def placed_at(self) -> datetime:
        """The instant by which a past run takes it."""
        return self.entry.published_at or (self.first_asked_for if self.entry.hint else self.first_tried_at)


def remembered(interval: Interval, *, now: datetime, past: bool) -> tuple[date, date]:
    """First and last ledger date whose rows make an entry known to a run."""
    first = (now - REMEMBERED).date()
    if past:
        return min(first, interval.start.date()), max(now, interval.end + AFTERWARDS).date()
    return first, (now + timedelta(days=1)).date()


def entry_states(layout: Layout, first: date, last: date, keys: Sequence[str] | None = None) -> dict[str, EntryState]:
    """The state of every entry with a row between two dates, inclusive (or of *keys* only)."""
    rows = _rows(layout, first, last, _STATE_COLUMNS, keys)
    if not rows.num_rows:
        return {}
    success = pc.is_in(rows["code"], pa.array(sorted(SUCCESSES)))
    by_hint = pc.is_in(rows["code"], pa.array(BY_HINT))
    rows = rows.set_column(rows.schema.get_field_index("terminal"), "terminal", pc.and_not(rows["terminal"], by_hint))
    stored_hash = pc.if_else(success, rows["fields_hash"], pa.scalar(None, pa.string()))  # "last" skips nulls
    every = pc.ScalarAggregateOptions(skip_nulls=False)
    grouped = (
        rows.append_column("success", pc.cast(success, pa.int32()))
        .append_column("stored_hash", stored_hash)
        .sort_by([("tried_at", "ascending"), ("tries", "ascending")])  # tries breaks ties of one instant
        .group_by("entry_key", use_threads=False)
        .aggregate([("terminal", "max"), ("tries", "last"), ("tried_at", "last"), ("next_try_at", "last", every),
                    ("fields_hash", "last"), ("stored_hash", "last"), ("success", "sum"),
                    ("code", "last")])
    )  # fmt: skip
    grouped = grouped.append_column("hash", pc.coalesce(grouped["stored_hash_last"], grouped["fields_hash_last"]))
    return dict(zip(values(grouped, "entry_key"), _states_of(grouped), strict=True))


def pending_entries(layout: Layout, first: date, last: date, states: dict[str, EntryState]) -> list[Pending]:
    """Entries between two ledger dates that have no terminal outcome, exhausted ones too, by key."""
    found: dict[str, Pending] = {}
    for day in _days(layout, first, last):
        rows = read_partition(
            layout, "outcomes", day, ["entry_key", "entry", "terminal", "tried_at", "code", "interval_start"]
        )
        rows = rows.filter(pc.and_(pc.invert(rows["terminal"]), pc.is_valid(rows["entry"])))
        for row in rows.filter(pc.not_equal(rows["code"], pa.scalar(ANOTHER_DAY))).to_pylist():
            state, key = states[row["entry_key"]], row["entry_key"]
            if not state.terminal and not state.by_hint:
                since, asked = row["tried_at"], row["interval_start"]
                if key in found:
                    since, asked = min(found[key].first_tried_at, since), min(found[key].first_asked_for, asked)
                found[key] = Pending(Entry.from_json(row["entry"]), state.tries, state.next_try_at, since, asked)
    return [found[key] for key in sorted(found)]


def with_hinted(layout: Layout, states: dict[str, EntryState], before: date) -> dict[str, EntryState]:
    """*states*, and those of entries that history looked at by a hint in runs of days before *before*: a list of a
    whole year is read for each of its days.
    """
    earlier = [day for day in layout.dates("outcomes") if day < before]
    for day in earlier:
        rows = read_partition(layout, "outcomes", day, _STATE_COLUMNS)
        for row in rows.filter(pc.is_in(rows["code"], pa.array(BY_HINT))).to_pylist():
            state = EntryState(False, row["tries"], row["tried_at"], None, row["fields_hash"], 0, row["code"])
            states.setdefault(row["entry_key"], state)
    return states


def pages_of_another_day(layout: Layout, interval: Interval, states: Mapping[str, EntryState]) -> list[Row]:
    """Rows of outcomes of pages that runs of other days found to be published inside *interval*, the first of each
    entry, without those that ended in an article since.
    """
    found: dict[str, Row] = {}
    for row in _put_into(layout, interval, ["entry_key", "entry", "feed_id", "fetch_id", "part", "url"]):
        state = states.get(row["entry_key"])
        if not (state and state.stored):
            found.setdefault(row["entry_key"], row)
    return [found[key] for key in sorted(found)]


def unplanned_pages(layout: Layout, interval: Interval, planned: Collection[str]) -> set[str]:
    """Keys of the entries whose pages runs of other days put into *interval*, without those of the fetch_ids that are
    *planned*: a run of a neighbouring day may do so while this one is at work.
    """
    rows = _put_into(layout, interval, ["entry_key", "fetch_id"])
    return {row["entry_key"] for row in rows if row["fetch_id"] not in planned}


def _put_into(layout: Layout, interval: Interval, columns: Sequence[str]) -> Iterator[Row]:
    """*columns* of the outcomes by which runs of other days put a page into *interval*."""
    near = ("published_at",), interval
    days = layout.dates("outcomes")
    for _, rows in read_days(layout, "outcomes", days, [*columns, "code", "published_at"], near):
        for row in rows.filter(pc.equal(rows["code"], pa.scalar(ANOTHER_DAY))).to_pylist():
            if row["published_at"] in interval:
                yield row


def complete_searches(layout: Layout, interval: Interval, since: datetime) -> dict[tuple[str, str], str]:
    """(feed id, source) of the searches of just this *interval* that left nothing, since an instant; with the detail,
    which names the section that they were limited to.
    """
    columns = ["feed_id", "source", "detail", "complete", "searched_at", "interval_start", "interval_end"]
    rows = read_partition(layout, "searches", interval.start.date(), columns).to_pylist()
    same = [row for row in rows if (row["interval_start"], row["interval_end"]) == (interval.start, interval.end)]
    whole = [row for row in same if row["complete"] and row["searched_at"] >= since]
    return {(row["feed_id"], row["source"]): row["detail"] for row in whole}


def next_try(tries: int, tried_at: datetime) -> datetime | None:
    """When the retry queue takes an entry again after *tries* counted tries; None: exhausted."""
    return tried_at + RETRY_DELAYS[max(tries, 1) - 1] if tries < TRIES else None


def committed_parts(layout: Layout) -> set[str]:
    """Names of the raw files whose parts are committed."""
    names: set[str] = set()
    for table in ("outcomes", "polls"):
        for _, rows in read_days(layout, table, layout.dates(table), ["part"]):
            names.update(values(rows, "part"))
    return names


def booked_fetches(layout: Layout, fetch_ids: Iterable[str]) -> set[str]:
    """Those of *fetch_ids* that an outcome or a poll names."""
    wanted = pa.array(sorted(fetch_ids), pa.string())
    booked: set[str] = set()
    for table in ("outcomes", "polls") if len(wanted) else ():
        for _, rows in read_days(layout, table, layout.dates(table), ["fetch_id"]):
            booked.update(values(rows.filter(pc.is_in(rows["fetch_id"], wanted)), "fetch_id"))
    return booked


def rows_of_plan(layout: Layout, table: str, day: date, plan: str, columns: Sequence[str]) -> list[Row]:
    """Rows of outcomes or polls that come from parts of *plan* or from its dead attempts; *day* is the day of its
    interval.
    """
    rows = read_partition(layout, table, day, [*columns, "part"])
    found: list[Row] = rows.filter(pc.starts_with(rows["part"], f"{plan}.")).select(list(columns)).to_pylist()
    return found


def documents_with_leftovers(layout: Layout, interval: Interval) -> set[str]:
    """fetch_ids of feed documents that may have entries of *interval* which no run has looked at: runs of other
    intervals left them, and no run of this one has read the document.
    """
    ids: set[str] = set()
    read: set[str] = set()
    start, end = pa.scalar(interval.start, TIME), pa.scalar(interval.end, TIME)
    for _, polls in read_days(layout, "polls", layout.dates("polls"), _LEFTOVER_COLUMNS):
        whole = pc.and_(pc.equal(polls["code"], pa.scalar("ok")), pc.equal(polls["deferred"], pa.scalar(0, pa.int32())))
        of_it = pc.and_(pc.less_equal(polls["interval_start"], start), pc.greater_equal(polls["interval_end"], end))
        past = pc.equal(polls["mode"], pa.scalar("past"))
        read.update(values(polls.filter(pc.and_(pc.and_(whole, of_it), past)), "fetch_id"))
        left = pc.and_(pc.less(polls["oldest_left"], end), pc.greater_equal(polls["newest_left"], start))
        ids.update(values(polls.filter(left), "fetch_id"))
    return ids - read - {None}


def live_polls(layout: Layout, *, now: datetime) -> set[tuple[str, datetime]]:
    """(feed_id, polled_at) of the latest live polls in the store."""
    found: set[tuple[str, datetime]] = set()
    for day in layout.dates("polls"):
        if day >= (now - CONFIRMED_FOR).date():
            polls = read_partition(layout, "polls", day, ["feed_id", "polled_at", "mode"])
            found |= {(row["feed_id"], row["polled_at"]) for row in polls.to_pylist() if row["mode"] == "live"}
    return found


def log_key(table: str, row: Row) -> tuple[Any, ...]:
    """The key of a row of outcomes or polls."""
    return tuple(row[name] for name in LOG_KEYS[table])


def append_log(layout: Layout, table: str, day: date, rows: Iterable[Row]) -> int:
    """Add to outcomes or polls the rows that are not there yet; returns how many were added."""
    return again_on_conflict(layout, partial(_append_log, layout, table, day, list(rows)))


def _append_log(layout: Layout, table: str, day: date, rows: Sequence[Row]) -> int:
    base = read_base(layout, table, day)
    old = base.rows
    known = set(zip(*(old[name].to_pylist() for name in LOG_KEYS[table]), strict=True))
    new: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        if (key := log_key(table, row)) not in known:
            new.setdefault(key, row)
    if new:
        both = pa.concat_tables([old, to_table(table, new.values())])
        replace_partition(layout, table, day, both, over=base.version)
    return len(new)


def _states_of(grouped: pa.Table) -> Iterator[EntryState]:
    """The fields hash is that of the last success: after a failed refresh the entry counts as changed and is taken
    again.
    """
    # By columns: dictionaries of rows would double the cost, and a run looks at every entry of two months.
    return map(
        EntryState,
        values(grouped, "terminal_max"), values(grouped, "tries_last"), values(grouped, "tried_at_last"),
        values(grouped, "next_try_at_last"), values(grouped, "hash"), values(grouped, "success_sum"),
        values(grouped, "code_last"),
    )  # fmt: skip


def _rows(layout: Layout, first: date, last: date, columns: list[str], keys: Sequence[str] | None) -> pa.Table:
    tables = [rows for _, rows in read_days(layout, "outcomes", _days(layout, first, last), columns)]
    if not tables:
        return read_partition(layout, "outcomes", first, columns)
    rows = pa.concat_tables(tables)
    return rows if keys is None else rows.filter(pc.is_in(rows["entry_key"], pa.array(list(keys), pa.string())))


def _days(layout: Layout, first: date, last: date) -> list[date]:
    return [day for day in layout.dates("outcomes") if first <= day <= last]
