"""The summary of a run: what the ledger holds of its plan, whoever committed its parts and however often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingest.records import DEFERRED, READ
from wirecopy.records import Sums
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.rows import Row
from wirecopy.store.ledger import rows_of_plan

if TYPE_CHECKING:
    from datetime import date

NOT_TRIED = ("known", "too_old", "outside", "undated", "repeated", "deferred")  # entries that a run leaves alone
POLL_COLUMNS = (
    "feed_id",
    "polled_at",
    "code",
    "entries",
    "taken",
    "known",
    "too_old",
    "outside",
    "repeated",
    "deferred",
)
SEARCH_COLUMNS = (
    "feed_id", "source", "code", "detail", "documents", "entries", "taken",
    *(name for name in NOT_TRIED if name != "too_old"),
)  # fmt: skip
DISTURBED = frozenset(
    {"connect", "timeout", "http_5xx", "robots_unavailable"}
)  # codes of what a later run may not meet
SHOWN = 20  # names in a report: it has to stay small


def summarize(layout: Layout, day: date, plan: str) -> Sums:
    """Counts and names of the plan's polls and outcomes; *day* is that of the run's interval.

    `entries + besides_feeds` (tried from the retry queue, from raw, or left by a dead attempt) is what was `seen`; it
    equals `tried`, the sum of `outcomes`, and `left`, what was left alone.
    """
    polls = rows_of_plan(layout, "polls", day, plan, POLL_COLUMNS)
    searches = rows_of_plan(layout, "searches", day, plan, SEARCH_COLUMNS)
    outcomes = rows_of_plan(layout, "outcomes", day, plan, ("code", "link", "entry_key"))
    books = [*polls, *searches]
    entries = Counter({name: sum(row.get(name, 0) for row in books) for name in ("entries", *NOT_TRIED)})
    entries["besides_feeds"] = len(outcomes) - sum(row["taken"] for row in books)
    unread = unread_feeds(polls)
    unfinished = sorted(_unfinished(searches))
    crashed = sorted({row["link"] or row["entry_key"] for row in outcomes if row["code"] == "crashed"})
    left = sum(entries[name] for name in NOT_TRIED)
    return {
        "seen": entries["entries"] + entries["besides_feeds"],
        "tried": len(outcomes),
        "left": left,
        "polls": _counts(polls),
        "searches": _counts(searches),
        "searched_feeds": len({row["feed_id"] for row in searches}),
        "unsearched_feeds": len(_unsearched(searches)),
        "unfinished": unfinished[:SHOWN],
        "unfinished_searches": len(unfinished),
        "entries": dict(sorted(entries.items())),
        "outcomes": _counts(outcomes),
        "unread": unread[:SHOWN],
        "unread_feeds": len(unread),
        "crashed": crashed[:SHOWN],
        "crashed_pages": len(crashed),
    }


def unread_feeds(polls: list[Row]) -> list[str]:
    """Feeds with a failed last poll, each with its code. A feed left to the next run did not fail."""
    last = {row["feed_id"]: row["code"] for row in sorted(polls, key=lambda row: row["polled_at"])}
    return sorted(f"{feed_id} ({code})" for feed_id, code in last.items() if code not in {*READ, DEFERRED})


def _unfinished(searches: list[Row]) -> Iterator[str]:
    """Searches that may have left something of the interval, each with the reason."""
    for row in searches:
        if row["code"] != "ok":
            yield f"{row['feed_id']}, {row['source']}: {row['detail']}"
        elif row["deferred"]:
            left = row["deferred"]
            yield f"{row['feed_id']}, {row['source']}: pages without a date that are left: {left} (pages_per_feed)"


def _unsearched(searches: list[Row]) -> set[str]:
    """Feeds of which no source gave a document, and the network or the servers are at fault."""
    disturbed = {row["feed_id"] for row in searches if row["code"] in DISTURBED and not row["documents"]}
    return disturbed - {row["feed_id"] for row in searches if row["documents"]}


def _counts(rows: list[Row]) -> dict[str, int]:
    return dict(sorted(Counter(row["code"] for row in rows).items()))
