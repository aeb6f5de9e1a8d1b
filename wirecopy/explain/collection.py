"""Any collection of texts in, matches and clusters out: the files of `wirecopy cluster`."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal, TextIO

import pyarrow as pa
import pyarrow.csv as csv_file
import pyarrow.parquet as pq

from dedupe.records import ArticleText, ClusterRow, Match
from wirecopy.errors import UsageError
from wirecopy.explain.textfile import no_utf8
from wirecopy.schedule import parse_instant
from wirecopy.store.files.rows import match_row
from wirecopy.store.files.schema import ARTICLES, CLUSTERS, MATCHES
from wirecopy.userfiles import replacing

OPTIONAL = ("publisher", "published_at", "title", "language", "agency")
COLUMNS = ("id", "article_id", "text", *OPTIONAL)
IDS = frozenset(("id", "article_id"))
SHOWN = 12  # columns of a file that are named in a message
SUFFIXES = (".jsonl", ".ndjson", ".parquet", ".csv", ".tsv", ".txt")
DELIMITERS = ",;\t|"  # of CSV files
LINES = "Of a JSON array, `jq -c '.[]' FILE > FILE.jsonl` makes a line of each object."
LONGEST_FIELD = 2**31 - 1  # of a CSV file, in characters; Python's own limit of 131,072 cuts long articles off
COLLECTION_MATCHES = pa.schema(
    [field for field in MATCHES if field.name not in ("left_date", "right_date")]
).with_metadata(MATCHES.metadata)
COLLECTION_CLUSTERS = pa.schema([*CLUSTERS, *(ARTICLES.field(name) for name in ("publisher", "title", "published_at"))])

Format = Literal["parquet", "csv"]
Tick = Callable[[str, int, int], None]


def read_collection(
    *paths: Path, names: Mapping[str, str] | None = None, progress: Tick | None = None
) -> list[ArticleText]:
    """The articles of files or of all files below folders: SUFFIXES, with the columns id (or article_id) and text, and
    optionally those of OPTIONAL; a .txt file is one article, its id the path. *names*: how the files call some of these
    columns. A file without ids has the numbers of its rows: row-1, row-2, of several files with the file's name before
    it.

    If every article has a published_at, articles more than seven days apart are not compared; else all is one context.
    Raises UsageError naming the file, the row and what to do.
    """
    articles: list[ArticleText] = []
    seen: dict[str, tuple[Path, int]] = {}
    chosen = _checked(names or {})
    for path, number, row in _all_rows(paths, chosen):
        article = _article(path, number, row)
        if article.id in seen:
            raise UsageError(_repeated(article.id, seen[article.id], (path, number)))
        seen[article.id] = path, number
        articles.append(article)
        if progress is not None and len(articles) % 1000 == 0:
            progress("rows read", len(articles), 0)
    if not articles:
        raise UsageError(f"{', '.join(map(str, paths))} has no rows.")
    return (
        articles if all(article.published_at for article in articles) else [_undated(article) for article in articles]
    )


def _repeated(name: str, first: tuple[Path, int], second: tuple[Path, int]) -> str:
    if first[0] == second[0]:
        return f"{first[0]}: rows {first[1]} and {second[1]} have the same id {name!r}. Ids must differ."
    return f"{first[0]} row {first[1]} and {second[0]} row {second[1]} have the same id {name!r}. Ids must differ."


def write_result(
    folder: Path,
    articles: Iterable[ArticleText],
    matches: Iterable[Match],
    clusters: Iterable[ClusterRow],
    form: Format = "parquet",
) -> tuple[Path, Path]:
    """Write the matches, and the clusters with publisher and title of each article, into *folder*: a file each, whole
    or not at all.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise UsageError(f"{folder} is a file. Name a folder, which is made if it is not there.") from error
    nowhere: dict[str, date] = {}
    found = [match_row(match, nowhere) for match in matches]
    by_id = {article.id: article for article in articles}
    rows = [
        {
            name: getattr(row if name in CLUSTERS.names else by_id[row.article_id], name)
            for name in COLLECTION_CLUSTERS.names
        }
        for row in clusters
    ]
    return (
        _write(folder / f"matches.{form}", pa.Table.from_pylist(found, schema=COLLECTION_MATCHES)),
        _write(folder / f"clusters.{form}", pa.Table.from_pylist(rows, schema=COLLECTION_CLUSTERS)),
    )


def _checked(names: Mapping[str, str]) -> Mapping[str, str]:
    for name in names:
        if name not in COLUMNS:
            raise UsageError(f"--map {name}={names[name]}: there is no column {name}. Known: {', '.join(COLUMNS)}.")
    return names


def _all_rows(paths: Iterable[Path], names: Mapping[str, str]) -> Iterator[tuple[Path, int, dict[str, Any]]]:
    """(file, number of the row from 1, row) of every file."""
    files = [(file, path) for path in paths for file in _files(path)]
    for file, path in files:
        named = f"{file.name}:" if len(files) > 1 else ""
        numbered = False
        for number, row in enumerate(_rows(file, path, names), 1):
            numbered = numbered or (number == 1 and not IDS & row.keys())
            yield file, number, ({"id": f"{named}row-{number}"} | row if numbered else row)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.is_file() and file.suffix.lower() in SUFFIXES)
        if not found:
            raise UsageError(f"{path} has no file of the kinds {', '.join(SUFFIXES)}.")
        return found
    if not path.is_file():
        raise UsageError(f"{path} is not a file. Name a file or a folder.")
    return [path]


def _rows(file: Path, named: Path, names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The rows of one file, by our names; *named* is what the user named: the file, or a folder above it."""
    kind = file.suffix.lower()
    if kind == ".parquet":
        return _parquet_rows(file, names)
    if kind in (".jsonl", ".ndjson"):
        return (_renamed(row, names) for row in _json_rows(file))
    if kind in (".csv", ".tsv"):
        return (_renamed(row, names) for row in _csv_rows(file, "\t" if kind == ".tsv" else ",", names))
    if kind == ".txt":
        return _text_row(file, str(file if file == named else file.relative_to(named)))
    advice = LINES if kind == ".json" else "Rename or convert it."
    raise UsageError(f"{file}: only {', '.join(SUFFIXES)} are read. {advice}")


def _text_row(path: Path, name: str) -> Iterator[dict[str, Any]]:
    try:
        yield {"id": name, "text": path.read_text(encoding="utf-8-sig")}
    except UnicodeDecodeError as error:
        raise UsageError(no_utf8(path, error)) from error


def _renamed(row: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """*row* by our names."""
    return row | {ours: row[theirs] for ours, theirs in names.items() if theirs in row}


def _csv_rows(path: Path, delimiter: str, names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    texts = {"text", names.get("text")}
    csv.field_size_limit(LONGEST_FIELD)
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            for row in csv.DictReader(file, delimiter=_delimiter_of(file, delimiter)):
                yield {name: value or None if name not in texts else value for name, value in row.items() if name}
        except UnicodeDecodeError as error:
            raise UsageError(no_utf8(path, error)) from error
        except csv.Error as error:
            raise UsageError(f"{path} cannot be read as CSV ({error}). Write it anew, or as .jsonl.") from error


def _delimiter_of(file: TextIO, usual: str) -> str:
    """What stands between the columns of the head: spreadsheets of many countries write semicolons."""
    head = file.readline()
    file.seek(0)
    return max(usual + DELIMITERS, key=head.count)


def _parquet_rows(path: Path, names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    try:
        reader = pq.ParquetFile(path)
        there = reader.schema_arrow.names
        chosen = {ours: names.get(ours, ours) for ours in COLUMNS if names.get(ours, ours) in there}
        if "text" not in chosen and reader.metadata.num_rows:
            raise UsageError(_no_column(path, 1, ["text"], there))
        if "id" in chosen:
            chosen.pop("article_id", None)
        for batch in reader.iter_batches(batch_size=10_000, columns=sorted(set(chosen.values()))):
            for row in batch.to_pylist():
                yield {ours: row[theirs] for ours, theirs in chosen.items()}
    except (pa.ArrowException, OSError) as error:
        raise UsageError(
            f"{path} is no parquet file, or is damaged ({error}). Write it anew, or convert it."
        ) from error


def _no_column(path: Path, number: int, missing: Iterable[str], there: Iterable[str]) -> str:
    own = f"row-{number}"  # an id that we gave
    known = [name for name in there if name and not (isinstance(there, dict) and str(there[name]).endswith(own))]
    advice = f" Its columns are {', '.join(known[:SHOWN])}" if known else ""
    advice += f": `--map text={known[-1]}` says which is which." if known and "text" in missing else "."
    return (
        f"{path}: row {number} has no {' and no '.join(missing)}.{advice} "
        f"Needed: text; optional: id, {', '.join(OPTIONAL)}."
    )


def _json_rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8-sig") as file:
        try:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _json_row(path, number, line)
        except UnicodeDecodeError as error:
            raise UsageError(no_utf8(path, error)) from error


def _json_row(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise UsageError(f"{path}:{number} is no JSON ({error}). Each line must be one object.") from error
    if not isinstance(row, dict):
        raise UsageError(f'{path}:{number} is no object. Each line must look like {{"id": …, "text": …}}. {LINES}')
    return row


def _given(row: dict[str, Any]) -> dict[str, Any]:
    """*row* without the NaN by which pandas writes what is missing."""
    return {name: value for name, value in row.items() if not (isinstance(value, float) and math.isnan(value))}


def _article(path: Path, number: int, row: dict[str, Any]) -> ArticleText:
    row = _given(row)
    if row.get("id") is None and row.get("article_id") is not None:  # an export of the store
        row = row | {"id": row["article_id"]}
    missing = [name for name in ("id", "text") if row.get(name) is None]
    if "text" in missing and "text" in row:
        raise UsageError(f"{path}: the text of row {number} is missing. Write it, or leave the row out.")
    if missing:
        raise UsageError(_no_column(path, number, missing, row))
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
    with replacing(path) as staged:
        if path.suffix == ".csv":
            csv_file.write_csv(table, staged)
        else:
            pq.write_table(table, staged, compression="zstd")
    return path
