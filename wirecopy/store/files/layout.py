"""Where everything lies below the data folder, or below the address of a bucket."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from wirecopy.buckets import is_bucket
from wirecopy.errors import StoreError
from wirecopy.store.files.bucket.bucketfiles import bucket_files
from wirecopy.store.files.bucket.paths import BucketPath
from wirecopy.store.files.files import Files, Version
from wirecopy.store.files.localfiles import LocalFiles

if TYPE_CHECKING:
    from wirecopy.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a store on a bucket has beside it."""

    database: str = field(repr=False)  # URL of the PostgreSQL; it may hold a password. "": the store is only read
    folder: Path  # of this machine, for what is being made or read; nothing is lost with it


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths of one store, and the files behind them: in a folder, or on a bucket."""

    root: PurePath
    beside: Beside | None = None  # None: a folder

    @property
    def files(self) -> Files:
        """Reads, writes, lists and locks below the root: the only way to its files."""
        if self.beside is None:
            return LocalFiles(Path(self.root), Path(self.staging))
        return bucket_files(self.root, self.beside.database, self.beside.folder, os.getpid())

    @property
    def spill(self) -> PurePath:
        """A folder of this machine for what is too large for memory: nobody else reads it, and it may be lost."""
        return self.state if self.beside is None else self.beside.folder

    @property
    def cache(self) -> Files:
        """The files below `spill`: of this machine, wherever the store is."""
        return LocalFiles(Path(self.spill), Path(self.spill) / "staging")

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
        paths = self.files.find(self.store / table, f"date=*/{table}-*")
        return [day for path in paths if (day := _date_of_partition(str(path), table))]

    def versions(self, table: str) -> dict[date, Version]:
        """Dates that have a file, ascending, and its version: on a bucket as dear as `dates` alone."""
        found = self.files.versions(self.store / table, f"date=*/{table}-*")
        return {day: version for version in found if (day := _date_of_partition(str(version.path), table))}

    def raw_folder(self, day: date) -> PurePath:
        """Captures of a UTC date."""
        return self.raw / f"date={day.isoformat()}"

    def require(self, folder: PurePath) -> None:
        """Raises StoreError if no run has made *folder* yet."""
        if not self.files.exists(folder):
            raise StoreError(
                f"{folder} does not exist. Run `wirecopy run` first, or name the data folder in WIRECOPY_DATA, "
                "or the bucket in WIRECOPY_STORE_URL."
            )

    def make(self) -> Layout:
        """Make the folders that writers need, and return self."""
        for folder in (self.store, self.raw, self.staging, self.locks):
            self.files.make(folder)
        return self


def layout_at(url: str, settings: Settings) -> Layout:
    """The store on the bucket *url*. Without a `state_url` it can only be read."""
    beside = Beside(database=settings.state_url or "", folder=settings.root / "scratch")
    return Layout(BucketPath(url.rstrip("/")), beside)


def _date_of_partition(path: str, table: str) -> date | None:
    _, folder, name = path.rsplit("/", 2)
    day = day_of(folder)
    return day if day and name == f"{table}-{day.isoformat()}.parquet" else None


def layout_named(place: str | PurePath, settings: Settings) -> Layout:
    """The store in the folder *place*, or on the bucket of which it is the address."""
    if isinstance(place, str) and is_bucket(place):
        return layout_at(place, settings)
    return Layout(Path(place).expanduser().resolve())


def layout_of(settings: Settings) -> Layout:
    """The store of these settings: on the bucket of `store_url`, else in the data folder."""
    return layout_at(settings.store_url, settings) if settings.store_url else Layout(settings.root)


def day_of_folder(folder: PurePath) -> date | None:
    """The date of a folder `date=2026-11-22`; None for any other name, which is not ours."""
    return day_of(folder.name)


def day_of(name: str) -> date | None:
    """The date of `date=2026-11-22`; None for any other name."""
    try:
        return date.fromisoformat(name.removeprefix("date="))
    except ValueError:
        return None
