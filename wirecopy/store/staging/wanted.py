"""The note that makes a running dedupe look once more before it ends: state/dedupe.wanted."""

from __future__ import annotations

import uuid

from wirecopy.store.files.layout import Layout

NOW = "now"  # a caller that does not wait for quiet days


class Wanted:
    """A caller that finds the lock of dedupe taken leaves a note; the holder takes it."""

    def __init__(self, layout: Layout) -> None:
        self._files, self._path = layout.files, layout.state / "dedupe.wanted"
        self._taken = layout.staging / f"wanted-{uuid.uuid4().hex}.tmp"

    def ask(self, *, debounced: bool) -> None:
        """Leave the note. *debounced*: dates that still change may wait."""
        with self._files.append(self._path) as file:
            file.write("" if debounced else f"{NOW}\n")

    def asked(self) -> bool:
        """Whether there is a note."""
        return self._files.exists(self._path)

    def take(self) -> bool | None:
        """Remove the note; returns whether all callers are debounced, None if there was no note."""
        try:
            self._files.move(self._path, self._taken)
        except FileNotFoundError:
            return None
        words = self._files.read_text(self._taken) or ""
        self._files.remove(self._taken)
        return NOW not in words
