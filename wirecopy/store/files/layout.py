"""The paths below the data folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths of one data folder."""

    root: Path

    @property
    def store(self) -> Path:
        """One file per table and date: nothing but whole parquet files."""
        return self.root / "store"

    @property
    def raw(self) -> Path:
        """The archive of captures."""
        return self.root / "raw"

    @property
    def state(self) -> Path:
        """All the rest, on the same filesystem."""
        return self.root / "state"

    @property
    def staging(self) -> Path:
        """Staged files, and files that one task hands to the next."""
        return self.state / "staging"

    @property
    def locks(self) -> Path:
        """Locks between processes."""
        return self.state / "locks"

    def partition(self, table: str, day: date) -> Path:
        """The one file of a table and a UTC date."""
        return self.store / table / f"date={day.isoformat()}" / f"{table}-{day.isoformat()}.parquet"

    def dates(self, table: str) -> list[date]:
        """Dates that have a file, ascending."""
        return sorted(self._dates(table))

    def raw_folder(self, day: date) -> Path:
        """Captures of a UTC date."""
        return self.raw / f"date={day.isoformat()}"

    def make(self) -> Layout:
        """Create the folders that writers need, and return self."""
        for folder in (self.store, self.raw, self.staging, self.locks):
            folder.mkdir(parents=True, exist_ok=True)
        return self

    def _dates(self, table: str) -> Iterator[date]:
        for folder in (self.store / table).glob("date=*"):
            day = date.fromisoformat(folder.name.removeprefix("date="))
            if self.partition(table, day).exists():
                yield day
