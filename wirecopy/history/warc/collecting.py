"""One archive file read: the pages of wanted sites into raw/, the places of all others into the index.

After every batch raw/ has its pages, then the index its places, then the holding the offset: whoever is killed goes on
there, and repeats one batch at most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Final

from ingest.fetch.ranges import Edition, Ranges
from ingest.history.hints import days as span_of_days
from ingest.history.hints import hint_of
from ingest.history.peek import claimed_days
from ingest.records import IMPORTED, Capture, Span
from wirecopy.history.warc.lists import Archive
from wirecopy.history.warc.sites import Sites
from wirecopy.log import get_log
from wirecopy.store.files.layout import Layout
from wirecopy.store.warc.holdings import Holding, Holdings, with_batch
from wirecopy.store.warc.importing import Found, Import
from wirecopy.store.warc.reading import Terms
from wirecopy.store.warc.selecting import Selected, Source, select_records

log = get_log(__name__)

BATCH_BYTES: Final = 32_000_000  # bodies in memory …
BATCH_PAGES: Final = 1_000
BATCH_SPAN: Final = 128_000_000  # … or bytes of the file: a second of reading, which a kill can cost
PATIENCE: Final = timedelta(hours=12)  # for another run that reads: a day of CC-NEWS takes half an hour at 100 Mbit/s
IN_FLIGHT: Final = "warc-in-flight"  # the lock of who downloads: one file at a time, over all processes


class Collector:
    """Reads archive files for one run."""

    def __init__(
        self, layout: Layout, terms: Terms, sites: Sites, ranges: Callable[[], Ranges], *, now: datetime
    ) -> None:
        self._layout, self._terms, self._sites, self._ranges, self._now = layout, terms, sites, ranges, now
        self._holdings = Holdings(layout)

    def collect(self, archive: Archive, *, start: datetime) -> Holding | None:
        """Bring what *archive* has of the wanted sites into raw/, if it has captures of *start* and later.

        Raises FetchError or OSError if it cannot be read; what was read until then is kept.
        """
        known = self._holdings.read(archive.location)
        if known and not self._lacks(archive, known, start):
            return known
        with self._alone(archive):
            known = self._holdings.read(archive.location)  # another run may have read it meanwhile
            if not known or not known.complete or not _is_same(archive, known):
                known = self._scan(archive, known)
            lacking = self._sites.domains - set(known.domains)
            if lacking and known.may_hold(start, None):
                known = self._fill(archive, known, lacking)
            return known

    def _lacks(self, archive: Archive, known: Holding, start: datetime) -> bool:
        if not known.complete or not _is_same(archive, known):
            return True
        return known.may_hold(start, None) and not self._sites.domains <= set(known.domains)

    @contextmanager
    def _alone(self, archive: Archive) -> Iterator[None]:
        lock = self._layout.locks / IN_FLIGHT if archive.is_remote else self._holdings.lock(archive.location)
        with self._layout.files.locked(lock, timeout=PATIENCE):
            yield

    def _scan(self, archive: Archive, known: Holding | None) -> Holding:
        """Read the file to its end, from where an earlier attempt was stopped."""
        resumed = known if known and not known.complete and _is_same(archive, known) else None
        position = resumed.position if resumed else 0
        with self._opened(archive, position, resumed) as (file, edition):
            holding = resumed or Holding(
                location=archive.location,
                size=edition.size,
                tag=edition.tag,
                domains=tuple(sorted(self._sites.domains)),
            )
            if not resumed:
                self._holdings.begin(holding)
            records = select_records(file, self._terms, self._wanted(holding), size=edition.size)
            for batch in _batches(records):
                holding = self._keep(holding, batch)
                if not holding.size or holding.position < holding.size:
                    _log(archive, holding)
        holding = replace(holding, complete=True)
        self._holdings.finish(holding)
        log.info("read archive=%s records=%d %s", archive.location, holding.records, _told(holding))
        return holding

    def _wanted(self, holding: Holding) -> Callable[[str], tuple[str, bool]]:
        """A file that was begun for fewer sites is read to its end for them; the others come by ranges."""
        domains = frozenset(holding.domains)

        def choose(url: str) -> tuple[str, bool]:
            domain, _ = self._sites.wants(url)
            return domain, domain in domains

        return choose

    def _keep(self, holding: Holding, batch: list[Selected]) -> Holding:
        counts = self._import(holding, (record.found for record in batch if record.found))
        last = batch[-1]
        after = with_batch(holding, batch, last.offset + last.length, counts)
        self._holdings.add(after, holding.position, batch)
        return after

    def _import(self, holding: Holding, found: Iterable[Found]) -> dict[str, int]:
        """The captures to raw/; returns the counts of the holding with these."""
        taken = Import(self._layout, now=self._now)
        for one in found:
            taken.add(self._attributed(one) if isinstance(one, Capture) else one)
        taken.close()
        counts = dict(holding.counts)
        for name, count in taken.counts.items():
            if count:
                counts[name] = counts.get(name, 0) + count
        return counts

    def _attributed(self, capture: Capture) -> Capture:
        """A page of others as one of its feed, with the days on which it may have been published."""
        feed = self._sites.feed_of(capture.page.final_url)
        if capture.feed_id != IMPORTED or capture.entry is None or feed is None:
            return capture
        days = claimed_days(capture.page.body)
        before = Span(end=capture.page.fetched_at + timedelta(days=1))
        claimed = span_of_days(*days) if days else None
        entry = replace(capture.entry, feed_id=feed.id)
        hint = hint_of(entry.link, entry.updated_at, claimed if claimed else before) or before
        return replace(capture, feed_id=feed.id, entry=replace(entry, hint=hint))

    def _fill(self, archive: Archive, holding: Holding, domains: frozenset[str]) -> Holding:
        """Ask for the pages of *domains* one by one, by their places in the index."""
        places = list(self._holdings.places(archive.location, domains))
        if places:
            log.info("asking for ranges archive=%s pages=%d sites=%d", archive.location, len(places), len(domains))
        for at in range(0, len(places), BATCH_PAGES):
            asked = (self._found(archive, holding, *place) for place in places[at : at + BATCH_PAGES])
            holding = replace(holding, counts=self._import(holding, chain.from_iterable(asked)))
        holding = replace(holding, domains=tuple(sorted({*holding.domains, *domains})))
        self._holdings.save(holding)
        return holding

    def _found(self, archive: Archive, holding: Holding, offset: int, length: int) -> Iterator[Found]:
        body = BytesIO(self._range(archive, holding, offset, length))
        for record in select_records(body, self._terms, lambda url: (self._sites.wants(url)[0], True)):
            if record.found:
                yield record.found

    def _range(self, archive: Archive, holding: Holding, offset: int, length: int) -> bytes:
        if archive.is_remote:
            edition = Edition(size=holding.size, tag=holding.tag)
            return self._ranges().read(archive.location, start=offset, end=offset + length, edition=edition)
        with Path(archive.location).open("rb") as file:
            file.seek(offset)
            return file.read(length)

    @contextmanager
    def _opened(self, archive: Archive, position: int, known: Holding | None) -> Iterator[tuple[Source, Edition]]:
        if archive.is_remote:
            edition = Edition(size=known.size, tag=known.tag) if known else None
            with self._ranges().open(archive.location, start=position, edition=edition) as remote:
                yield remote, remote.edition
            return
        with Path(archive.location).open("rb") as file:
            file.seek(position)
            yield file, _edition(archive)


def _batches(records: Iterable[Selected]) -> Iterator[list[Selected]]:
    batch: list[Selected] = []
    size = pages = 0
    for record in records:
        batch.append(record)
        if isinstance(record.found, Capture):
            size, pages = size + len(record.found.page.body), pages + 1
        span = record.offset + record.length - batch[0].offset
        if size >= BATCH_BYTES or span >= BATCH_SPAN or pages >= BATCH_PAGES:
            yield batch
            batch, size, pages = [], 0, 0
    if batch:
        yield batch


def _edition(archive: Archive) -> Edition:
    about = Path(archive.location).stat()
    return Edition(size=about.st_size, tag=str(about.st_mtime_ns))


def _is_same(archive: Archive, known: Holding) -> bool:
    """A file on the web is compared when it is asked for."""
    return archive.is_remote or _edition(archive) == Edition(size=known.size, tag=known.tag)


def _told(holding: Holding) -> str:
    return " ".join(f"{name}={count}" for name, count in sorted(holding.counts.items()))


def _log(archive: Archive, holding: Holding) -> None:
    whole = f"{holding.size / 1e6:,.0f}" if holding.size else "?"
    log.info("reading archive=%s MB=%.0f of %s %s", archive.location, holding.position / 1e6, whole, _told(holding))
