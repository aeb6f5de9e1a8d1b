"""raw/ as a source of history: pages and documents that were captured, and have no outcome for the run's interval."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

from ingest.records import Capture, Entry, Via
from ingest.text.urls import host_of, imported_key
from ingest.work import Documents, archived
from wirecopy.history.source import HistorySource, Past
from wirecopy.log import get_log
from wirecopy.store.archive.raw import files_by_part, read_captures
from wirecopy.store.archive.unprocessed import unprocessed_captures
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.rows import Row
from wirecopy.store.staging.plans import Job

log = get_log(__name__)


class RawCaptures(HistorySource):
    """Captures that no outcome names, and documents with entries of the interval that their run did not take."""

    name: ClassVar[str] = "raw"
    via: ClassVar[Via] = "feed"  # of articles that its documents list; its pages have their own

    def __init__(self, past: Past) -> None:
        self._past = past

    def find(self) -> Iterator[Job]:
        """Pages of the interval, and documents that may hold entries of it."""
        return map(raw_job, unprocessed_captures(self._past.layout, self._past.interval))

    def documents(self, jobs: Sequence[Job]) -> Iterator[tuple[str, Documents]]:
        """One for each job: a day may have thousands, and a file is read once for all of its own."""
        for capture in captures_of_jobs(self._past.layout, [job for job in jobs if job.kind == "document"]):
            yield capture.feed_id, archived(capture.page)

    def pages(self, jobs: Sequence[Job]) -> Iterator[Capture]:
        """See HistorySource."""
        return captures_of_jobs(self._past.layout, [job for job in jobs if job.kind == "page"])


def raw_job(head: dict[str, Any]) -> Job:
    """The job for a capture by its *head* (schema.RAW, and raw_file)."""
    return Job(
        kind="document" if head["kind"] == "feed" else "page",
        source=RawCaptures.name,
        feed_id=head["feed_id"],
        payload=head["raw_file"],
        fetch_id=head["fetch_id"],
        host=host_of(head["url"]),
    )


def other_days_jobs(layout: Layout, rows: Iterable[Row]) -> Iterator[Job]:
    """Jobs for pages that runs of other days left to this one (rows of outcomes): their captures, or if raw/ has
    them no more their addresses.
    """
    rows = list(rows)
    files = files_by_part(layout) if rows else {}
    for row in rows:
        entry = Entry.from_json(row["entry"])
        if entry.entry_key == imported_key(entry.link or ""):
            continue  # WarcFiles finds it where the import has put it
        head = {"kind": "page", "feed_id": entry.feed_id, "fetch_id": row["fetch_id"], "url": row["url"]}
        if path := files.get(row["part"]):
            yield raw_job(head | {"raw_file": str(path.relative_to(layout.raw))})
        else:
            yield Job(kind="entry", feed_id=entry.feed_id, payload=entry.to_json(), host=host_of(entry.link or ""))


def captures_of_jobs(layout: Layout, jobs: Sequence[Job]) -> Iterator[Capture]:
    """The archived captures that *jobs* name, file by file in their order."""
    files: dict[str, list[str]] = {}
    for job in jobs:
        if job.fetch_id:
            files.setdefault(job.payload, []).append(job.fetch_id)
    for name, fetch_ids in files.items():
        try:
            yield from read_captures(layout, layout.raw / name, fetch_ids)
        except FileNotFoundError:
            log.warning(
                "raw/%s was removed since the plan was made: its %d captures are left out", name, len(fetch_ids)
            )
