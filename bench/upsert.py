"""One commit into a store of a year: `python -m bench.upsert [--articles 2000] [--dates 60] [--new 100]`.

`--bucket s3://…` measures a store on a bucket, below an empty prefix of it, with the PostgreSQL of WIRECOPY_STATE_URL.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from bench.articles import a_row, commit
from ingest.records import digest
from wirecopy.store.articles.homes import READ_AT_ONCE
from wirecopy.store.files.bucket.paths import BucketPath
from wirecopy.store.files.layout import Beside, Layout
from wirecopy.store.files.partition import read_partition, replace_partition

START = datetime(2026, 1, 1, tzinfo=UTC)
_WORDS = 100  # of a text, of 33 bytes each
Row = Callable[..., dict[str, Any]]


def main() -> None:
    """Fill dates, then time one more commit of new articles into the last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=2_000, help="per date")
    parser.add_argument("--dates", type=int, default=60)
    parser.add_argument("--new", type=int, default=100)
    parser.add_argument("--real", action="store_true", help="texts that pack as badly as real ones: 14 MB per 10,000")
    parser.add_argument("--bucket", help="store_url of an empty store")
    arguments = parser.parse_args()
    row = partial(_row, words=_WORDS if arguments.real else 1)
    with tempfile.TemporaryDirectory() as folder:
        layout = _layout(Path(folder), arguments.bucket).make()
        _fill(layout, arguments.dates, arguments.articles, row)
        sizes = [version.size for version in layout.versions("articles").values()]
        print(f"{len(sizes)} dates of {arguments.articles:,} articles, {sum(sizes) / len(sizes) / 1e6:.1f} MB each")
        commits = 2 + arguments.dates // (READ_AT_ONCE - 1)  # until the homes are learnt; each also reads the last date
        if arguments.bucket:
            commits = 4  # they are learnt at once
        seconds = [_commit(layout, arguments.dates - 1, which, arguments.new, row) for which in range(commits)]
    print(f"{arguments.new} new articles into the last date: {seconds[0]:.2f} CPU s the first time, when state/ is new")
    print(f"{seconds[-1]:.2f} CPU s once the homes of all articles are known")


def _layout(folder: Path, bucket: str | None) -> Layout:
    if bucket is None:
        return Layout(folder)
    return Layout(BucketPath(bucket), Beside(database=os.environ["WIRECOPY_STATE_URL"], folder=folder))


def _commit(layout: Layout, day: int, which: int, new: int, row: Row) -> float:
    """CPU seconds of a commit of *new* articles."""
    rows = [row(day, f"{which}/{number}") for number in range(new)]
    began = time.process_time()
    commit(layout, rows, START)
    return time.process_time() - began


def _fill(layout: Layout, dates: int, articles: int, row: Row) -> None:
    """The same articles on every date, but for ids and addresses: a commit each would take an hour."""
    commit(layout, [row(0, str(number)) for number in range(articles)], START)
    rows = read_partition(layout, "articles", START.date())
    for day in range(1, dates):
        for name, column in (("article_id", 0), ("url", 1)):
            place = rows.schema.get_field_index(name)
            values = pa.array([digest(f"{day}/{number}/{column}") for number in range(articles)])
            rows = rows.set_column(place, rows.schema.field(name), values)
        replace_partition(layout, "articles", START.date() + timedelta(days=day), rows)


def _row(day: int, number: str, *, words: int) -> dict[str, Any]:
    """An article of about 3.3 kB that repeats *words* different words."""
    name = f"{day}/{number}"
    told = [digest(f"{name}/{word}") for word in range(words)]
    text = " ".join(told * (_WORDS // words))
    return a_row(name, START + timedelta(days=day), text=text, word_count=_WORDS, interval_start=START)


if __name__ == "__main__":
    main()
