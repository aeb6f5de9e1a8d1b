"""What is known of WARC files that were read once: how far, of which sites, and where each page lies.

A file's pages of chosen sites are copied into raw/. The index keeps the place of all others, so that a site that is
added later costs a range of bytes per page, and not the file. All of it lies in state/ and can be made again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.records import digest
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import rows_among
from wirecopy.store.files.schema import TIME
from wirecopy.store.warc.selecting import Selected

_COLUMNS: Final[dict[str, pa.DataType]] = {
    "domain": pa.string(),
    "url": pa.string(),
    "offset": pa.int64(),
    "length": pa.int64(),
    "captured_at": TIME,
}
INDEX: Final = pa.schema(_COLUMNS)
ROW_GROUP: Final = 5_000  # rows of the index that are read together: a site has a few among 22,000 of a CC-NEWS file


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One archive file, as far as it was read."""

    location: str  # path or URL
    size: int | None  # bytes
    tag: str  # of this edition: ETag, or time of the last change
    position: int = 0  # all records before this byte are in the index, and in raw/ if they were wanted
    complete: bool = False
    domains: tuple[str, ...] = ()  # whose pages are in raw/, as far as the file was read
    records: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)  # of records of these domains: pages, known, or a reason
    first: str | None = None  # ISO: the earliest capture
    last: str | None = None

    def may_hold(self, start: datetime, end: datetime | None) -> bool:
        """Whether the file has captures of `[start, end)`, as far as is known; *end* None: open."""
        if not self.complete or self.first is None or self.last is None:
            return not self.complete
        after = end is not None and datetime.fromisoformat(self.first) >= end
        return not after and datetime.fromisoformat(self.last) >= start


class Holdings:
    """The holdings of one data folder."""

    def __init__(self, layout: Layout) -> None:
        self._layout, self._folder = layout, layout.state / "warc"

    def lock(self, location: str) -> PurePath:
        """The lock of those who read the file *location*."""
        return self._layout.locks / f"warc-{digest(location)}"

    def read(self, location: str) -> Holding | None:
        """What is known of *location*; None: nothing."""
        text = self._layout.files.read_text(self._path(location, "json"))
        try:
            said: dict[str, Any] = json.loads(text or "")
            return Holding(**{**said, "domains": tuple(said["domains"])})
        except (ValueError, TypeError, KeyError):
            return None  # none yet, or of another version: it is read again

    def begin(self, holding: Holding) -> None:
        """Start the file anew."""
        for piece in self._pieces(holding.location):
            self._layout.files.remove(piece)
        self.save(holding)

    def add(self, holding: Holding, start: int, records: Iterable[Selected]) -> None:
        """Keep the places of *records*, which begin at byte *start*, and then that the file was read so far."""
        rows = [{name: getattr(record, name) for name in INDEX.names} for record in records if record.url]
        if rows:
            self._write(self._path(holding.location, f"{start:015d}.parquet"), pa.Table.from_pylist(rows, schema=INDEX))
        self.save(holding)

    def save(self, holding: Holding) -> None:
        """Keep what is known of the file."""
        said = asdict(holding)
        self._layout.files.write_text(self._path(holding.location, "json"), json.dumps(said, ensure_ascii=False))

    def finish(self, holding: Holding) -> None:
        """Join the pieces of the index into one, sorted by site, and keep that the file is complete."""
        pieces = self._pieces(holding.location)
        if pieces:
            tables = [self._layout.files.parquet(piece).read() for piece in pieces]
            rows = pa.concat_tables(tables).sort_by([("domain", "ascending"), ("offset", "ascending")])
            self._write(self._path(holding.location, "parquet"), rows)
        self.save(holding)
        for piece in pieces:
            self._layout.files.remove(piece)

    def locations(self) -> Iterator[str]:
        """The files of which something is known."""
        for path in self._layout.files.find(self._folder, "*.json"):
            with suppress(ValueError, TypeError, KeyError):  # of another version: it is read again
                yield json.loads(self._layout.files.read_text(path) or "")["location"]

    def of_domains(self, location: str, domains: Collection[str]) -> pa.Table:
        """The rows (INDEX) of the pages of *domains* in a file that was read to its end; none of another."""
        try:
            with self._layout.files.parquet(self._path(location, "parquet")) as file:
                return pa.concat_tables([INDEX.empty_table(), *rows_among(file, "domain", domains)])
        except FileNotFoundError:
            return INDEX.empty_table()

    def places(self, location: str, domains: Collection[str]) -> Iterator[tuple[int, int]]:
        """(offset, length) of the pages of *domains*, in the order of the file."""
        for row in self.of_domains(location, domains).sort_by("offset").to_pylist():
            yield row["offset"], row["length"]

    def _pieces(self, location: str) -> list[PurePath]:
        return self._layout.files.find(self._folder, f"{digest(location)}.*[0-9].parquet")

    def _write(self, path: PurePath, rows: pa.Table) -> None:
        with self._layout.files.replacing(path) as staged:
            pq.write_table(rows, staged, compression="zstd", row_group_size=ROW_GROUP)

    def _path(self, location: str, suffix: str) -> PurePath:
        return self._folder / f"{digest(location)}.{suffix}"


def with_batch(holding: Holding, records: Collection[Selected], position: int, counts: Mapping[str, int]) -> Holding:
    """*holding* after *records* up to byte *position*; *counts* are those of all of the file so far."""
    seen = sorted(record.captured_at.astimezone(UTC).isoformat() for record in records if record.captured_at)
    return replace(
        holding,
        position=position,
        records=holding.records + sum(1 for record in records if record.url),
        counts=dict(counts),
        first=min(filter(None, (holding.first, seen[0] if seen else None)), default=None),
        last=max(filter(None, (holding.last, seen[-1] if seen else None)), default=None),
    )
