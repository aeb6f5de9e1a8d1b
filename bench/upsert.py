"""One commit into a store of a year: `python bench/upsert.py [--articles 2000] [--dates 60] [--new 100]`."""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ingest.records import digest
from wirecopy.store.commit import commit_articles, committing, finish
from wirecopy.store.layout import Layout
from wirecopy.store.schema import ARTICLES

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
            _commit(layout, [_row(day, number) for number in range(arguments.articles)])
        filled = time.process_time()
        _commit(layout, [_row(arguments.dates - 1, arguments.articles + number) for number in range(arguments.new)])
        done = time.process_time()
    print(f"{arguments.dates} dates of {arguments.articles:,} articles: {filled - began:.1f} CPU s to fill")
    print(f"{arguments.new} new articles into the last date: {done - filled:.2f} CPU s")


def _commit(layout: Layout, rows: list[dict[str, Any]]) -> None:
    with committing(layout):
        committed = commit_articles(layout, rows, now=START)
        finish(layout, committed.seq)


def _row(day: int, number: int) -> dict[str, Any]:
    at = START + timedelta(days=day, seconds=number)
    name = digest(f"{day}/{number}")
    row: dict[str, Any] = dict.fromkeys(ARTICLES.names)
    return row | {
        "article_id": name,
        "entry_key": name,
        "url": f"https://{name}.example/{number}",
        "canonical_url": f"https://{name}.example/{number}",
        "published_at": at,
        "first_seen_at": at,
        "fetched_at": at,
        "last_fetched_at": at,
        "text": f"{name} " * 100,  # about 3.3 kB
        "content_hash": name,
        "extractor_version": "bench",
        "fetch_id": name,
        "run_id": "bench",
        "interval_start": START,
        "authors": [],
        "tags": [],
        "revision": 0,
        "word_count": 100,
    }


if __name__ == "__main__":
    main()
