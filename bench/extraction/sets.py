"""The borrowed labelled pages: the labels of each set's manifest, and the bytes of its pages."""

from __future__ import annotations

import gzip
import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ingest.records import Entry, Page

# The time at which a set without a crawl date is read: later than every page in it.
READ_AT: Final = datetime(2026, 11, 25, tzinfo=UTC)
ON_LOAN: Final = Path(__file__).parents[2].parent / "shared" / "data"
MANIFESTS: Final = {
    "fundus": ("manifest.jsonl",),
    "trafilatura": ("manifest.jsonl",),
    "htmldate": ("manifest_default.jsonl", "manifest_mediacloud_2020.jsonl"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One page and its labels; a field is empty if the set has no label for it."""

    path: Path
    url: str
    read_at: datetime  # aware, UTC
    text: str | None = None
    title: str | None = None
    authors: tuple[str, ...] | None = None
    published: datetime | None = None  # an instant, aware
    day: str | None = None  # YYYY-MM-DD
    undated: bool = False  # nothing dates the page: a date is wrong
    must: tuple[str, ...] = field(default=())  # passages of the article
    must_not: tuple[str, ...] = field(default=())  # passages of the page around the article

    def page(self) -> Page:
        """The page as if it had just been fetched, without a charset in its headers."""
        return Page(
            fetch_id="0" * 32, url=self.url, final_url=self.url, status=200, headers={},
            body=gzip.decompress(self.path.read_bytes()), fetched_at=self.read_at,
        )  # fmt: skip


def is_held(page: Labelled) -> bool:
    """True for the half of a set, by a hash of its file names, whose single errors nobody looked at for revision 5."""
    return hashlib.blake2b(page.path.name.encode(), digest_size=4).digest()[0] % 2 == 1


def bare_entry(url: str) -> Entry:
    """An entry with nothing but its link: every field must come from the page."""
    return Entry(entry_key="0" * 32, feed_id="bench", guid=None, link=url, title=None)


def read_set(folder: Path, limit: int | None = None) -> list[Labelled]:
    """The pages of fundus, trafilatura or htmldate, by the folder's name."""
    return list(_rows(folder))[:limit]


def manifests(folder: Path) -> list[Path]:
    """The truth files of a set, for its fingerprint."""
    return [folder / name for name in MANIFESTS[folder.name]]


def _rows(folder: Path) -> Iterator[Labelled]:
    for manifest in manifests(folder):
        for line in manifest.read_text(encoding="utf-8").splitlines():
            row: Mapping[str, Any] = json.loads(line)
            yield _LABELLED[folder.name](folder / row["file"], row)


def _fundus(path: Path, row: Mapping[str, Any]) -> Labelled:
    return Labelled(
        path=path,
        url=row["url"],
        read_at=_aware(row["crawl_date"]),
        text=row["text"],
        title=row["title"],
        authors=tuple(row["authors"] or ()),
        published=_aware(row["date"]) if row["date"] else None,
    )


def _trafilatura(path: Path, row: Mapping[str, Any]) -> Labelled:
    return Labelled(path=path, url=row["url"], read_at=READ_AT, must=tuple(row["with"]), must_not=tuple(row["without"]))


def _htmldate(path: Path, row: Mapping[str, Any]) -> Labelled:
    known = isinstance(row["date"], str) or not math.isnan(row["date"])
    return Labelled(path=path, url=row["url"], read_at=READ_AT, day=row["date"] if known else None)


_LABELLED: Final = {"fundus": _fundus, "trafilatura": _trafilatura, "htmldate": _htmldate}


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
