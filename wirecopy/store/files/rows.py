"""Records of the rooms as rows of the tables."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from dedupe.records import Match
from ingest.records import Article
from wirecopy.records import Run
from wirecopy.store.files.schema import ARTICLES, MATCHES, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStamp:
    """The run that writes a row: columns that outcomes, polls and articles share."""

    run_id: str
    mode: str  # live or past
    interval_start: datetime  # aware, UTC
    interval_end: datetime  # aware, UTC

    @classmethod
    def of(cls, run: Run) -> RunStamp:
        """The stamp of a run, from its record or from the header of its parts."""
        return cls(
            run_id=run["run_id"],
            mode=run["mode"],
            interval_start=datetime.fromisoformat(run["start"]),
            interval_end=datetime.fromisoformat(run["end"]),
        )

    @property
    def day(self) -> date:
        """Partition of the run's outcomes and polls."""
        return self.interval_start.date()


def article_row(article: Article, run: RunStamp) -> Row:
    """One capture as a row of `articles`; `updated_at` and `commit_seq` are set by the commit."""
    row: Row = {field.name: getattr(article, field.name) for field in fields(article)}
    row.update(
        authors=list(article.authors),
        tags=list(article.tags),
        first_seen_at=article.fetched_at,
        last_fetched_at=article.fetched_at,
        updated_at=None,
        commit_seq=None,
        run_id=run.run_id,
        interval_start=run.interval_start,
        revision=0,
    )
    return {name: row[name] for name in ARTICLES.names}


def match_row(match: Match, days: Mapping[str, date]) -> Row:
    """One match as a row of `matches`; *days* gives the partition of each article (none: a collection outside the
    store).
    """
    row: Row = {
        name: getattr(match, name) for name in MATCHES.names if name not in ("left_date", "right_date", "passages")
    }
    passages = [[p.left_start, p.left_end, p.right_start, p.right_end, p.words, p.quotation] for p in match.passages]
    return row | {
        "left_date": days.get(match.left_id),
        "right_date": days.get(match.right_id),
        "passages": json.dumps(passages),
    }


def to_table(table: str, rows: Iterable[Row]) -> pa.Table:
    """*rows* with the schema of *table*."""
    return pa.Table.from_pylist(list(rows), schema=TABLES[table])
