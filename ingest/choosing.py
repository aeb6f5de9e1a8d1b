"""Each entry of a document to its one outcome: taken, or counted as left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from ingest.errors import IngestError
from ingest.outcomes import date_range
from ingest.records import Entries, Entry, Poll, Search, Skipped, Taken
from ingest.text.sections import told as section_told
from ingest.work import Brought, Decision, Found

Outcome = Decision | Literal["repeated"]

BY_HINT: Final = ("another_day", "undated")
"""Codes of pages that were fetched to see their date: whoever knows a date of theirs takes them all the same."""
RECOVERABLE: Final = ("too_old", "outside", "deferred")  # a later run may want them when the feed no longer shows them


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a run does with the entries of one document."""

    taken: tuple[Entry, ...]  # in the order of the document
    left: tuple[Entry, ...]  # that a later run may want
    counts: Counter[Outcome]
    undated: int  # of those that are outside: neither a date nor a hint places them


@dataclass(slots=True)
class Chooser:
    """Decides about entries, and remembers which this run has tried."""

    select: Callable[[Entry], Decision]
    tried: set[str] = field(default_factory=set)  # entry_keys
    misplaced: set[str] = field(default_factory=set)  # of these, taken by a hint, and of another day or without a date

    def ended(self, taken: Taken) -> None:
        """What the page of a hint's entry tells no source need ask again; one that has a date of its own may."""
        if isinstance(taken.result, Skipped) and taken.result.code in BY_HINT:
            self.misplaced.add(taken.entry.entry_key)

    def choose(self, entries: Sequence[Entry]) -> Choice:
        """`repeated`: seen twice in this document, or already tried in this run via another feed."""
        outcomes: list[Outcome] = []
        here: set[str] = set()
        for entry in entries:
            again = entry.entry_key in here or self._is_done(entry)
            outcome: Outcome = "repeated" if again else self.select(entry)
            here.add(entry.entry_key)
            if outcome == "take":
                self.tried.add(entry.entry_key)
            outcomes.append(outcome)
        pairs = list(zip(entries, outcomes, strict=True))
        return Choice(
            taken=tuple(entry for entry, outcome in pairs if outcome == "take"),
            left=tuple(entry for entry, outcome in pairs if outcome in RECOVERABLE),
            counts=Counter(outcomes),
            undated=sum(outcome == "outside" and not (one.published_at or one.hint) for one, outcome in pairs),
        )

    def _is_done(self, entry: Entry) -> bool:
        dated_now = entry.published_at is not None and entry.entry_key in self.misplaced
        return entry.entry_key in self.tried and not dated_now


def counted_poll(poll: Poll, entries: Sequence[Entry], choice: Choice) -> Poll:
    """*poll* with the counts of its entries; what it had deferred before was beyond the document's cap."""
    counts = choice.counts
    oldest, newest = date_range(entries)
    oldest_left, newest_left = date_range(choice.left)
    counted = replace(
        poll,
        entries=len(entries) + poll.deferred,
        taken=counts["take"],
        known=counts["known"],
        too_old=counts["too_old"],
        outside=counts["outside"],
        repeated=counts["repeated"],
        deferred=counts["deferred"] + poll.deferred,
        oldest_left=oldest_left,
        newest_left=newest_left,
        oldest=oldest,
        newest=newest,
    )
    total = counted.taken + counted.known + counted.too_old + counted.outside + counted.repeated + counted.deferred
    assert counted.entries == total, f"feed {poll.feed_id}: {len(entries)} entries, outcomes {dict(counts)}"
    return counted


def with_document(search: Search, found: Found, entries: Entries, choice: Choice) -> Search:
    """*search* after one more document and its entries."""
    counts = choice.counts
    return replace(
        search,
        documents=search.documents + 1,
        requests=search.requests + (not found.archived),
        bytes=search.bytes + len(found.page.body),
        detail=section_told(found.section) if search.code == "ok" else search.detail,
        complete=search.complete or found.complete,
        entries=search.entries + len(entries) + entries.beyond + entries.outside,
        taken=search.taken + counts["take"],
        known=search.known + counts["known"],
        outside=search.outside + counts["outside"] - choice.undated + counts["too_old"] + entries.outside,
        undated=search.undated + choice.undated,
        repeated=search.repeated + counts["repeated"],
        deferred=search.deferred + counts["deferred"] + entries.beyond,
    )


def with_captures(search: Search, brought: Brought, pages: int) -> Search:
    """*search* after the *pages* that its source brought: each of them was tried."""
    return replace(
        search,
        documents=search.documents + brought.documents,
        entries=search.entries + pages,
        taken=search.taken + pages,
        complete=True,
    )


def with_failure(search: Search, error: IngestError) -> Search:
    """*search* after a document that could not be read. The last error names it."""
    return replace(search, failed=search.failed + 1, code=error.code, detail=str(error))


def ended(search: Search, *, milliseconds: int) -> Search:
    """*search* after its last document. What it left for another run, or could not read, may hold more."""
    whole = search.complete and not search.deferred and not search.failed
    return replace(search, complete=whole, milliseconds=milliseconds)
