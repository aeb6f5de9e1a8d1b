"""Dates that are computed again although they are current, and how far that has come: `state/again.json`.

What is out of date is read from the store, so a dedupe that was killed goes on by itself. Of dates that are current
only this note knows that they were asked for.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Final

from wirecopy.store.files.layout import Layout

# After a week the same call means the dates once more, and not the rest of a computation that was broken off.
GOES_ON_FOR: Final = timedelta(days=7)


class Again:
    """The dates first … last, computed by the parameters *params_hash*, as far as they are done."""

    def __init__(self, layout: Layout, first: date, last: date, params_hash: str) -> None:
        self._files, self._path = layout.files, layout.state / "again.json"
        self._asked = {"first": first.isoformat(), "last": last.isoformat(), "params": params_hash}
        self.done: set[date] = self._known()

    def book(self, days: Iterable[date]) -> None:
        """Remember that *days* are done."""
        self.done |= set(days)
        note = {**self._asked, "done": sorted(day.isoformat() for day in self.done)}
        self._files.write_text(self._path, json.dumps(note))

    def end(self) -> None:
        """All are done: the same call starts from the beginning."""
        self.done = set()
        self._files.remove(self._path)

    def _known(self) -> set[date]:
        version, text = self._files.head(self._path), self._files.read_text(self._path)
        if not version or not text or time.time() - version.modified_at > GOES_ON_FOR.total_seconds():
            return set()
        try:
            note: dict[str, Any] = json.loads(text)
            done = {date.fromisoformat(day) for day in note.pop("done")}
        except (ValueError, KeyError, AttributeError):  # a file that we did not write
            return set()
        return done if note == self._asked else set()
