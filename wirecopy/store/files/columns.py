"""Every table and column of the store, without a library: names, types and meanings. `schema` has the same for pyarrow.

One file with another column would break naive globs, so a new column comes with a migration of all files of its table
(`migration`). Types are only those of `Type`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

FIRST_VERSION: Final = "1"

Type = Literal[
    "string", "int32", "int64", "double", "bool", "date32[day]", "timestamp[us, tz=UTC]", "binary",
    "list<item: string>", "list<item: int64>",
]  # fmt: skip
"""As pyarrow writes it."""

STRING: Final = "string"
INT: Final = "int32"
LONG: Final = "int64"
REAL: Final = "double"
FLAG: Final = "bool"
DAY: Final = "date32[day]"
TIME: Final = "timestamp[us, tz=UTC]"
BYTES: Final = "binary"
STRINGS: Final = "list<item: string>"


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one table, in their order."""

    version: str  # of the schema: it is raised when a column is added
    types: Mapping[str, Type]
    meanings: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """In the order of the files."""
        return tuple(self.types)


def _columns(version: str = FIRST_VERSION, /, **columns: tuple[Type, str]) -> Columns:
    return Columns(
        version,
        {name: kind for name, (kind, _) in columns.items()},
        {name: meaning for name, (_, meaning) in columns.items()},
    )


ARTICLES: Final = _columns(
    article_id=(STRING, "32 hex of the hash of the canonical URL when the article was first stored"),
    entry_key=(STRING, "the feed entry that led here last: hash of its link, else of feed and guid"),
    url=(STRING, "where the page was, after redirects"),
    canonical_url=(STRING, "the page's own name: rel=canonical if plausible, without tracking parameters"),
    source=(STRING, "hostname of canonical_url"),
    publisher=(STRING, "who runs that host, by feeds.toml, else its registered domain"),
    feed_id=(STRING, "feed of feeds.toml that led here last"),
    guid=(STRING, "guid of that feed's entry"),
    title=(STRING, "headline"),
    authors=(STRINGS, "bylines"),
    agency=(STRING, "credited wire, or null"),
    dateline=(STRING, "place and date that open the text, or null"),
    published_at=(TIME, "publication; null: no trustworthy date, then the partition is the day of first_seen_at"),
    published_source=(STRING, "where published_at was read: jsonld, meta, feed, time, …"),
    published_precision=(STRING, "second, minute or day"),
    published_raw=(STRING, "the date as written; other days that later captures claimed follow after '; later: '"),
    modified_at=(TIME, "last change, as the page tells it"),
    first_seen_at=(TIME, "first capture of any text of this article"),
    fetched_at=(TIME, "first capture of this text"),
    last_fetched_at=(TIME, "last capture of this text"),
    updated_at=(TIME, "when this row was last written"),
    commit_seq=(LONG, "number of the commit that last wrote this row"),
    language=(STRING, "ISO 639 code of the text"),
    language_score=(REAL, "0..1, confidence in it"),
    description=(STRING, "standfirst or summary"),
    text=(STRING, "the article's text, paragraphs separated by newlines"),
    word_count=(INT, "words of text"),
    content_hash=(STRING, "32 hex of the normalised text"),
    image_url=(STRING, "lead picture"),
    tags=(STRINGS, "tags of the feed and of the entry"),
    license=(STRING, "licence the page names"),
    tdm_reservation=(FLAG, "text and data mining reserved by the page; null: it does not say"),
    paywalled=(FLAG, "the page says that it is not free; null: it does not say"),
    http_status=(INT, "status of the capture"),
    extractor=(STRING, "library that extracted the text"),
    extractor_version=(STRING, "its version and ours"),
    via=(
        STRING,
        "what listed it: live (a live run's feed), feed (a past run's), or a source of history (sitemap, wordpress, "
        "paging, template, wayback, warc), whichever run fetched the page; raw: taken from raw/ after a crash or "
        "a rebuild, or imported from another store",
    ),
    fetch_id=(STRING, "last capture of this text, in raw/"),
    run_id=(STRING, "run that last wrote this row"),
    interval_start=(TIME, "start of that run's data interval"),
    revision=(INT, "how many other texts of this article came before this one"),
)

OUTCOMES: Final = _columns(
    run_id=(STRING, "run that tried the entry"),
    attempt=(STRING, "uuid of the pull attempt"),
    part=(STRING, "raw file of that attempt's part"),
    mode=(STRING, "live or past"),
    entry_key=(STRING, "hash of the entry's link, else of feed and guid"),
    feed_id=(STRING, "feed it came by"),
    guid=(STRING, "guid of the entry"),
    link=(STRING, "link of the entry"),
    title=(STRING, "title of the entry"),
    published_at=(TIME, "publication date by the feed, or by the page if the code is another_day; or null"),
    code=(STRING, "stored, revised, unchanged, already_stored, or why not (docs/outcomes.md)"),
    terminal=(FLAG, "true: nothing more to try, the entry is known"),
    counted=(FLAG, "false: the whole host failed, so this try does not count"),
    tries=(INT, "counted tries so far, this one included"),
    tried_at=(TIME, "when it was tried"),
    next_try_at=(TIME, "when the retry queue takes it again; null: never, or terminal"),
    fields_hash=(STRING, "hash of the entry's updated, title and summary"),
    entry=(STRING, "the entry as JSON while it may be retried; null once terminal"),
    article_id=(STRING, "the article it ended in, or null"),
    fetch_id=(STRING, "the capture in raw/, or null"),
    url=(STRING, "page after redirects, or null"),
    http_status=(INT, "status of the page, or null"),
    detail=(STRING, "one sentence for people"),
    interval_start=(TIME, "start of the run's data interval"),
    interval_end=(TIME, "end of it"),
)

POLLS: Final = _columns(
    run_id=(STRING, "run that polled"),
    attempt=(STRING, "uuid of the pull attempt"),
    part=(STRING, "raw file of that attempt's part"),
    mode=(STRING, "live or past"),
    feed_id=(STRING, "feed of feeds.toml"),
    url=(STRING, "asked for"),
    final_url=(STRING, "after redirects, or null"),
    polled_at=(TIME, "when"),
    code=(STRING, "ok, not_modified, unchanged, or why it failed (docs/outcomes.md)"),
    detail=(STRING, "one sentence for people"),
    http_status=(INT, "status, or null"),
    fetch_id=(STRING, "the captured document in raw/, or null"),
    bytes=(LONG, "size of the document"),
    entries=(INT, "entries parsed = taken + known + too_old + outside + repeated + deferred"),
    taken=(INT, "entries tried: one row each in outcomes"),
    known=(INT, "entries with a terminal outcome, or waiting in the retry queue"),
    too_old=(INT, "entries older than a live run takes"),
    outside=(INT, "entries published outside a past run's interval"),
    repeated=(INT, "entries seen twice in this run"),
    deferred=(INT, "left for the next runs: beyond pages_per_feed, or changed, but taken again too recently"),
    oldest_left=(TIME, "oldest publication date among too_old and outside"),
    newest_left=(TIME, "newest one"),
    oldest=(TIME, "oldest publication date in the document"),
    newest=(TIME, "newest one"),
    milliseconds=(INT, "time the request took"),
    moved_to=(STRING, "where permanent redirects (301, 308) led, or null"),
    counted=(FLAG, "false: a failure counts against no feed, as most hosts failed in this run, or it was a past one"),
    next_due=(TIME, "when the feed is due again; null: a past run does not change it"),
    interval_start=(TIME, "start of the run's data interval"),
    interval_end=(TIME, "end of it"),
)

SEARCHES: Final = _columns(
    run_id=(STRING, "run that searched"),
    attempt=(STRING, "uuid of the pull attempt"),
    part=(STRING, "part of that attempt in which the search ended"),
    mode=(STRING, "past"),
    feed_id=(STRING, "feed of feeds.toml"),
    source=(STRING, "source of history: sitemap, wordpress, paging, template, wayback, warc"),
    searched_at=(TIME, "when it began"),
    code=(STRING, "ok, or why the last document failed (docs/outcomes.md)"),
    detail=(STRING, "one sentence for people"),
    complete=(FLAG, "true: the source holds nothing more of the interval"),
    documents=(INT, "documents read, from the network or raw/"),
    requests=(INT, "requests that they cost"),
    failed=(INT, "documents that could not be read"),
    bytes=(LONG, "size of the documents"),
    entries=(INT, "entries listed = taken + known + outside + undated + repeated + deferred"),
    taken=(INT, "tried: one row in outcomes each"),
    known=(INT, "left alone, because the ledger has them"),
    outside=(INT, "outside of the interval, by their date or by what excludes it"),
    undated=(INT, "left alone without a look at the page, because nothing tells when they were published"),
    repeated=(INT, "seen twice in this run"),
    deferred=(INT, "left for another run of the interval: beyond the budget"),
    milliseconds=(LONG, "time that the search took, its pages included"),
    interval_start=(TIME, "start of the run's data interval"),
    interval_end=(TIME, "end of it"),
)

SKETCHES: Final = _columns(
    article_id=(STRING, "article of the same date"),
    published_at=(TIME, "publication date of the article, or null"),
    publisher=(STRING, "publisher of the article, or null"),
    text_hash=(STRING, "articles.content_hash of the text the sketch is of"),
    content_hash=(STRING, "hash of its folded words: equal for verbatim copies"),
    params_hash=(STRING, "version and parameters of sketches; rows of others are out of date"),
    word_count=(INT, "words; tokens of scripts without spaces count half"),
    minhash=(BYTES, "128 little-endian uint32: datasketch MinHash, scheme affine32, of word 5-grams"),
    tokens=(BYTES, "little-endian uint32 per token: 22 bits of the stem's hash, 10 of the word's"),
    flags=(BYTES, "uint8 per token, bits of dedupe.text.flags: quotation, heading, content, number, sentence"),
    line_tokens=(BYTES, "little-endian int32 per line: its tokens"),
    line_keys=(BYTES, "little-endian uint64 per line: hash of its tokens"),
)

MATCHES: Final = _columns(
    "3",
    left_id=(STRING, "earlier article in the order (date, published_at, article_id)"),
    right_id=(STRING, "later article"),
    left_date=(DAY, "partition of the left article"),
    right_date=(DAY, "partition of the right article; of a withdrawn pair an earlier one than this"),
    relation=(STRING, "identical, near_duplicate, copy, derived, update, contains, overlap or withdrawn"),
    score=(REAL, "0..1, geometric mean of both narratives' coverage"),
    jaccard=(REAL, "0..1, word 5-grams"),
    coverage_left=(REAL, "0..1, share of the left narrative found right"),
    coverage_right=(REAL, "0..1, share of the right narrative found left"),
    quotation_agreement=(REAL, "0..1, how completely the quotations agree; .5: none"),
    ordered_share=(REAL, "0..1, share of the shorter text with counterparts in the same order"),
    probability=(REAL, "0..1, that a reader calls it a copy"),
    passages=(
        STRING,
        "JSON list of the longest shared passages: [left_start, left_end, right_start, right_end, words, quotation]",
    ),
    reason=(STRING, "what decided: a word of the list below; null: decided by a version that did not say"),
    of_crowd=(FLAG, "the right article is of a crowd: it was compared with its nearest ones only; null: older version"),
)

CLUSTERS: Final = _columns(
    article_id=(STRING, "article of the same date"),
    cluster_id=(STRING, "article_id of the cluster's first member"),
    role=(STRING, "origin, copy or alone"),
    origin_id=(STRING, "article_id of the origin, the same on all rows of a cluster"),
    relation=(STRING, "to the origin, else to the best match inside the cluster; null: alone"),
    probability=(REAL, "0..1 of that match; null: alone"),
    cluster_size=(INT, "members of the cluster"),
)

ALERTS: Final = _columns(
    at=(TIME, "when it was booked; the partition is its day"),
    kind=(STRING, "run_failed, run_late, feeds_unread, … (docs/alarms.md)"),
    subject=(STRING, "what it is about: a feed, a DAG with its day, a folder; with the kind it names the alarm"),
    event=(STRING, "raised, lasting or cleared; an alarm is open if its last row is not cleared"),
    since=(TIME, "since when it stands"),
    says=(STRING, "one sentence: what"),
    next_step=(STRING, "one sentence: what to do"),
    told=(FLAG, "true: sent to the notifiers, or without any written to the log as news; false: only booked"),
)

RAW: Final = _columns(
    fetch_id=(STRING, "32 hex, names this capture"),
    kind=(STRING, "feed, page, or history: a document of a source of history"),
    feed_id=(STRING, "feed that led here"),
    entry_key=(STRING, "entry that led here; null for a feed document"),
    entry=(STRING, "that entry as JSON"),
    published_at=(TIME, "publication date by the feed, else of history's pages by the page, or null"),
    url=(STRING, "asked for"),
    final_url=(STRING, "after redirects"),
    status=(INT, "HTTP status"),
    headers=(STRING, "JSON object, names in lower case"),
    fetched_at=(TIME, "when the answer came"),
    body_hash=(STRING, "32 hex of body"),
    body=(BYTES, "decompressed body"),
)

COLUMNS: Final[dict[str, Columns]] = {
    "articles": ARTICLES,
    "revisions": ARTICLES,
    "clusters": CLUSTERS,
    "matches": MATCHES,
    "sketches": SKETCHES,
    "outcomes": OUTCOMES,
    "polls": POLLS,
    "searches": SEARCHES,
    "alerts": ALERTS,
}
"""Tables of store/. `raw` is not among them: it is beside the store, and its files are never replaced."""

SORT_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "articles": ("published_at", "article_id"),
    "revisions": ("published_at", "article_id", "revision"),
    "clusters": ("article_id",),
    "matches": ("left_id", "right_id"),
    "sketches": ("published_at", "article_id"),
    "outcomes": ("tried_at", "run_id", "attempt", "entry_key", "fetch_id"),
    "polls": ("polled_at", "run_id", "attempt", "feed_id"),
    "alerts": ("at", "kind", "subject"),
    "searches": ("searched_at", "run_id", "attempt", "feed_id", "source"),
}
"""Order of the rows of each file, null last."""

_FREE: Final = {  # what the order of runs may change: docs/decisions/commit.md
    "run_id", "interval_start", "fetch_id", "via", "first_seen_at", "updated_at", "commit_seq",
    "feed_id", "entry_key", "guid", "tags",
}  # fmt: skip

CONTENT_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    name: tuple(column for column in COLUMNS[name].names if column not in _FREE)
    for name in ("articles", "revisions", "matches", "clusters")
}
"""Columns that are a function of what was captured, whatever the order of runs, retries and backfills."""
