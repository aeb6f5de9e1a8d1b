"""One commit into a store of a year: `python -m bench.upsert [--articles 2000] [--dates 60] [--new 100]`."""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.articles import a_row, commit
from ingest.records import digest
from wirecopy.store.files.layout import Layout

START = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    """Fill dates, then time one more commit of new articles into the last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=2_000, help="per date")
    parser.add_argument("--dates", type=int, default=60)
    parser.add_argument("--new", type=int, default=100)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        layout = Layout(Path(folder)).make()
        began = time.process_time()
        for day in range(arguments.dates):
            commit(layout, [_row(day, number) for number in range(arguments.articles)], START)
        filled = time.process_time()
        last = range(arguments.articles, arguments.articles + arguments.new)
        commit(layout, [_row(arguments.dates - 1, number) for number in last], START)
        done = time.process_time()
    print(f"{arguments.dates} dates of {arguments.articles:,} articles: {filled - began:.1f} CPU s to fill")
    print(f"{arguments.new} new articles into the last date: {done - filled:.2f} CPU s")


def _row(day: int, number: int) -> dict[str, Any]:
    name = f"{day}/{number}"
    text = f"{digest(name)} " * 100  # about 3.3 kB
    return a_row(
        name, START + timedelta(days=day, seconds=number), text=text, word_count=100, interval_start=START
    )  # fmt: skip


if __name__ == "__main__":
    main()
