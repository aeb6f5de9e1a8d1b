"""One partition: read it, or replace it whole. The only place that writes into store/."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from pathlib import Path, PurePath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wirecopy.errors import StoreError
from wirecopy.log import get_log
from wirecopy.schedule import Interval
from wirecopy.store.files.again import again_on_conflict
from wirecopy.store.files.columns import SORT_KEYS
from wirecopy.store.files.files import Over, Version
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.present import require_present
from wirecopy.store.files.schema import TABLES

log = get_log(__name__)

ROW_GROUP = 20_000  # rows: most days are one group, and a filter on a large day reads little
BLOOM_COLUMNS = ("article_id", "url")  # point lookups 6–8x faster
DENSE_COLUMNS = frozenset(("tokens",))  # of sketches, which every run reads and rewrites: lz4 halves what that costs
REBUILDABLE = frozenset(("matches", "clusters", "sketches"))  # computed from articles: again when damaged
READERS = 8  # files of a bucket that are read at a time
FOOTER = "wirecopy."  # prefix of our footer keys


def read_partition(layout: Layout, table: str, day: date, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of one file, shape (n, columns) in stored order; no file → no rows, same schema. Raises StoreError.

    The file is opened once, so that a replacement in the same moment cannot mix two versions. Checksums of its pages
    are verified: damaged rows must not be merged into a file that looks whole.
    """
    return again_on_conflict(layout, partial(_read_partition, layout, table, day, columns))


def _read_partition(layout: Layout, table: str, day: date, columns: Sequence[str] | None) -> pa.Table:
    path = layout.partition(table, day)
    try:
        with layout.files.parquet(path, whole=not columns) as file:
            return file.read(columns=list(columns) if columns else None)
    except FileNotFoundError:
        return _no_rows(table, columns)
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, error) from error


def read_near(
    layout: Layout, table: str, day: date, columns: Sequence[str], instants: Sequence[str], interval: Interval
) -> pa.Table:
    """`read_partition`, of a file whose footer does not rule out that one of the columns *instants* has a value inside
    *interval*; of others no rows. A footer costs a fifth of what a few columns do.
    """

    def read() -> pa.Table:
        with open_partition(layout, table, day) as file:
            return file.read(columns) if file and file.may_hold(instants, interval) else _no_rows(table, columns)

    return again_on_conflict(layout, read)


def read_days(
    layout: Layout,
    table: str,
    days: Iterable[date],
    columns: Sequence[str],
    near: tuple[Sequence[str], Interval] | None = None,
) -> Iterator[tuple[date, pa.Table]]:
    """`read_partition` of several dates, in their order; on a bucket several at a time, as each is mostly waiting.
    With *near*, columns of instants and an interval: `read_near`.
    """
    read = partial(_of_day, layout, table, columns, near)
    if layout.beside is None:
        yield from map(read, days)
        return
    with ThreadPoolExecutor(READERS) as pool:
        yield from pool.map(read, days)


def _of_day(
    layout: Layout, table: str, columns: Sequence[str], near: tuple[Sequence[str], Interval] | None, day: date
) -> tuple[date, pa.Table]:
    if near:
        return day, read_near(layout, table, day, columns, *near)
    return day, read_partition(layout, table, day, columns)


@dataclass(frozen=True, slots=True)
class Base:
    """What a successor is made from: the rows of a file, and the version that it may replace."""

    rows: pa.Table
    version: Version | None  # None: there is no file


def read_base(layout: Layout, table: str, day: date) -> Base:
    """`read_partition`, to be replaced. The version is looked at first, so that younger rows end in a conflict."""
    version = layout.files.head(layout.partition(table, day))
    return Base(read_partition(layout, table, day), version)


def read_rebuildable(layout: Layout, table: str, day: date, columns: Sequence[str] | None = None) -> pa.Table:
    """`read_partition` of a table of REBUILDABLE that is to be computed again: an unreadable file has no rows."""
    assert table in REBUILDABLE, f"{table} follows from no other table"
    try:
        return read_partition(layout, table, day, columns)
    except StoreError as error:
        log.warning("it is computed anew: %s", error)
        return _no_rows(table, columns)


def rebuildable_base(layout: Layout, table: str, day: date) -> Base:
    """`read_rebuildable`, to be replaced, as `read_base`."""
    version = layout.files.head(layout.partition(table, day))
    return Base(read_rebuildable(layout, table, day), version)


def _no_rows(table: str, columns: Sequence[str] | None) -> pa.Table:
    schema = TABLES[table]
    return (pa.schema([schema.field(name) for name in columns]) if columns else schema).empty_table()


@contextmanager
def open_partition(layout: Layout, table: str, day: date, *, whole: bool = False) -> Iterator[OpenPartition | None]:
    """One file, to read columns and footer of one and the same version; None if there is none. Raises StoreError, also
    for damage that is found while it is read; *whole*: never StoreConflict, as `Files.parquet` says.
    """
    path = layout.partition(table, day)
    try:
        file = layout.files.parquet(path, whole=whole)
    except FileNotFoundError:
        yield None
        return
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, error) from error
    with file:
        yield OpenPartition(path, file)


class OpenPartition:
    """A file of the store, opened."""

    def __init__(self, path: PurePath, file: pq.ParquetFile) -> None:
        self._path, self._file = path, file

    def footer(self) -> dict[str, str]:
        """Our keys, without prefix."""
        return dict(_footer_of(self._file.schema_arrow))

    def may_hold(self, columns: Sequence[str], interval: Interval) -> bool:
        """Whether a value of one of these columns of instants may lie inside *interval*, by the file's statistics."""
        metadata = self._file.metadata
        places = [metadata.schema.names.index(name) for name in columns]
        groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
        return any(_may_hold(group.column(place).statistics, interval) for group in groups for place in places)

    def schema(self) -> pa.Schema:
        """Its columns and their types."""
        return self._file.schema_arrow

    def read(self, columns: Sequence[str]) -> pa.Table:
        """All rows of *columns*."""
        with reading(self._path):
            return self._file.read(columns=list(columns))

    def batches(self, columns: Sequence[str], rows: int, *, threads: bool = True) -> Iterator[pa.RecordBatch]:
        """All rows of *columns*, at most *rows* at a time. Few at a time are read sooner, and in half the CPU, without
        threads.
        """
        with reading(self._path):
            yield from self._file.iter_batches(batch_size=rows, columns=list(columns), use_threads=threads)

    def of_articles(self, ids: Collection[str], columns: Sequence[str]) -> Iterator[pa.Table]:
        """*columns* of the rows of these articles, `rows_among`."""
        with reading(self._path):
            yield from rows_among(self._file, "article_id", ids, columns)


def _may_hold(statistics: Any, interval: Interval) -> bool:
    """A column without a value has no bounds."""
    if statistics is None:
        return True
    if not statistics.has_min_max:
        return bool(statistics.num_values)
    return bool(statistics.min < interval.end and statistics.max >= interval.start)


@contextmanager
def reading(path: PurePath) -> Iterator[None]:
    """Arrow's errors of a damaged file become a StoreError that names it and the next step."""
    try:
        yield
    except pa.ArrowException as error:
        raise _unreadable(path, error) from error
    except OSError as error:
        if isinstance(error, FileNotFoundError) or error.errno is not None:  # not an error of a decoder
            raise
        raise _unreadable(path, error) from error


def rows_among(
    file: pq.ParquetFile, name: str, wanted: Collection[str], columns: Sequence[str] | None = None
) -> Iterator[pa.Table]:
    """The rows of *file* whose value of column *name* (one of *columns*) is in *wanted*, in stored order.

    One row group at a time is in memory; of a group without a hit only that column is read.
    """
    among = pa.array(sorted(wanted), pa.string())
    for group in range(file.num_row_groups):
        if pc.any(pc.is_in(file.read_row_group(group, columns=[name])[name], among)).as_py():
            rows = file.read_row_group(group, columns=list(columns) if columns else None)
            yield rows.filter(pc.is_in(rows[name], among))


def _unreadable(path: PurePath, error: Exception) -> StoreError:
    table, day = path.parts[-3], path.parent.name.removeprefix("date=")
    return StoreError(f"{path} cannot be read ({error}). {repair_of(table, day)}")


def repair_of(table: str, day: str) -> str:
    """The next step for the file of *table* and the ISO date *day* if it is damaged."""
    away = "Move it out of the store"
    if table in REBUILDABLE:
        return f"{away} and run `wirecopy rededup --from {day} --to {day} --again`: it is computed anew."
    if table in ("articles", "revisions"):
        return (
            f"Restore it from a backup, or {away.lower()} and run `wirecopy store check`: it names the days to run "
            "again, which takes what was lost from raw/ or from the sites."
        )
    return f"Restore it from a backup, or {away.lower()}: what it told of past runs is lost then, no article is."


def read_footer(layout: Layout, table: str, day: date) -> dict[str, str]:
    """Our keys of the file's footer, without prefix; no file, or a damaged one of REBUILDABLE → empty."""
    return footer_of(layout, table, layout.files.head(layout.partition(table, day)))


def footer_of(layout: Layout, table: str, version: Version | None) -> dict[str, str]:
    """`read_footer` of a version that was listed.

    Cached per version of the file, because the search for out-of-date dates reads all footers after each computed date.
    """
    try:
        return dict(again_on_conflict(layout, partial(_footer, layout, version))) if version else {}
    except FileNotFoundError:
        return {}
    except (pa.ArrowException, OSError) as error:
        assert version is not None
        if table not in REBUILDABLE:
            raise _unreadable(version.path, error) from error
        log.warning("%s cannot be read (%s): it counts as out of date", version.path, error)
        return {}


def highest_value(layout: Layout, table: str, day: date, column: str) -> int | None:
    """The highest number in a column, from the statistics in the file's footer; None without a row (or a file).

    Read once per version of the file, as `read_footer` does.
    """
    path = layout.partition(table, day)
    try:
        version = layout.files.head(path)
        return again_on_conflict(layout, partial(_highest, layout, version, column)) if version else None
    except FileNotFoundError:
        return None
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, error) from error


@lru_cache(maxsize=4096)
def _highest(layout: Layout, version: Version, column: str) -> int | None:
    with layout.files.parquet(version.path) as file:
        metadata = file.metadata
    index = metadata.schema.names.index(column)
    statistics = (metadata.row_group(number).column(index).statistics for number in range(metadata.num_row_groups))
    highest: list[int] = [one.max for one in statistics if one is not None and one.has_min_max]  # type: ignore[misc]
    return max(highest, default=None)


@lru_cache(maxsize=4096)
def _footer(layout: Layout, version: Version) -> tuple[tuple[str, str], ...]:
    with layout.files.parquet(version.path) as file:
        return _footer_of(file.schema_arrow)


def _footer_of(schema: pa.Schema) -> tuple[tuple[str, str], ...]:
    prefix = FOOTER.encode()
    metadata = (schema.metadata or {}).items()
    return tuple(
        (key.removeprefix(prefix).decode(), value.decode()) for key, value in metadata if key.startswith(prefix)
    )


def replace_partition(
    layout: Layout,
    table: str,
    day: date,
    rows: pa.Table,
    footer: Mapping[str, str] | None = None,
    *,
    over: Over = "any",
) -> None:
    """Write *rows* as the one file of (table, day): staged, fsynced, then renamed over the old one.

    A reader sees the old file or the new one, whole, at any moment, also after kill -9 or power loss. Raises StoreError
    if the other files of the table have other columns.
    """
    require_present(layout, table)
    rewrite_partition(layout, table, day, rows, footer, over=over)


def rewrite_partition(
    layout: Layout,
    table: str,
    day: date,
    rows: pa.Table,
    footer: Mapping[str, str] | None = None,
    *,
    over: Over = "any",
) -> None:
    """`replace_partition` for a migration: whatever columns the other files of the table have."""
    schema = TABLES[table]
    keys = {f"{FOOTER}{name}": value for name, value in (footer or {}).items()}
    ordered = sort_rows(table, rows.select(schema.names).cast(schema))
    ordered = ordered.replace_schema_metadata(
        {**{k.decode(): v.decode() for k, v in (schema.metadata or {}).items()}, **keys}
    )
    with layout.files.replacing(layout.partition(table, day), over=over) as staged:
        _write(ordered, staged)


def sort_rows(table: str, rows: pa.Table) -> pa.Table:
    """*rows* in the order of the store, null last."""
    return rows.sort_by([(name, "ascending") for name in SORT_KEYS[table]])


def values(rows: pa.Table, column: str) -> list[Any]:
    """A column as Python objects."""
    return rows[column].to_pylist()


def with_ids(rows: pa.Table, ids: Collection[str]) -> pa.Table:
    """The *rows* of these articles."""
    return rows.filter(pc.is_in(rows["article_id"], pa.array(sorted(ids), pa.string())))


def rows_hash(rows: pa.Table) -> str:
    """32 hex digits over every value of *rows* (no list columns), in order. Equal tables have equal hashes, however
    they are chunked.

    Values are hashed as strings, and null as a string that no value has, because the buffer under a null may hold
    anything.
    """
    state = hashlib.blake2b(digest_size=16)
    for column in rows.columns:
        texts: Any = pc.fill_null(pc.cast(column, pa.string()), pa.scalar("\0null"))
        batch = pa.record_batch([texts.combine_chunks()], names=["value"])
        state.update(batch.serialize())
    return state.hexdigest()


def _write(rows: pa.Table, path: Path) -> None:
    names = rows.schema.names
    bloom = {name: {"ndv": max(rows.num_rows, 1)} for name in BLOOM_COLUMNS if name in names}
    codec: Any = {"compression": "zstd", "compression_level": 3}
    if not DENSE_COLUMNS.isdisjoint(names):  # column by column, which a table without nested columns allows
        dense = {name: name in DENSE_COLUMNS for name in names}
        codec["compression"] = {name: "lz4" if dense[name] else "zstd" for name in names}
        codec["compression_level"] = {name: 3 for name in names if not dense[name]}
    pq.write_table(
        rows,
        path,
        row_group_size=ROW_GROUP,
        store_schema=True,
        bloom_filter_options=bloom or None,
        write_page_checksum=True,
        **codec,
    )
