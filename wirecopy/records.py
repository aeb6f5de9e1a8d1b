"""The small JSON that passes between the tasks of a run: plan, shards, report. Times are ISO 8601 with their zone."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

Kind = Literal["live", "day"]
Mode = Literal["live", "past"]


class Run(TypedDict):
    """One data interval `[start, end)` and the plan that was made for it."""

    run_id: str
    plan: str  # uuid hex: names the files in state/staging
    kind: Kind
    mode: Mode
    start: str
    end: str
    due_feeds: int  # feeds that it looks at: asked now, or by a document that a run took a moment ago
    shards: int  # 0: there is nothing to do
    retried: NotRequired[bool]  # the caller starts a dead pull again by itself, as Airflow does


class Shard(TypedDict):
    """The arguments of one mapped pull task."""

    run: Run
    shard: int  # from 0
    of: int


class Planned(TypedDict):
    """The result of plan."""

    run: Run
    shards: list[Shard]


class Sums(TypedDict):
    """The polls and outcomes of one plan, counted."""

    seen: int  # entries of the feeds, and those taken from elsewhere: tried + left
    tried: int  # the sum of `outcomes`
    left: int  # known, too old, outside of the interval, undated, repeated, deferred
    polls: dict[str, int]  # by code
    searches: dict[str, int]  # by code: reads of sources of history
    searched_feeds: int  # feeds with a source of history
    unsearched_feeds: int  # of these, feeds of which no source could be read
    unfinished: list[str]  # sources that may hold more of the interval, with the reason: the first few
    unfinished_searches: int
    entries: dict[str, int]
    outcomes: dict[str, int]  # by code
    unread: list[str]  # feeds that could not be read, with their codes: the first few
    unread_feeds: int
    crashed: list[str]  # links of pages that crashed their process: the first few
    crashed_pages: int


class Report(Sums):
    """The result of publish, and the input of verdict."""

    run_id: str
    mode: Mode
    start: str
    end: str
    due_feeds: int
    shards: int
    shards_done: int
    dates: list[str]  # dates with changed articles, ISO, ascending
    unaccounted: int  # entries seen and not booked: 0, or there is a bug
    set_aside: int  # finished parts that could not be read


class Event(TypedDict):
    """The extra of an asset event about a run: small enough for Airflow's metadata database."""

    run_id: str
    mode: Mode
    start: str
    end: str
    dates: list[str]
    outcomes: dict[str, int]


class Deduped(TypedDict):
    """The result of dedupe. The counts are rows of the dates that were computed."""

    busy: bool  # another dedupe was running, and will look once more
    dates: list[str]  # computed, ISO
    left: list[str]  # still out of date, ISO
    matches: int
    withdrawn: int
    copies: int
    clusters: int


class SketchedDate(TypedDict):
    """The result of sketch_date."""

    date: str  # ISO
    made: bool  # whether there was anything to do


class MatchedDate(TypedDict):
    """The result of match_date. Its rows wait in state/found."""

    date: str  # ISO
    inputs: str | None  # hash of the articles and parameters that they follow from; None if these changed meanwhile
    matches: int
    withdrawn: int
    cpu: float  # seconds, without what other processes took


class CopiesEvent(TypedDict):
    """The extra of an asset event about copies that were computed."""

    run_id: str
    dates: list[str]  # computed, ISO
    left: list[str]  # still out of date, ISO
    counts: dict[str, int]  # matches, withdrawn, copies and clusters of the computed dates


class Forgotten(TypedDict):
    """The result of forget: counts of removed rows, or with a dry run of rows that would be removed."""

    articles: int
    revisions: int
    outcomes: int
    captures: int
    dates: list[str]  # ISO


class Reprocessed(TypedDict):
    """The result of reprocess: counts of the work, and except for a dry run of its results."""

    dry_run: bool
    days: NotRequired[int]  # reextract: requested days
    pages: NotRequired[int]  # reextract: captured pages of these days
    dates: NotRequired[int]  # rededup: dates with articles
    outcomes: NotRequired[dict[str, int]]  # reextract: by code
    changed: NotRequired[list[str]]  # reextract: dates, ISO
    dedupe: NotRequired[Deduped | None]
    span: NotRequired[DedupeSpan | None]  # for a caller that finds the copies itself


class DedupeSpan(TypedDict):
    """Arguments of dedupe."""

    first: str  # ISO
    last: str
    again: bool


class Imported(TypedDict):
    """The result of importing WARC and ARC files into raw/."""

    files: dict[str, dict[str, int]]  # by file: pages and documents that are new or known, and a count per reason
    examples: dict[str, list[str]]  # by reason
    days: list[str]  # to hand to `reextract`, ISO


class Indexed(TypedDict):
    """The result of indexing the words of past dates."""

    made: list[str]  # dates, ISO
    removed: list[str]


class SeenRun(TypedDict):
    """A red run, as Airflow has it."""

    run_id: str
    start: str  # of its interval
    after: str  # its turn: when its interval ended, or when it was triggered
    ended: str | None
    why: str | None


class SeenRuns(TypedDict):
    """What Airflow says of the runs of one DAG that have a logical date."""

    dag_id: str
    daily: bool
    newest: str | None  # end of the interval of its newest green run
    green_after: str | None  # the turn of that run
    failed: list[SeenRun]  # the newest first


class BookedRun(TypedDict):
    """A run that one of its own tasks has named."""

    dag_id: str
    run_id: str


class FoundRun(TypedDict):
    """A booked run, as Airflow has it now."""

    dag_id: str
    run: SeenRun
    state: str  # queued, running, success, failed; "gone" if Airflow has it no more


class AlarmEvent(TypedDict):
    """Something new about an alarm."""

    kind: str
    subject: str
    event: str  # raised, lasting, cleared
    since: str
    says: str
    next_step: str
    tell: bool  # else it is only booked


class Message(TypedDict):
    """A message to people, in three forms."""

    subject: str
    text: str
    html: str


class Watched(TypedDict):
    """The result of one look at everything."""

    open: int  # alarms that stand
    events: list[AlarmEvent]
    message: Message | None


class OddFeeds(TypedDict):
    """Feeds with a problem or a notice."""

    failing_feeds: dict[str, str]  # by id: code, failures in a row, detail
    resting_feeds: list[str]
    silent_feeds: list[str]
    gap_feeds: list[str]
    outage_feeds: list[str]


class Retries(TypedDict):
    """Entries of the retry queue."""

    retries: int
    retries_due: int
    exhausted: int  # all their tries are used up


class FoundPlace(TypedDict):
    """One source of a feed's past, as a look found it."""

    source: str
    url: str | None  # None: there is no such source
    reaches: str | None  # the first day that it lists, ISO, as far as a look can tell
    section: list[str]  # beginnings of the addresses that are taken of what it lists; none: all
    why: str  # there is none; of WARC files: what is known of them


class Digest(OddFeeds, Retries):
    """The result of the daily health digest."""

    waiting_parts: int


class StoreCopy(TypedDict):
    """What `copy_store` did."""

    source: str
    target: str
    files: int  # that are in the copy now
    bytes: int
    known: int  # of them came with an earlier attempt
    running: int  # pulls that were at work in the source
    feed_state: str  # a sentence: what became of it
