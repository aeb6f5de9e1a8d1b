"""Any collection of texts in, matches and clusters out: the files of `wirecopy cluster`."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dedupe.records import ArticleText, ClusterRow, Match
from wirecopy.errors import UsageError
from wirecopy.schedule import parse_instant
from wirecopy.store.rows import match_row
from wirecopy.store.schema import CLUSTERS, MATCHES

OPTIONAL = ("publisher", "published_at", "title", "language", "agency")
COLUMNS = ("id", "text", *OPTIONAL)
COLLECTION_MATCHES = pa.schema(
    [field for field in MATCHES if field.name not in ("left_date", "right_date")]
).with_metadata(MATCHES.metadata)


def read_collection(path: Path) -> list[ArticleText]:
    """The articles of a .jsonl, .ndjson or .parquet file with the columns id and text, and optionally those of
    OPTIONAL.

    If every article has a published_at, articles more than seven days apart are not compared; else all is one context.
    Raises UsageError naming the file, the row and what to do.
    """
    rows = list(_rows(path))
    if not rows:
        raise UsageError(f"{path} has no rows.")
    seen: dict[str, int] = {}
    articles = [_article(path, number, row) for number, row in enumerate(rows, 1)]
    for number, article in enumerate(articles, 1):
        if article.id in seen:
            raise UsageError(
                f"{path}: rows {seen[article.id]} and {number} have the same id {article.id!r}. Ids must differ."
            )
        seen[article.id] = number
    return (
        articles if all(article.published_at for article in articles) else [_undated(article) for article in articles]
    )


def write_result(folder: Path, matches: Iterable[Match], clusters: Iterable[ClusterRow]) -> tuple[Path, Path]:
    """Write matches.parquet and clusters.parquet into *folder*, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    nowhere: dict[str, date] = {}
    found = [match_row(match, nowhere) for match in matches]
    standing = [{name: getattr(row, name) for name in CLUSTERS.names} for row in clusters]
    return (
        _write(folder / "matches.parquet", pa.Table.from_pylist(found, schema=COLLECTION_MATCHES)),
        _write(folder / "clusters.parquet", pa.Table.from_pylist(standing, schema=CLUSTERS)),
    )


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        raise UsageError(f"{path} is not a file.")
    if path.suffix == ".parquet":
        yield from _parquet_rows(path)
    elif path.suffix in (".jsonl", ".ndjson"):
        yield from _json_rows(path)
    else:
        raise UsageError(f"{path}: only .jsonl, .ndjson and .parquet are read. Rename or convert it.")


def _parquet_rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        reader = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise UsageError(f"{path} is no parquet file ({error}).") from error
    names = [name for name in COLUMNS if name in reader.schema_arrow.names]
    for batch in reader.iter_batches(batch_size=10_000, columns=names):
        yield from batch.to_pylist()


def _json_rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise UsageError(f"{path}:{number} is no JSON ({error}). Each line must be one object.") from error
            if not isinstance(row, dict):
                raise UsageError(f'{path}:{number} is no object. Each line must look like {{"id": …, "text": …}}.')
            yield row


def _article(path: Path, number: int, row: dict[str, Any]) -> ArticleText:
    missing = [name for name in ("id", "text") if row.get(name) is None]
    if missing:
        raise UsageError(
            f"{path}: row {number} has no {' and no '.join(missing)}. "
            f"Needed: id, text; optional: {', '.join(OPTIONAL)}."
        )
    if not isinstance(row["text"], str):
        raise UsageError(f"{path}: text of row {number} is {type(row['text']).__name__}, not a string.")
    published = _instant(path, number, row.get("published_at"))
    texts = {name: None if row.get(name) is None else str(row[name]) for name in OPTIONAL if name != "published_at"}
    return ArticleText(
        id=str(row["id"]),
        text=row["text"],
        published_at=published,
        date=published.date() if published else None,
        **texts,
    )


def _instant(path: Path, number: int, value: object) -> datetime | None:
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    try:
        return parse_instant(str(value))
    except UsageError as error:
        raise UsageError(f"{path}: published_at of row {number}: {error}") from error


def _undated(article: ArticleText) -> ArticleText:
    return replace(article, date=None)


def _write(path: Path, table: pa.Table) -> Path:
    staged = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        pq.write_table(table, staged, compression="zstd")
        os.replace(staged, path)
    finally:
        staged.unlink(missing_ok=True)
    return path
