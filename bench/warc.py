"""`python -m bench.warc`: a file in CC-NEWS's layout read by site, resumed, read again, and filled up by ranges.

Pages are those on loan (../shared/data) where they are, else generated ones of the same size, which pack better.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final

from fastwarc.warc import ArchiveIterator, WarcRecordType

from bench.extraction.sets import ON_LOAN
from bench.pages import Pages
from ingest.feedlist.feedlist import FeedList
from ingest.fetch.ranges import Ranges
from ingest.options import FetchOptions
from ingest.records import Feed
from tests.wirecopy.warc.ccnews import Shot, write_ccnews
from wirecopy.history.warc.collecting import Collector
from wirecopy.history.warc.lists import Archive
from wirecopy.history.warc.sites import Sites
from wirecopy.store.files.layout import Layout
from wirecopy.store.warc.reading import Terms

PAGES: Final = 5_600  # a quarter of a file of CC-NEWS
HOSTS: Final = 2_000
WANTED: Final = 20  # 1 % of the hosts, as 10,000 of a day's 380,000 articles would be
DAY: Final = datetime(2026, 10, 15, tzinfo=UTC)


def main() -> int:
    """Print one line per measurement."""
    with tempfile.TemporaryDirectory() as folder:
        path = write_ccnews(Path(folder) / "CC-NEWS-20261015000000-00001.warc.gz", _shots())
        size = path.stat().st_size / 1e6
        print(f"{PAGES:,} pages of {HOSTS:,} sites, {size:,.0f} MB")
        _say("fastwarc alone, every record", size, lambda: _bare(path))
        warm = write_ccnews(Path(folder) / "warm.warc.gz", islice(_shots(), 20))
        _collect(Layout(Path(folder) / "warm").make(), _sites(HOSTS), warm)  # loads the libraries
        layout = Layout(Path(folder) / "data").make()
        few, more = _sites(WANTED), _sites(2 * WANTED)
        _say(f"wirecopy, {WANTED} sites: raw/, index, offsets", size, lambda: _collect(layout, few, path))
        _say("the same again", size, lambda: _collect(layout, few, path))
        _say(f"{WANTED} more sites, by ranges", size, lambda: _collect(layout, more, path))
        _say(
            "all sites, without the index",
            size,
            lambda: _collect(Layout(Path(folder) / "all").make(), _sites(HOSTS), path),
        )
    return 0


def _say(what: str, size: float, work: Callable[[], object]) -> None:
    started = time.process_time()
    result = work()
    cpu = time.process_time() - started
    print(f"{what:<44} {cpu:7.2f} CPU s  {size / cpu:8.0f} MB (gz) per CPU s  {result}", flush=True)


def _bare(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in ArchiveIterator(file, parse_http=False, record_types=WarcRecordType.response))


def _sites(count: int) -> Sites:
    feeds = (Feed(id=f"f{n}", url=f"https://site{n}.example/feed") for n in range(count))
    return Sites(FeedList(tuple(feeds)))


def _collect(layout: Layout, sites: Sites, path: Path) -> str:
    terms = Terms(page_bytes=5_000_000, feed_bytes=10_000_000, now=DAY + timedelta(days=30))
    with Ranges(FetchOptions()) as ranges:
        collector = Collector(layout, terms, sites, lambda: ranges, now=terms.now)
        holding = collector.collect(Archive(location=str(path)), start=DAY)
    assert holding
    return f"{holding.records} records, {dict(holding.counts)}"


def _shots() -> Iterator[Shot]:
    chance = random.Random(1)
    pages = Pages.on_loan(ON_LOAN, DAY.date())
    for number in range(PAGES):
        url = f"https://www.site{chance.randrange(HOSTS)}.example/2026/10/{number}"
        yield Shot(url, pages.body(number).decode("utf-8", "replace"), DAY + timedelta(seconds=number))


if __name__ == "__main__":
    sys.exit(main())
