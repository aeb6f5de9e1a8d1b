"""What the archives that were read so far hold of each feed's sites: for `wirecopy feeds check`. It asks nobody."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from ingest.feedlist.feedlist import FeedList
from ingest.records import Feed
from ingest.text.secrets import hide_secrets
from ingest.text.urls import host_of, registered_domain
from wirecopy.history.warc.sites import Sites
from wirecopy.records import FoundPlace
from wirecopy.settings import Settings
from wirecopy.store.files.layout import Layout
from wirecopy.store.warc.holdings import Holdings


@dataclass(slots=True, kw_only=True)
class _Known:
    """The pages of one domain in the index."""

    pages: int = 0
    first: date | None = None  # of their captures, UTC
    last: date | None = None


class KnownArchives:
    """The index of all files that were read, counted once for all feeds."""

    def __init__(self, settings: Settings, layout: Layout, feed_list: FeedList) -> None:
        self._sites, self._archives = Sites(feed_list), settings.warc
        self._files = 0
        self._known: dict[str, _Known] = {}
        self._read(Holdings(layout))

    def place(self, feed: Feed) -> FoundPlace | None:
        """What they hold of *feed*; None if no archive is set, or the feed wants none."""
        if not self._archives or feed not in self._sites.feeds:
            return None
        domains = sorted({registered_domain(host_of(feed.url)), *self._sites.domains_of(feed)})
        known = [self._known[one] for one in domains if one in self._known]
        first = min((one.first for one in known if one.first), default=None)
        return {
            "source": "warc",
            "url": ", ".join(map(hide_secrets, self._archives)),
            "reaches": first.isoformat() if first else None,
            "section": [],
            "why": self._told(known, domains),
        }

    def _read(self, holdings: Holdings) -> None:
        for location in holdings.locations():
            self._files += 1
            rows = holdings.of_domains(location, self._sites.domains)
            for row in rows.select(["domain", "captured_at"]).to_pylist():
                one = self._known.setdefault(row["domain"], _Known())
                one.pages += 1
                if row["captured_at"]:
                    day = row["captured_at"].date()
                    one.first, one.last = min(one.first or day, day), max(one.last or day, day)

    def _told(self, known: Collection[_Known], domains: Collection[str]) -> str:
        if not self._files:
            return "no file was read yet: a backfill reads those that may hold its days"
        read = f"of {self._files} file{'s' * (self._files > 1)} read so far"
        if not known:
            return f"{read}, none has a page of {' or '.join(domains)}"
        days = [day for one in known for day in (one.first, one.last) if day]
        captured = f", captured {min(days)} … {max(days)}" if days else ""
        return f"{read}: {sum(one.pages for one in known):,} pages of {', '.join(domains)}{captured}"
