"""Captures of one article into its current text and its revisions: a pure function of the set of captures.

A *row* is a dict with the columns of schema.ARTICLES. Stored rows and new captures are the same kind of row: a capture
is a row with fetched_at = last_fetched_at. The functions here never look at the order in which rows come.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

Row = dict[str, Any]

PUBLISHED = ("published_at", "published_source", "published_precision", "published_raw")
OF_ARTICLE = ("article_id", *PUBLISHED, "first_seen_at")  # the same on the article's row and on all its revisions
OF_WRITER = ("updated_at", "commit_seq", "run_id", "interval_start", "revision")  # set when a row is written
FREE = ("via", "fetch_id", "feed_id", "entry_key", "guid", "tags")  # what may differ between equal captures
OTHER_DAYS = "; later: "  # introduces days claimed by later captures in published_raw


@dataclass(frozen=True, slots=True)
class Merged:
    """All rows of one article after a merge."""

    current: Row
    revisions: tuple[Row, ...]  # in the order of (last_fetched_at, content_hash)


def day_of(row: Row) -> date:
    """Partition of an article: the UTC day of its publication, else of its first capture."""
    instant: datetime = row["published_at"] or row["first_seen_at"]
    return instant.date()


def choose_first(captures: Iterable[Row]) -> Row:
    """The capture that decides the date of a new article: the earliest with a publication date, else the earliest."""
    return min(captures, key=lambda row: (row["published_at"] is None, _earliness(row)))


def merge_article(stored: Sequence[Row], captures: Sequence[Row]) -> Merged:
    """Current text and revisions of one article, from what is stored (may be empty) and new captures of it.

    Texts are told apart by content_hash: fetched_at is the first capture of a text, last_fetched_at its last, its
    metadata that of the last. The current text is the one of the greatest (last_fetched_at, content_hash). Publication
    is the article's: of the earliest capture that agrees with the frozen day.
    """
    texts: dict[str, Row] = {}
    rows = _newest_extractions([*stored, *captures])
    for row in rows:
        known = texts.get(row["content_hash"])
        texts[row["content_hash"]] = _join(known, row) if known else dict(row)
    shared = _of_article(stored, captures)
    ordered = sorted(texts.values(), key=lambda row: (row["last_fetched_at"], row["content_hash"]))
    numbered = [{**row, **shared, "revision": number} for number, row in enumerate(ordered)]
    return Merged(numbered[-1], tuple(numbered[:-1]))


def _newest_extractions(rows: Sequence[Row]) -> list[Row]:
    """Keep one row per capture, of the newest extractor.

    A text only an older extractor produced is dropped, unless an earlier capture has it too; then it keeps that
    capture's time.
    """
    newest: dict[str, tuple[tuple[int, ...], str]] = {}
    for row in rows:
        newest[row["fetch_id"]] = max(newest.get(row["fetch_id"], ((), "")), _version(row))
    kept = []
    for row in rows:
        if _version(row) == newest[row["fetch_id"]]:
            kept.append(row)
        elif row["fetched_at"] < row["last_fetched_at"]:
            kept.append({**row, "last_fetched_at": row["fetched_at"]})
    return kept


def _version(row: Row) -> tuple[tuple[int, ...], str]:
    """2.10.0 is newer than 2.9.1."""
    version: str = row["extractor_version"]
    return tuple(int(number) for number in re.findall(r"\d+", version)), version


def _join(one: Row, other: Row) -> Row:
    """Two rows of the same text: the span of both, and the metadata of the later capture."""
    last = max(one, other, key=lambda row: (row["last_fetched_at"], _version(row), _key(row)))
    return {**last, "fetched_at": min(one["fetched_at"], other["fetched_at"])}


def _of_article(stored: Sequence[Row], captures: Sequence[Row]) -> Row:
    """The columns that all rows of an article share. Its day is frozen, so they are taken from rows of that day."""
    rows = [*stored, *captures]
    frozen = stored[0] if stored else choose_first(captures)
    day = day_of(frozen)
    source = min((row for row in rows if _of_kind(row, frozen) and day_of(row) == day), key=_earliness)
    shared = {name: source[name] for name in PUBLISHED}
    shared["article_id"] = frozen["article_id"]
    shared["published_raw"] = _with_other_days(source["published_raw"], rows, day)
    # Without a publication date the day of first_seen_at is the partition, so it is frozen too.
    seen = rows if frozen["published_at"] else [row for row in rows if row["first_seen_at"].date() == day]
    shared["first_seen_at"] = min(row["first_seen_at"] for row in seen)
    return shared


def _of_kind(row: Row, frozen: Row) -> bool:
    """Both dated, or both undated."""
    return (row["published_at"] is None) == (frozen["published_at"] is None)


def _earliness(row: Row) -> tuple[datetime, str]:
    return row["fetched_at"], json.dumps([str(row[name]).split(OTHER_DAYS)[0] for name in PUBLISHED])


def _with_other_days(raw: str | None, rows: Sequence[Row], day: date) -> str | None:
    """*raw*, then the days other than *day* that captures claimed, each once, in order."""
    noted = {other for row in rows for other in (row["published_raw"] or "").partition(OTHER_DAYS)[2].split(", ")}
    noted |= {str(row["published_at"].date()) for row in rows if row["published_at"]}
    days = sorted(noted - {"", str(day)})
    written = (raw or "").partition(OTHER_DAYS)[0]
    return written + OTHER_DAYS + ", ".join(days) if days else raw


def _key(row: Row) -> str:
    """Sort key for captures of one instant: their other columns, as JSON."""
    skip = {*FREE, *OF_WRITER, *OF_ARTICLE, "fetched_at", "last_fetched_at"}
    return json.dumps({name: str(value) for name, value in row.items() if name not in skip}, sort_keys=True)
