"""Where everything lies below the data folder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath

from wirecopy.errors import StoreError
from wirecopy.store.files.files import Files
from wirecopy.store.files.localfiles import LocalFiles


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths of one data folder, and the files behind them."""

    root: PurePath

    @property
    def files(self) -> Files:
        """Reads, writes, lists and locks below the root: the only way to its files."""
        return LocalFiles(Path(self.root), Path(self.staging))

    @property
    def store(self) -> PurePath:
        """One file per table and date: nothing but whole parquet files."""
        return self.root / "store"

    @property
    def raw(self) -> PurePath:
        """The archive of captures."""
        return self.root / "raw"

    @property
    def state(self) -> PurePath:
        """All the rest, on the same filesystem."""
        return self.root / "state"

    @property
    def staging(self) -> PurePath:
        """Staged files, and files that one task hands to the next."""
        return self.state / "staging"

    @property
    def locks(self) -> PurePath:
        """Locks between processes."""
        return self.state / "locks"

    def partition(self, table: str, day: date) -> PurePath:
        """The one file of a table and a UTC date."""
        return self.store / table / f"date={day.isoformat()}" / f"{table}-{day.isoformat()}.parquet"

    def dates(self, table: str) -> list[date]:
        """Dates that have a file, ascending."""
        found = (str(path).rsplit("/", 2) for path in self.files.find(self.store / table, f"date=*/{table}-*"))
        days = ((day_of(folder), name) for _, folder, name in found)
        return [day for day, name in days if day and name == f"{table}-{day.isoformat()}.parquet"]

    def raw_folder(self, day: date) -> PurePath:
        """Captures of a UTC date."""
        return self.raw / f"date={day.isoformat()}"

    def require(self, folder: PurePath) -> None:
        """Raises StoreError if no run has made *folder* yet."""
        if not self.files.exists(folder):
            raise StoreError(
                f"{folder} does not exist. Run `wirecopy run` first, or name the data folder in WIRECOPY_DATA."
            )

    def make(self) -> Layout:
        """Make the folders that writers need, and return self."""
        for folder in (self.store, self.raw, self.staging, self.locks):
            self.files.make(folder)
        return self


def day_of_folder(folder: PurePath) -> date | None:
    """The date of a folder `date=2026-11-22`; None for any other name, which is not ours."""
    return day_of(folder.name)


def day_of(name: str) -> date | None:
    """The date of `date=2026-11-22`; None for any other name."""
    try:
        return date.fromisoformat(name.removeprefix("date="))
    except ValueError:
        return None
