"""Checks of a whole store: its files whole and of today's schema, nothing beside them, tables that fit together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.errors import StoreError
from wirecopy.progress import Progress, told
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import REBUILDABLE, read_partition, repair_of
from wirecopy.store.files.present import columns_of, require_present
from wirecopy.store.files.schema import TABLES
from wirecopy.store.query.lost import article_ids, days_of, lost_entries


def problems_of(layout: Layout, *, quick: bool = False, progress: Progress | None = None) -> Iterator[str]:
    """One sentence per problem, with the next step; nothing if the store is sound.

    *quick* reads footers and ids only; else every page of every file is read and compared with its checksum.
    """
    yield from _strangers(layout)
    yield from _old_tables(layout)
    damaged = set()
    files = [(table, day) for table in TABLES for day in layout.dates(table)]
    for table, day in told(files, "files", progress):
        for problem in _file_problems(layout, table, day, quick=quick):
            damaged.add((table, day))
            yield problem
    if any(table == "articles" for table, _ in damaged):  # else their articles would be reported as lost
        return
    comparisons = (_repeated_articles(layout), _lost_articles(layout), _orphans(layout, damaged))
    try:
        for problems in told(comparisons, "comparisons of tables", progress):
            yield from problems
    except StoreError as error:
        yield str(error)


def _strangers(layout: Layout) -> Iterator[str]:
    """Files that do not belong: a naive glob or a directory scan would read them, or fail on them."""
    known = {layout.partition(table, day) for table in TABLES for day in layout.dates(table)}
    for path in layout.files.find(layout.store, "**/*"):
        if path not in known:
            yield f"{path} is no file of the store: move it away, readers that scan folders meet it"


def _old_tables(layout: Layout) -> Iterator[str]:
    """Tables that an older version wrote, or a newer one."""
    for table in TABLES:
        try:
            require_present(layout, table)
        except StoreError as error:
            yield str(error)


def _file_problems(layout: Layout, table: str, day: date, *, quick: bool) -> Iterator[str]:
    path, schema = layout.partition(table, day), TABLES[table]
    try:
        with layout.files.parquet(path) as file:
            found = file.schema_arrow
            if not quick:
                for group in range(file.num_row_groups):
                    file.read_row_group(group)
    except FileNotFoundError:  # removed since we looked
        return
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        yield f"{path} cannot be read ({error}). {repair_of(table, day.isoformat())}"
        return
    first = columns_of(layout, table) or schema.names
    if not found.equals(schema) and set(first) == set(schema.names):  # else all files are of another version
        names = sorted(set(found.names) ^ set(schema.names)) or ["types or order of columns"]
        yield (
            f"{path} has another schema ({', '.join(names)}): readers of many files fail on it. Run "
            "`wirecopy store migrate`."
        )


def _repeated_articles(layout: Layout) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for day in layout.dates("articles"):
        column = read_partition(layout, "articles", day, ["article_id"])["article_id"]
        seen.update(str(article_id) for article_id in column.to_pylist())
    for article_id, count in seen.items():
        if count > 1:
            yield f"article {article_id} is stored {count} times: this is a bug in wirecopy, please report it"


def _lost_articles(layout: Layout) -> Iterator[str]:
    lost = lost_entries(layout)
    for first, last in _stretches(days_of(lost)):
        count = len({row["article_id"] for row in lost if first <= days_of([row])[0] <= last})
        yield (
            f"{count:,} articles that outcomes name are in no file: `wirecopy run --from {first} --to {last}` takes "
            "them again, from raw/ or from their sites"
        )


def _orphans(layout: Layout, damaged: set[tuple[str, date]]) -> Iterator[str]:
    """Rows of other tables whose articles are missing."""
    named = {
        (table, day): read_partition(layout, table, day, ["article_id"])["article_id"]
        for table in ("clusters", "sketches", "revisions")
        for day in layout.dates(table)
        if (table, day) not in damaged
    }
    ids = article_ids(layout)  # read last, because a run that writes meanwhile adds articles first
    found: dict[str, Counter[date]] = {}
    for (table, day), column in named.items():
        if count := column.filter(pc.invert(pc.is_in(column, ids))).length():
            found.setdefault(table, Counter())[day] = count
    for table, counts in found.items():
        for first, last in _stretches(counts):
            count = sum(of_day for day, of_day in counts.items() if first <= day <= last)
            what = f"{count:,} rows of {table} ({first} to {last}) name articles that are in no file"
            yield f"{what}: {_mend(table, first, last)}"


def _mend(table: str, first: date, last: date) -> str:
    if table in REBUILDABLE:
        return (
            f"when the articles are back, or if they shall not come back, `wirecopy rededup --from {first} --to {last} "
            "--again` computes these dates anew"
        )
    return "they are readable and hidden by the view revisions_shown; they fit again when the articles are back"


def _stretches(days: Iterable[date]) -> Iterator[tuple[date, date]]:
    """First and last of each stretch of days without a gap."""
    first = last = None
    for day in sorted(days):
        if last is not None and (day - last).days == 1:
            last = day
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = day
    if first is not None and last is not None:
        yield first, last
