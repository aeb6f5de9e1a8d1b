"""Checks of a whole store: every file readable and of today's schema, nothing else in the tables, each article once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from wirecopy.errors import StoreError
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import read_partition
from wirecopy.store.files.schema import TABLES


def problems_of(layout: Layout) -> Iterator[str]:
    """One sentence per problem, with the next step; nothing if the store is sound."""
    yield from _strangers(layout)
    for table, schema in TABLES.items():
        for day in layout.dates(table):
            yield from _file_problems(layout.partition(table, day), schema)
    try:
        yield from _repeated_articles(layout)
    except StoreError as error:  # named above already, but it must not hide behind it
        yield str(error)


def _strangers(layout: Layout) -> Iterator[str]:
    """Files that do not belong: a naive glob or a directory scan would read them, or fail on them."""
    known = {layout.partition(table, day) for table in TABLES for day in layout.dates(table)}
    for path in sorted(layout.store.rglob("*")):
        if path.is_file() and path not in known:
            yield f"{path} is no file of the store: move it away, readers that scan folders meet it"


def _file_problems(path: Path, schema: pa.Schema) -> Iterator[str]:
    try:
        found = pq.read_schema(path)
    except (pa.ArrowInvalid, OSError) as error:
        yield f"{path} cannot be read ({error}): restore it from a backup, or move it away and run its days again"
        return
    if not found.equals(schema):
        names = sorted(set(found.names) ^ set(schema.names)) or ["types or order of columns"]
        yield f"{path} has another schema ({', '.join(names)}): readers of many files fail on it"


def _repeated_articles(layout: Layout) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for day in layout.dates("articles"):
        column = read_partition(layout, "articles", day, ["article_id"])["article_id"]
        seen.update(str(article_id) for article_id in column.to_pylist())
    for article_id, count in seen.items():
        if count > 1:
            yield f"article {article_id} is stored {count} times: this is a bug in wirecopy, please report it"
