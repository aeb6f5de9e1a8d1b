"""Takedown: rows of articles leave every table, and captures leave raw. The only place that deletes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wirecopy.store.commit import DEDUPE_INPUTS, inputs_hash
from wirecopy.store.files import replacing
from wirecopy.store.layout import Layout
from wirecopy.store.partition import read_partition, replace_partition
from wirecopy.store.raw import raw_files, raw_writer
from wirecopy.store.rows import to_table
from wirecopy.store.tombstones import Tombstones

SCRUBBED = {
    "guid": None, "link": None, "title": None, "entry": None, "url": None, "article_id": None, "fetch_id": None,
    "next_try_at": None, "code": "forgotten", "terminal": True, "detail": "removed on request",
}  # fmt: skip
"""What an outcome says of a forgotten entry: its key and its counts stay, so that sums still hold."""

Row = dict[str, Any]


@dataclass(slots=True)
class Found:
    """What is to be forgotten."""

    articles: dict[str, date]  # article_id → its date
    revisions: int = 0
    outcomes: int = 0
    captures: int = 0

    @property
    def dates(self) -> list[date]:
        """Dates that lose articles."""
        return sorted(set(self.articles.values()))


def addresses_of(layout: Layout, tombstones: Tombstones) -> set[str]:
    """All addresses by which the articles that *tombstones* cover were reached, redirectors among them."""
    ids, urls = set(), set()
    for day in layout.dates("articles"):
        for row in read_partition(layout, "articles", day, ["article_id", "url", "canonical_url"]).to_pylist():
            if tombstones.covers(row["url"], row["canonical_url"]):
                ids.add(row["article_id"])
                urls |= {row["url"], row["canonical_url"]}
    wanted = pa.array(sorted(ids), pa.string())
    for day in layout.dates("outcomes") if ids else ():
        rows = read_partition(layout, "outcomes", day, ["article_id", "link"])
        urls |= {link for link in rows.filter(pc.is_in(rows["article_id"], wanted))["link"].to_pylist() if link}
    return urls


def find(layout: Layout, tombstones: Tombstones) -> Found:
    """Everything in the store and in raw that *tombstones* cover."""
    found = Found({})
    for day in layout.dates("articles"):
        rows = read_partition(layout, "articles", day, ["article_id", "url", "canonical_url"]).to_pylist()
        found.articles |= {
            row["article_id"]: day for row in rows if tombstones.covers(row["url"], row["canonical_url"])
        }
    for day in found.dates:
        found.revisions += int(_of(read_partition(layout, "revisions", day, ["article_id"]), found).num_rows)
    for day in layout.dates("outcomes"):
        rows = read_partition(layout, "outcomes", day, ["link", "url", "article_id"]).to_pylist()
        found.outcomes += sum(_is_meant(row, found, tombstones) for row in rows)
    marks = _addresses(layout, found)
    for path in raw_files(layout, date.min, date.max):
        found.captures += sum(_is_in(path, tombstones, marks))
    return found


def remove(layout: Layout, found: Found, tombstones: Tombstones) -> None:
    """Remove what was *found*. Call it inside `committing`, when the tombstones are written: whatever a crash leaves,
    the same call finds and removes.
    """
    marks = _addresses(layout, found)
    for path in raw_files(layout, date.min, date.max):
        _remove_captures(layout, path, _is_in(path, tombstones, marks))
    for day in layout.dates("outcomes"):
        _scrub_outcomes(layout, day, found, tombstones)
    for day in found.dates:  # revisions first: an article without revisions is whole, revisions without one are not
        for table in ("revisions", "articles"):
            _remove_articles(layout, table, day, found)


def _addresses(layout: Layout, found: Found) -> Sequence[bytes]:
    """Addresses of the found articles, without scheme: a feed document that lists one holds its title and summary."""
    urls = set()
    for day in found.dates:
        rows = _of(read_partition(layout, "articles", day, ["article_id", "url", "canonical_url"]), found)
        urls |= {url for row in rows.to_pylist() for url in (row["url"], row["canonical_url"]) if url}
    return sorted(url.partition("://")[2].encode() for url in urls)


def _of(rows: pa.Table, found: Found) -> pa.Table:
    return rows.filter(pc.is_in(rows["article_id"], pa.array(list(found.articles), pa.string())))


def _is_meant(row: Row, found: Found, tombstones: Tombstones) -> bool:
    return row["article_id"] in found.articles or tombstones.covers(row["link"], row["url"])


def _is_in(path: Path, tombstones: Tombstones, marks: Sequence[bytes]) -> list[bool]:
    """Which captures of a raw file are meant: pages by their addresses, feed documents also by what they list."""
    meant = []
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            for row in file.read_row_group(group, columns=["kind", "url", "final_url", "body"]).to_pylist():
                listed = row["kind"] == "feed" and any(mark in row["body"] for mark in marks)
                meant.append(listed or tombstones.covers(row["url"], row["final_url"]))
    return meant


def _remove_captures(layout: Layout, path: Path, meant: Sequence[bool]) -> None:
    if not any(meant):
        return
    if all(meant):
        path.unlink()
        return
    at = 0
    with replacing(layout, path) as staged, pq.ParquetFile(path) as file, raw_writer(staged) as writer:
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group)
            kept = rows.filter(pa.array([not one for one in meant[at : at + rows.num_rows]]))
            at += rows.num_rows
            if kept.num_rows:
                writer.write_table(kept)


def _scrub_outcomes(layout: Layout, day: date, found: Found, tombstones: Tombstones) -> None:
    rows = read_partition(layout, "outcomes", day).to_pylist()
    meant = [row["code"] != "forgotten" and _is_meant(row, found, tombstones) for row in rows]
    if any(meant):
        said = [{**row, **SCRUBBED} if one else row for row, one in zip(rows, meant, strict=True)]
        replace_partition(layout, "outcomes", day, to_table("outcomes", said))


def _remove_articles(layout: Layout, table: str, day: date, found: Found) -> None:
    rows = read_partition(layout, table, day)
    kept = rows.filter(pc.invert(pc.is_in(rows["article_id"], pa.array(list(found.articles), pa.string()))))
    if kept.num_rows < rows.num_rows:
        footer = {DEDUPE_INPUTS: inputs_hash(kept)} if table == "articles" else None
        replace_partition(layout, table, day, kept, footer)
