"""Import, the writing half: captures into raw/, each once, under the day on which they were captured."""

from __future__ import annotations

import re
import uuid
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from functools import lru_cache
from html import unescape
from pathlib import PurePath
from typing import Final

from ingest.records import Capture
from wirecopy.store.archive.raw import imported_name, raw_files, read_heads, write_raw
from wirecopy.store.articles.commit import committing
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import values
from wirecopy.store.takedown.tombstones import Tombstones, read_tombstones
from wirecopy.store.warc.unusable import Unusable

BATCH_BYTES: Final = 32_000_000  # bodies in memory
BATCH_CAPTURES: Final = 1_000
_URL: Final = re.compile(rb"https?://[^\s\"'<>\]\\]+")
SHOWN: Final = 5  # records named per reason, for people

Found = Capture | Unusable


class Import:
    """Counts the values of `read_archive` and writes the captures to raw/ in batches; `close` writes the last one."""

    def __init__(self, layout: Layout, *, now: datetime) -> None:
        self.layout, self.now = layout, now
        self.counts: Counter[str] = Counter(pages=0, documents=0, known=0)
        self.days: set[date] = set()  # of the pages that are new or known
        self.examples: dict[str, list[str]] = defaultdict(list)  # reason → some of its records
        self._batch: list[Capture] = []
        self._bytes = 0

    def add(self, found: Found) -> None:
        """One record."""
        if isinstance(found, Unusable):
            self._leave_out(found)
            return
        self._batch.append(found)
        self._bytes += len(found.page.body)
        if self._bytes >= BATCH_BYTES or len(self._batch) >= BATCH_CAPTURES:
            self.close()

    def close(self) -> None:
        """Write the waiting captures under the store's lock, so that no takedown or other import interferes."""
        if not self._batch:
            return
        by_day: dict[date, list[Capture]] = defaultdict(list)
        for capture in self._batch:
            by_day[capture.page.fetched_at.date()].append(capture)
        with committing(self.layout):
            gone = read_tombstones(self.layout)
            for day, captures in sorted(by_day.items()):
                self._write(day, captures, gone)
        self._batch, self._bytes = [], 0

    def _write(self, day: date, captures: list[Capture], gone: Tombstones) -> None:
        known = _names(self.layout, day)
        new: dict[str, Capture] = {}
        for capture in captures:
            if _is_forgotten(capture, gone):
                self._leave_out(Unusable("forgotten"))
                continue
            if capture.kind == "page":
                self.days.add(((capture.entry and capture.entry.published_at) or capture.page.fetched_at).date())
            name = capture.page.fetch_id
            is_new = name not in known and new.setdefault(name, capture) is capture
            self.counts[("pages" if capture.kind == "page" else "documents") if is_new else "known"] += 1
        write_raw(self.layout, day, imported_name(self.now.date(), uuid.uuid4().hex), new.values())

    def _leave_out(self, record: Unusable) -> None:
        self.counts[record.reason] += 1
        examples = self.examples[record.reason]
        if record.detail and len(examples) < SHOWN:
            examples.append(f"{record.url}: {record.detail}" if record.url else record.detail)


def _is_forgotten(capture: Capture, gone: Tombstones) -> bool:
    """Whether a tombstone covers a page, by any of its addresses, or a feed document, also if it only lists such a
    page.
    """
    page = capture.page
    urls = [page.url, page.final_url, (capture.entry and capture.entry.link) or ""]
    if capture.kind != "page" and (gone.pages or gone.domains):
        urls += {unescape(url.decode("utf-8", "replace")) for url in _URL.findall(page.body.replace(b"\\/", b"/"))}
    return gone.covers(*urls)


def _names(layout: Layout, day: date) -> set[str]:
    """fetch_ids in raw/ of captures of *day*. A part closed after midnight is in the next day's folder."""
    return {name for path in raw_files(layout, day, day + timedelta(days=1)) for name in _names_in(layout, path)}


@lru_cache(maxsize=1_000)
def _names_in(layout: Layout, path: PurePath) -> tuple[str, ...]:
    """Cached, since an archive of a day is written in many batches, and raw files never change (a takedown only removes
    rows).
    """
    return tuple(values(read_heads(layout, path, ["fetch_id"]), "fetch_id"))
