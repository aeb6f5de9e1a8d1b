"""One commit into a store of a year: `python -m bench.upsert [--articles 2000] [--dates 60] [--new 100]`."""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from bench.articles import a_row, commit
from ingest.records import digest
from wirecopy.store.articles.homes import READ_AT_ONCE
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import read_partition, replace_partition

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
        _fill(layout, arguments.dates, arguments.articles)
        print(f"{arguments.dates} dates of {arguments.articles:,} articles")
        commits = 2 + arguments.dates // (READ_AT_ONCE - 1)  # until the homes are learnt; each also reads the last date
        seconds = [_commit(layout, arguments.dates - 1, which, arguments.new) for which in range(commits)]
    print(f"{arguments.new} new articles into the last date: {seconds[0]:.2f} CPU s the first time, when state/ is new")
    print(f"{seconds[-1]:.2f} CPU s once the homes of all articles are known")


def _commit(layout: Layout, day: int, which: int, new: int) -> float:
    """CPU seconds of a commit of *new* articles."""
    rows = [_row(day, f"{which}/{number}") for number in range(new)]
    began = time.process_time()
    commit(layout, rows, START)
    return time.process_time() - began


def _fill(layout: Layout, dates: int, articles: int) -> None:
    """The same articles on every date, but for ids and addresses: a commit each would take an hour."""
    commit(layout, [_row(0, str(number)) for number in range(articles)], START)
    rows = read_partition(layout, "articles", START.date())
    for day in range(1, dates):
        for name, column in (("article_id", 0), ("url", 1)):
            place = rows.schema.get_field_index(name)
            values = pa.array([digest(f"{day}/{number}/{column}") for number in range(articles)])
            rows = rows.set_column(place, rows.schema.field(name), values)
        replace_partition(layout, "articles", START.date() + timedelta(days=day), rows)


def _row(day: int, number: str) -> dict[str, Any]:
    name = f"{day}/{number}"
    text = f"{digest(name)} " * 100  # about 3.3 kB
    return a_row(name, START + timedelta(days=day), text=text, word_count=100, interval_start=START)


if __name__ == "__main__":
    main()
