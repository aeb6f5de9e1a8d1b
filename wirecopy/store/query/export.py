"""One table or view of the store as one file: for other tools, and for people who want a spreadsheet.

Not with DuckDB's COPY: the store's connection may write nowhere, and COPY would give other CSV (lists and bytes in
DuckDB's own spelling) and other JSON (times that are no ISO 8601). Parquet would be the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.csv as csv_file
import pyarrow.parquet as pq

from wirecopy.errors import UsageError
from wirecopy.progress import Progress
from wirecopy.store.files.columns import COLUMNS
from wirecopy.store.files.layout import Layout
from wirecopy.store.query.read import Limits, connect
from wirecopy.store.query.views import VIEWS
from wirecopy.userfiles import replacing

if TYPE_CHECKING:
    from collections.abc import Callable

BATCH_ROWS: Final = 10_000


def export(
    layout: Layout,
    name: str,
    path: Path,
    *,
    first: date | None = None,
    last: date | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> int:
    """Write the table or view *name*, or its dates *first* to *last*, to *path*; returns the number of rows.

    The suffix says the form. The file is there whole or not at all, and memory holds one batch.
    Raises UsageError if the name, the suffix, the dates or the folder are no good, StoreError without a store.
    """
    if name not in (*COLUMNS, *VIEWS):
        raise UsageError(f"{name!r} is no table or view. There are: {', '.join([*COLUMNS, *VIEWS])}.")
    if path.suffix not in WRITERS:
        raise UsageError(f"{path}: the suffix says the form; give one of {', '.join(WRITERS)}.")
    layout.require(layout.store)
    with closing(connect(layout, limits)) as connection:
        found = connection.sql(f"FROM {name}")  # one of our own names
        if first or last:
            if "date" not in found.columns:
                raise UsageError(f"{name} has no dates. Leave out --from and --to.")
            found = found.filter(f"date BETWEEN '{first or date.min}' AND '{last or date.max}'")
        total = found.count("*").fetchall()[0][0] if name in COLUMNS else 0  # to count a view is to compute it
        reader = _told(found.to_arrow_reader(BATCH_ROWS), f"rows of {name}", total, progress)
        with whole(path) as staged:
            return WRITERS[path.suffix](reader, staged)


def _told(reader: pa.RecordBatchReader, what: str, total: int, progress: Progress | None) -> pa.RecordBatchReader:
    """*reader*, whose rows are told as they are taken."""

    def batches() -> Iterator[pa.RecordBatch]:
        done = 0
        for batch in reader:
            yield batch
            done += batch.num_rows
            if progress is not None:
                progress(what, done, total)

    return pa.RecordBatchReader.from_batches(reader.schema, batches())


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A path beside *path* that takes its place if the block ends well."""
    try:
        with replacing(path) as staged:
            yield staged
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written ({error.strerror}). Name a file in a folder that exists."
        ) from error


def _parquet(reader: pa.RecordBatchReader, path: Path) -> int:
    rows = 0
    with pq.ParquetWriter(path, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _csv(reader: pa.RecordBatchReader, path: Path) -> int:
    """Lists and bytes have no form in CSV: lists as JSON, bytes in hex."""
    fields = [field.with_type(_flat_type(field.type)) for field in reader.schema]
    schema = pa.schema(fields)
    rows = 0
    with csv_file.CSVWriter(path, schema) as writer:
        for batch in reader:
            columns = [_flat(column, field.type) for column, field in zip(batch.columns, fields, strict=True)]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
            rows += batch.num_rows
    return rows


def _flat_type(kind: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_list(kind) or pa.types.is_binary(kind) else kind


def _flat(column: pa.Array[Any], kind: pa.DataType) -> pa.Array[Any]:
    if column.type == kind:
        return column
    return pa.array([None if value is None else _text(value) for value in column.to_pylist()], pa.string())


def _text(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False)


def _jsonl(reader: pa.RecordBatchReader, path: Path) -> int:
    rows = 0
    with path.open("w", encoding="utf-8") as file:
        for batch in reader:
            for row in batch.to_pylist():
                file.write(json.dumps(row, ensure_ascii=False, default=_plain) + "\n")
            rows += batch.num_rows
    return rows


def _plain(value: Any) -> str:
    """Times and dates in ISO form, bytes in hex."""
    return value.hex() if isinstance(value, bytes) else str(value.isoformat())


WRITERS: Final[dict[str, Callable[[pa.RecordBatchReader, Path], int]]] = {
    ".parquet": _parquet,
    ".csv": _csv,
    ".jsonl": _jsonl,
}
