"""Takedown: rows of articles leave every table, and captures leave raw. The only place that deletes."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.progress import Progress, told
from wirecopy.store.archive.raw import raw_files, raw_writer
from wirecopy.store.articles.commit import replace_articles
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import read_base, read_partition, replace_partition
from wirecopy.store.files.rows import to_table
from wirecopy.store.takedown.tombstones import Tombstones

SCRUBBED = {
    "guid": None, "link": None, "title": None, "entry": None, "url": None, "article_id": None, "fetch_id": None,
    "next_try_at": None, "code": "forgotten", "terminal": True, "detail": "removed on request",
}  # fmt: skip
"""New values in outcomes of a removed entry. Its key and counts stay, so that sums still hold."""

Row = dict[str, Any]
UNPACKED = 64_000_000  # bytes of an archive sitemap after unpacking, as ingest.history.xmlstream reads


@dataclass(slots=True)
class Found:
    """All rows and captures that a takedown covers, so that removing them needs no second search."""

    articles: dict[str, date] = field(default_factory=dict)  # article_id → its date
    addresses: set[str] = field(default_factory=set)  # by which they were reached, redirectors among them
    revisions: int = 0
    outcomes: int = 0
    captures: dict[PurePath, list[bool]] = field(default_factory=dict)  # raw file → which of its captures

    @property
    def dates(self) -> list[date]:
        """Dates that lose articles."""
        return sorted(set(self.articles.values()))

    @property
    def capture_count(self) -> int:
        """The number of captures."""
        return sum(map(sum, self.captures.values()))


def find(layout: Layout, asked: Tombstones, progress: Progress | None = None) -> tuple[Found, Tombstones]:
    """All rows and captures that the tombstones *asked* cover under any address, and tombstones for all these
    addresses.
    """
    found = Found()
    for day in told(layout.dates("articles"), "dates of articles", progress):
        for row in read_partition(layout, "articles", day, ["article_id", "url", "canonical_url"]).to_pylist():
            if asked.covers(row["url"], row["canonical_url"]):
                found.articles[row["article_id"]] = day
                found.addresses |= {row["url"], row["canonical_url"]}
    marks = sorted(url.partition("://")[2].encode() for url in found.addresses)
    for day in found.dates:
        found.revisions += int(_of(read_partition(layout, "revisions", day, ["article_id"]), found).num_rows)
    outcomes = [
        row
        for day in told(layout.dates("outcomes"), "dates of outcomes", progress)
        for row in read_partition(layout, "outcomes", day, ["link", "url", "article_id"]).to_pylist()
    ]
    found.addresses |= {row["link"] for row in outcomes if row["article_id"] in found.articles and row["link"]}
    tombstones = asked.with_pages(found.addresses)
    found.outcomes = sum(_is_meant(row, found, tombstones) for row in outcomes)
    for path in told(raw_files(layout, date.min, date.max), "files of raw", progress):
        if any(meant := _captures_of(layout, path, tombstones, marks)):
            found.captures[path] = meant
    return found, tombstones


def remove(layout: Layout, found: Found, tombstones: Tombstones, progress: Progress | None = None) -> None:
    """Remove everything *found*. Call it inside `committing`, after the tombstones are written; after a crash the same
    call finishes the rest.
    """
    for path, meant in told(list(found.captures.items()), "removing captures", progress):
        _remove_captures(layout, path, meant)
    for day in told(layout.dates("outcomes"), "clearing outcomes", progress):
        _scrub_outcomes(layout, day, found, tombstones)
    nothing: dict[str, list[Row]] = {article_id: [] for article_id in found.articles}
    # Revisions first: a crash may leave an article without its revisions, never the reverse.
    for day in told(found.dates, "removing articles", progress):
        for table in ("revisions", "articles"):
            replace_articles(layout, table, day, read_base(layout, table, day), nothing)


def _of(rows: pa.Table, found: Found) -> pa.Table:
    return rows.filter(pc.is_in(rows["article_id"], pa.array(list(found.articles), pa.string())))


def _is_meant(row: Row, found: Found, tombstones: Tombstones) -> bool:
    return row["article_id"] in found.articles or tombstones.covers(row["link"], row["url"])


def _captures_of(layout: Layout, path: PurePath, tombstones: Tombstones, marks: Sequence[bytes]) -> list[bool]:
    """Which captures of a raw file to remove: pages by their addresses; feed documents also by the *marks*, addresses
    without scheme, because a document that lists a page holds its title and summary. Only bodies of documents are read.
    """
    meant: list[bool] = []
    with layout.files.parquet(path) as file:
        for group in range(file.num_row_groups):
            heads = file.read_row_group(group, columns=["kind", "url", "final_url"]).to_pylist()
            listed = [False] * len(heads)
            if marks and any(row["kind"] != "page" for row in heads):
                bodies = file.read_row_group(group, columns=["body"])["body"].to_pylist()
                listed = [any(mark in plain for mark in marks) for plain in map(_unpacked, bodies)]
            meant += [
                (row["kind"] != "page" and lists) or tombstones.covers(row["url"], row["final_url"])
                for row, lists in zip(heads, listed, strict=True)
            ]
    return meant


def _unpacked(body: bytes | None) -> bytes:
    """A document, also one that its site keeps as a gzip file; of a damaged one what can be read."""
    if not body or not body.startswith(b"\x1f\x8b"):
        return body or b""
    with suppress(zlib.error):
        return zlib.decompressobj(wbits=31).decompress(body, UNPACKED)
    return body


def _remove_captures(layout: Layout, path: PurePath, meant: Sequence[bool]) -> None:
    if all(meant):
        layout.files.remove(path)
        return
    at = 0
    with layout.files.replacing(path) as staged, layout.files.parquet(path) as file, raw_writer(staged) as writer:
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group)
            kept = rows.filter(pa.array([not one for one in meant[at : at + rows.num_rows]]))
            at += rows.num_rows
            if kept.num_rows:
                writer.write_table(kept)


def _scrub_outcomes(layout: Layout, day: date, found: Found, tombstones: Tombstones) -> None:
    base = read_base(layout, "outcomes", day)
    rows = base.rows.to_pylist()
    meant = [row["code"] != "forgotten" and _is_meant(row, found, tombstones) for row in rows]
    if any(meant):
        said = [{**row, **SCRUBBED} if one else row for row, one in zip(rows, meant, strict=True)]
        replace_partition(layout, "outcomes", day, to_table("outcomes", said), over=base.version)
