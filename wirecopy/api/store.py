"""`wirecopy.open`: a store, its tables and views, for notebooks and programs (docs/python.md)."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wirecopy.errors import UsageError
from wirecopy.explain.clusterview import ClusterView
from wirecopy.explain.lookup import cluster_view_of
from wirecopy.explain.tracing import GivenText, Trace, trace
from wirecopy.settings import load_settings
from wirecopy.store.files.layout import layout_named, layout_of
from wirecopy.store.query.read import Limits, Reader
from wirecopy.store.query.result import Result

if TYPE_CHECKING:
    from collections.abc import Iterator

Day = date | str
"""A UTC date, or one in ISO form."""

FIRST: Final = date(1, 1, 1)
LAST: Final = date.max


class Store:
    """One store, read-only. Every result is lazy, and sees the store as it is when it is taken."""

    def __init__(self, data: Path | str | None = None) -> None:
        """*data*: the folder of store/, raw/ and state/, or the address of a bucket (`s3://news/prefix`), for which
        credentials suffice that may read; None: that of the settings. Raises StoreError if there is no store.
        """
        settings = load_settings()
        self._layout = layout_of(settings) if data is None else layout_named(data, settings)
        self.path = self._layout.root
        self._layout.require(self._layout.store)
        limits = Limits(memory=settings.query_memory, spill=settings.query_spill)
        self._reader = Reader(self._layout, limits)

    def articles(self, from_: Day | None = None, to: Day | None = None, *, unique: bool = False) -> Result:
        """The articles of the UTC dates *from_* to *to*, both inclusive. *unique*: of each cluster only the origin."""
        return self._dated("articles_unique" if unique else "articles", from_, to)

    def clusters(self, from_: Day | None = None, to: Day | None = None) -> Result:
        """For each article its cluster, its role, and the relation to its origin."""
        return self._dated("clusters", from_, to)

    def copies(self, from_: Day | None = None, to: Day | None = None) -> Result:
        """Each copy beside its origin: publishers, titles, addresses, instants."""
        return self._dated("copies", from_, to)

    def matches(self, from_: Day | None = None, to: Day | None = None) -> Result:
        """The verified pairs that stand, with scores, reason and probability."""
        return self._dated("matches_standing", from_, to)

    def passages(self, from_: Day | None = None, to: Day | None = None) -> Result:
        """The shared passages of these pairs, a row each, with the text of both sides."""
        return self._dated("passages", from_, to)

    def revisions(self, from_: Day | None = None, to: Day | None = None) -> Result:
        """Earlier texts of articles that were changed."""
        return self._dated("revisions_shown", from_, to)

    def outcomes(self, from_: Day | None = None, to: Day | None = None) -> Result:
        """What became of each entry that was tried."""
        return self._dated("outcomes", from_, to)

    def feeds(self) -> Result:
        """How feeds are: polls, failures, rhythm, silence."""
        return self.sql("FROM feed_health")

    def sql(self, query: str, *values: object, **tables: object) -> Result:
        """Any SELECT over the tables and views; *values* stand in the places of its ? or $1, and *tables* (frames of
        pandas or Polars, Arrow tables) can be named in it: `store.sql("FROM articles JOIN mine USING (url)", mine=df)`.

        Raises UsageError, when the result is taken, if it is no query.
        """
        return Result(lambda: self._reader.relation(query, *values, **tables))

    def cluster_of(self, article: str) -> ClusterView:
        """The cluster of an article (id, address, or words of its headline) with texts, matches and passages. Raises
        StoreError.
        """
        return cluster_view_of(self._layout, article)

    def trace(
        self,
        text: str,
        from_: Day | None = None,
        to: Day | None = None,
        *,
        publisher: str | None = None,
        published_at: datetime | None = None,
    ) -> Trace:
        """The stored articles that copy *text*, reworded ones too. Raises UsageError if it is too short."""
        given = GivenText(text=text, publisher=publisher, published_at=published_at)
        return trace(self._layout, given, first=_day(from_), last=_day(to))

    def tables(self) -> Iterator[str]:
        """The names of all tables and views."""
        for row in self.sql("SELECT table_name FROM information_schema.tables ORDER BY ALL"):
            yield row["table_name"]

    def _dated(self, name: str, from_: Day | None, to: Day | None) -> Result:
        first, last = _day(from_) or FIRST, _day(to) or LAST
        return self.sql(f"FROM {name} WHERE date BETWEEN '{first}' AND '{last}'")  # our name, and dates that were read

    def __repr__(self) -> str:
        return f"<Store {self.path}>"


def _day(day: Day | None) -> date | None:
    """Raises UsageError if *day* is no ISO date."""
    try:
        return date.fromisoformat(day) if isinstance(day, str) else day
    except ValueError as error:
        raise UsageError(f"{day!r} is no date, such as 2026-11-22.") from error
