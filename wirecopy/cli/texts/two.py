"""Two texts that were compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dedupe.matching.compare import Comparison
from dedupe.records import Removed


@dataclass(frozen=True, slots=True, kw_only=True)
class Two:
    """Two texts that were compared, the left one of *found* first."""

    found: Comparison
    texts: tuple[str, str]
    names: tuple[str, str]
    asked: tuple[str, str]  # as the arguments named them, in the same order
    reason: str  # in which context

    @property
    def removed(self) -> tuple[Sequence[Removed], Sequence[Removed]]:
        """What was taken out of each."""
        return self.found.removed_left, self.found.removed_right
