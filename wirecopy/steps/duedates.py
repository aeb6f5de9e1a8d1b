"""Which dates a dedupe computes: those that are out of date, and those that were asked for once more."""

from __future__ import annotations

import time
from datetime import date, timedelta

from dedupe.params import Params
from wirecopy.log import get_log
from wirecopy.settings import Settings
from wirecopy.store.copies.derived import changed_at, dates_to_compute, out_of_date, window_of
from wirecopy.store.files.layout import Layout
from wirecopy.store.staging.again import Again

log = get_log(__name__)


class DueDates:
    """The dates first … last (ISO; all without) that are to be computed now.

    *debounced*: a date before yesterday only when its eight days have been quiet. *again*: these dates even if they are
    current; a call that was killed goes on where it was.
    """

    def __init__(
        self,
        settings: Settings,
        layout: Layout,
        debounced: bool,
        first: str | None = None,
        last: str | None = None,
        again: bool = False,
    ) -> None:
        self.settings, self.layout, self.params, self.debounced = settings, layout, Params(), debounced
        self.first = date.fromisoformat(first) if first else date.min
        self.last = date.fromisoformat(last) if last else date.max
        self._again = Again(layout, self.first, self.last, self.params.hash) if again else None
        self._forced = self._to_force(self._again) if self._again else set()

    def _to_force(self, again: Again) -> set[date]:
        asked = {day for day in dates_to_compute(self.layout) if self.first <= day <= self.last}
        if known := len(asked & again.done):
            log.info("going on where the last call ended: %d of %d dates are done", known, len(asked))
        return asked - again.done

    def waiting(self) -> list[date]:
        """All dates that are out of date now."""
        return out_of_date(self.layout, self.params.hash, days=self.params.window_days)

    def now(self) -> list[date]:
        """The dates to compute, ascending."""
        stale = sorted({*self.waiting(), *self._forced})
        return [day for day in stale if self.first <= day <= self.last and self._may(day)]

    def done(self, day: date) -> None:
        """A date was computed."""
        if self._again and day in self._forced:
            self._forced.discard(day)
            self._again.book([day]) if self._forced else self._again.end()

    def _may(self, day: date) -> bool:
        today = self.settings.clock().date()
        if not self.debounced or day in self._forced or day >= today - timedelta(days=1):
            return True
        window = window_of(day, self.params.window_days)
        return time.time() - changed_at(self.layout, window) >= self.settings.quiet_for.total_seconds()
