"""`python -m bench.ingest [--feeds 250] [--pages 5000] [--memory 20000]`: the fetcher, a live run, and memory.

Real pages are read from the folder of --data, made-up ones are served where it is absent. All parts run one after the
other in one go, against one farm: compare their CPU seconds, not the clock. bench/ingest/results.md is written at the
scale of the defaults. --only leaves out the other parts, and the file.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bench.extraction.sets import ON_LOAN
from bench.farm import farm, page_urls
from bench.ingest import report
from bench.ingest.measuring import Spent, measured
from bench.ingest.work import bare, chunks, environment, fetch_all, live_run
from bench.pages import Pages

NOW: Final = datetime(2026, 11, 25, 12, tzinfo=UTC)
PARTS: Final = ("fetch", "live", "memory")


def main() -> None:
    """Measure the requested parts and print their tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=250, help="on forty addresses")
    parser.add_argument("--pages", type=int, default=5_000)
    parser.add_argument("--memory", type=int, default=20_000, help="pages of the run whose memory is watched")
    parser.add_argument("--data", type=Path, default=ON_LOAN, help="folder of fundus/, trafilatura/ and htmldate/")
    parser.add_argument("--only", choices=PARTS, action="append")
    asked = parser.parse_args()
    parts = asked.only or PARTS
    pages = Pages.on_loan(asked.data, NOW.date())
    said = report.head(pages, asked.feeds)
    print(said, flush=True)
    for name in parts:
        found = _MEASURE[name](pages, asked.feeds, asked.memory if name == "memory" else asked.pages)
        print(found, flush=True)
        said += f"\n{found}"
    full = all(getattr(asked, name) >= parser.get_default(name) for name in ("feeds", "pages", "memory"))
    if full and not asked.only:
        report.RESULTS.write_text(said, "utf-8")


@contextmanager
def _served(pages: Pages, feeds: int, count: int) -> Iterator[list[str]]:
    """A farm of *count* pages, a fresh store, and the settings for both; yields the pages' addresses."""
    entries = count // feeds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with farm(feeds=feeds, entries=entries, days=1, newest=NOW, folder=folder, pages=pages) as path:
            os.environ |= environment(path, folder / "data", NOW)
            yield page_urls(feeds, entries)


def _fetch(pages: Pages, feeds: int, count: int) -> str:
    with _served(pages, feeds, count) as urls:
        return report.fetching(measured(fetch_all, urls), len(urls))


def _live(pages: Pages, feeds: int, count: int) -> str:
    """Half of the bare extractions before the run and half after it: the machine may change its mind meanwhile."""
    spent: dict[str, float] = {"fast": 0.0, "default": 0.0}
    halves = list(chunks(range(count // feeds * feeds), 2))
    _bare(pages, halves[0], spent)
    with _served(pages, feeds, count):
        run = measured(live_run, NOW)
    _bare(pages, halves[1], spent)
    return report.live(run, spent, sum(map(len, halves)))


def _bare(pages: Pages, numbers: Any, spent: dict[str, float]) -> None:
    for mode in spent:
        spent[mode] += bare(pages, numbers, fast=mode == "fast")


def _memory(pages: Pages, feeds: int, count: int) -> str:
    with _served(pages, feeds, count):
        run: Spent = measured(live_run, NOW)
    return report.memory(run, count // feeds * feeds)


_MEASURE: Final = {"fetch": _fetch, "live": _live, "memory": _memory}

if __name__ == "__main__":
    main()
