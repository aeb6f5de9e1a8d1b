"""`python -m bench.ingest`: many feeds and pages of a farm on loopback, fetched, extracted and stored.

First the fetcher alone, then the steps of a live run, then bare trafilatura with metadata on the same bytes. CPU
seconds are those of the processes named; the farm's server is a process of its own and not counted.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench.farm import farm
from bench.ingest import measures
from bench.ingest.corpus import load
from bench.markdown import table

NEWEST = datetime(2026, 11, 25, tzinfo=UTC)


def main() -> None:
    """Print the table of results."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.ingest", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--entries", type=int, default=25, help="of each feed")
    asked = parser.parse_args()
    pages = asked.feeds * asked.entries
    corpus = load(NEWEST)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with farm(
            feeds=asked.feeds, entries=asked.entries, days=1, newest=NEWEST, folder=folder, real=bool(corpus)
        ) as served:
            fetched = measures.fetch(
                [served.page_url(feed, entry) for entry in range(asked.entries) for feed in range(asked.feeds)]
            )
            whole = measures.live_run(served.feeds, folder / "data", NEWEST)
        bodies = corpus or [measures.made_up(number) for number in range(1_000)]
        bare = measures.trafilatura([bodies[number % len(bodies)] for number in range(pages)])
    print(
        f"{asked.feeds:,} feeds, {pages:,} pages of {len(set(bodies)):,} {'real' if corpus else 'made-up'} ones "
        f"({sum(map(len, bodies)) / len(bodies) / 1024:.0f} kB each), {os.cpu_count()} cores\n"
    )
    head = ("what", "pages", "CPU s", "wall s", "pages per CPU s")
    rows = {"fetch": fetched, "fetch, extract, store": whole, "bare trafilatura with metadata": bare}
    print(table(head, [(what, *one.cells()) for what, one in rows.items()]))
    print(f"\nend to end against bare trafilatura: {whole.rate / bare.rate:.0%}")
    print(f"outcomes: {', '.join(f'{code} {count:,}' for code, count in whole.outcomes.items())}")
    print("memory of all our processes, MB, at each tenth of the run: " + " ".join(f"{mb:,.0f}" for mb in whole.memory))


if __name__ == "__main__":
    main()
