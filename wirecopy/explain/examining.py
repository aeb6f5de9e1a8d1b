"""What was taken out of texts before they were compared: found again in the eight days of their match, or in a
collection. Two weather reports are no copies because their frame is a formula; this shows the frame.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from dedupe.corpus.context import Library
from dedupe.matching.compare import Examiner
from dedupe.params import DEFAULTS
from dedupe.records import Match, Removed
from wirecopy.errors import StoreError
from wirecopy.explain.clusterview import ClusterView
from wirecopy.explain.incontext import Open, Pair, pair_of
from wirecopy.store.copies import sketching
from wirecopy.store.copies.derived import window_of
from wirecopy.store.files.layout import Layout

MOST_TEXTS: Final = 30_000  # of a window that `explain` reads without being asked: 2 s of CPU for each date
MOST_PAIRS: Final = 40  # as many as a page shows

Taken = tuple[tuple[Removed, ...], tuple[Removed, ...]]


class TooManyTexts(StoreError):
    """The window of a date is larger than a reader wants to wait for."""


@dataclass(frozen=True, slots=True)
class InStore:
    """Opens the window of a date of the store."""

    layout: Layout
    most: int | None = None  # texts; None: any number

    @contextmanager
    def __call__(self, day: date | None, ids: Collection[str]) -> Iterator[Examiner]:
        """Raises StoreError if the sketches of the window are out of date, TooManyTexts."""
        assert day is not None, "articles of the store have dates"
        try:
            found = [
                sketching.known_sketches(self.layout, one, DEFAULTS) for one in window_of(day, DEFAULTS.window_days)
            ]
            days = [one for one in found if one is not None and one.facts.num_rows]
            self._check(day, sum(one.facts.num_rows for one in days))
            with sketching.open_token_store(self.layout, days, DEFAULTS) as tokens:
                texts = sketching.StoredTexts(self.layout, days)
                yield Examiner(Library(sketching.list_sketched(days), tokens, texts, DEFAULTS), day, ids)
        except sketching.InputsChangedError as error:
            raise StoreError(
                f"Copies on {error} were computed from other texts, or by another version: run `wirecopy rededup`, and "
                "ask again."
            ) from None

    def _check(self, day: date, texts: int) -> None:
        if self.most is not None and texts > self.most:
            raise TooManyTexts(
                f"What was taken out of the texts is not shown, as the eight days to {day} have {texts:,} articles: "
                "`wirecopy compare` shows it for two of them."
            )


def with_removed(view: ClusterView, opened: Open) -> ClusterView:
    """*view* with what was taken out of the texts of the pairs that are shown; a remark if that cannot be told."""
    shown = [*view.evidence.values()][:MOST_PAIRS] + list(view.apart[:MOST_PAIRS])
    by_day: dict[date | None, list[Match]] = {}
    for match in shown:
        by_day.setdefault(decided_on(view, match), []).append(match)
    removed: dict[Pair, Taken] = {}
    try:
        for day, matches in by_day.items():
            with opened(day, {name for match in matches for name in pair_of(match)}) as examiner:
                removed |= {pair_of(match): _taken(examiner, match) for match in matches}
    except StoreError as error:
        return replace(view, remarks=(*view.remarks, str(error)))
    return replace(view, removed=removed)


def decided_on(view: ClusterView, match: Match) -> date | None:
    """The date whose eight days decided *match*: that of its later end, of a withdrawal a later one."""
    return view.decided.get(pair_of(match)) or max(
        (day for name in pair_of(match) if (day := view.member(name).date)), default=None
    )


def _taken(examiner: Examiner, match: Match) -> Taken:
    found = examiner.examine(*pair_of(match))
    same = pair_of(found) == pair_of(match)
    taken = found.removed_left, found.removed_right
    return taken if same else taken[::-1]
