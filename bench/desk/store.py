"""A made-up store of many days for the bench of the pages: the sizes of a real one, and rows that fit each other."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from bench.speed.texts import texts
from ingest.records import digest
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import replace_partition
from wirecopy.store.files.rows import to_table
from wirecopy.store.files.schema import POLLS, TABLES

PUBLISHERS: Final = 400  # as many as the largest lists of papers name
FEEDS: Final = 500
POLLS_A_DAY: Final = 96  # of each feed: every quarter of an hour
FALLING: Final = 0.9  # exponent of the publishers' sizes (Zipf)
REPRINTED: Final = 0.25  # share of reports that others print too
WIRED: Final = 0.6  # of these, the share that credits an agency
LARGEST: Final = 300  # articles of one cluster
TEXTS: Final = 3_000  # different texts
AGENCIES: Final = ("AP", "Reuters", "AFP", "EFE", "dpa", "Xinhua")
CODES: Final = ("no_text", "http_4xx", "robots", "paywall", "timeout")
END: Final = date(2026, 11, 30)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One text, and how many papers print it."""

    text: str
    size: int
    agency: str | None
    at: datetime


def make_store(root: Path, days: int, articles: int) -> Layout:
    """Fill *root* with *days* days up to END, each of *articles* articles, unless it is there."""
    layout = Layout(root)
    if len(layout.dates("polls")) >= days:
        return layout
    layout.make()
    wording = list(texts(TEXTS))
    for back in range(days - 1, -1, -1):
        day = END - timedelta(days=back)
        for table, rows in _day(day, articles, wording).items():
            replace_partition(layout, table, day, to_table(table, rows))
        replace_partition(layout, "polls", day, _polls(day))
        print(day, flush=True)
    return layout


def _day(day: date, count: int, wording: list[str]) -> dict[str, list[Row]]:
    draw = random.Random(str(day))
    weights = [1 / number**FALLING for number in range(1, PUBLISHERS + 1)]
    papers = iter(draw.choices(range(PUBLISHERS), weights, k=2 * count))
    found: dict[str, list[Row]] = {"articles": [], "clusters": [], "matches": [], "outcomes": []}
    for report in _reports(day, count, draw, wording):
        _print(report, day, papers, found)
    found["outcomes"] += [_failure(day, number, next(papers), draw.choice(CODES)) for number in range(count // 5)]
    return found


def _reports(day: date, count: int, draw: random.Random, wording: list[str]) -> Iterator[Report]:
    midnight = datetime.combine(day, datetime.min.time(), UTC)
    while count > 0:
        size = min(2 + int(draw.paretovariate(1)), LARGEST, count) if draw.random() < REPRINTED else 1
        agency = draw.choice(AGENCIES) if size > 2 and draw.random() < WIRED else None
        at = midnight + timedelta(seconds=draw.randrange(80_000))
        yield Report(text=draw.choice(wording), size=size, agency=agency, at=at)
        count -= size


def _print(report: Report, day: date, papers: Iterator[int], found: dict[str, list[Row]]) -> None:
    origin = ""
    midnight = datetime.combine(day, datetime.min.time(), UTC)
    for number in range(report.size):
        paper = next(papers)
        name = digest(f"{day}-{len(found['articles'])}")
        origin = origin or name
        at = min(report.at + timedelta(minutes=7 * number), midnight + timedelta(hours=23, minutes=59))
        row = _article(name, paper, report, at, number)
        found["articles"].append(row)
        role = "alone" if report.size == 1 else "copy" if number else "origin"
        shown = {"relation": "copy", "probability": 0.97} if number else {}
        cluster = {"article_id": name, "cluster_id": origin, "role": role, "origin_id": origin}
        found["clusters"].append(_full("clusters", cluster | shown | {"cluster_size": report.size}))
        if number:
            found["matches"].append(_match(origin, name, day, len(row["text"])))
        found["outcomes"].append(_stored(row, midnight))


def _article(name: str, paper: int, report: Report, at: datetime, number: int) -> Row:
    host = f"paper{paper:03d}.example"
    text = report.text if number % 3 else report.text[: len(report.text) * 4 // 5]
    url = f"https://{host}/{at:%Y/%m/%d}/{name[:12]}"
    return _full(
        "articles",
        {
            "article_id": name, "entry_key": digest("e" + name), "url": url, "canonical_url": url, "source": host,
            "publisher": host, "feed_id": f"feed{paper:03d}", "guid": name, "title": " ".join(text.split()[:10]),
            "agency": report.agency if number else None, "published_at": at, "published_source": "jsonld",
            "published_precision": "second", "first_seen_at": at, "fetched_at": at, "last_fetched_at": at,
            "updated_at": at, "commit_seq": at.toordinal(), "language": "en", "language_score": 0.99, "text": text,
            "word_count": len(text.split()), "content_hash": digest(text), "http_status": 200, "via": "live",
            "fetch_id": digest("f" + name), "run_id": "bench", "interval_start": at, "revision": 0,
        },
    )  # fmt: skip


def _match(left: str, right: str, day: date, length: int) -> Row:
    passages = [[0, min(400, length), 0, min(400, length), 60, False]]
    measures = dict.fromkeys(("jaccard", "coverage_left", "coverage_right", "ordered_share"), 0.9)
    row = {"left_id": left, "right_id": right, "left_date": day, "right_date": day, "relation": "copy", "score": 0.9}
    row |= {"quotation_agreement": 0.5, "probability": 0.97, "passages": json.dumps(passages)}
    return _full("matches", row | measures)


def _stored(article: Row, midnight: datetime) -> Row:
    kept = {name: article[name] for name in ("article_id", "entry_key", "feed_id", "guid", "title", "url", "fetch_id")}
    at = article["published_at"]
    row = kept | {"link": article["url"], "code": "stored", "published_at": at, "tried_at": at + timedelta(minutes=5)}
    return _full("outcomes", row | _stamp(midnight) | {"terminal": True, "counted": True, "tries": 1})


def _failure(day: date, number: int, paper: int, code: str) -> Row:
    midnight = datetime.combine(day, datetime.min.time(), UTC)
    row = {"entry_key": digest(f"x{day}{number}"), "feed_id": f"feed{paper:03d}", "title": "x", "code": code}
    row |= {"link": f"https://paper{paper:03d}.example/x{number}", "tried_at": midnight, "published_at": midnight}
    return _full("outcomes", row | _stamp(midnight) | {"terminal": True, "counted": True, "tries": 1})


def _stamp(midnight: datetime) -> Row:
    end = midnight + timedelta(days=1)
    return {
        "run_id": "bench",
        "attempt": "a",
        "part": "p",
        "mode": "live",
        "interval_start": midnight,
        "interval_end": end,
    }


def _full(table: str, row: Row) -> Row:
    return {name: row.get(name) for name in TABLES[table].names}


def _polls(day: date) -> pa.Table:
    """By columns: half a million dicts a week would take most of the bench's time."""
    midnight = datetime.combine(day, datetime.min.time(), UTC)
    feed, quarter = (part.ravel() for part in np.divmod(np.arange(FEEDS * POLLS_A_DAY), POLLS_A_DAY))
    at = pa.array((quarter * 900 + feed % 600) * 1_000_000 + int(midnight.timestamp() * 1e6)).cast(
        POLLS.field("polled_at").type
    )
    failed = (feed * 7 + quarter) % 11 == 0
    columns: dict[str, Any] = {
        "feed_id": [f"feed{number:03d}" for number in feed], "polled_at": at, "newest": at, "oldest": at,
        "code": np.where(failed, "timeout", "ok"), "entries": np.where(failed, 0, 30), "taken": np.where(failed, 0, 1),
        "known": np.where(failed, 0, 29), "http_status": np.full(len(feed), 200), "counted": np.full(len(feed), True),
    }  # fmt: skip
    fixed = _stamp(midnight) | {"url": "https://paper.example/feed", "milliseconds": 200}
    arrays = [
        pa.array(columns[field.name], field.type)
        if field.name in columns
        else pa.array([fixed.get(field.name)], field.type).take(pa.array(np.zeros(len(feed), np.int64)))
        for field in POLLS
    ]
    return pa.table(arrays, schema=POLLS)
