"""What can go wrong in the dedupe room.

DedupeError
├── DuplicateIdError     two articles with one id
└── MixedDatesError      some articles have a date and some have none
"""

from __future__ import annotations


class DedupeError(Exception):
    """The articles handed over cannot be compared as they are."""

    retryable = False

    def __str__(self) -> str:
        return ": ".join(str(part) for part in self.args)


class DuplicateIdError(DedupeError):
    """Two articles have the same id; hand over each article once."""

    def __init__(self, article_id: str) -> None:
        super().__init__(article_id)
        self.article_id = article_id

    def __str__(self) -> str:
        return f"two articles have the id {self.article_id!r}: hand over each article once"


class MixedDatesError(DedupeError):
    """Some articles have a date and some have none, so their order is unknown."""

    def __init__(self, article_id: str) -> None:
        super().__init__(article_id)
        self.article_id = article_id

    def __str__(self) -> str:
        return f"article {self.article_id!r} has no date, but others do: give all of them a date, or none"
