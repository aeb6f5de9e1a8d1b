"""What feeds show in this run: each is asked once, whichever source wants to know."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from ingest.errors import FetchError
from ingest.records import Page

KEPT: Final = 64  # documents of about 100 kB: a source looks at a feed soon after it was read, or not at all

Told = Callable[[Page | FetchError], None]


class ShownFeeds:
    """The documents of feeds, or why they could not be read; the latest ones only."""

    def __init__(self) -> None:
        self._answers: dict[str, asyncio.Future[Page | FetchError | None]] = {}

    @contextmanager
    def asking(self, feed_id: str) -> Iterator[Told]:
        """Others wait for the answer while this lasts."""
        answer: asyncio.Future[Page | FetchError | None] = asyncio.get_running_loop().create_future()
        self._answers[feed_id] = answer
        while len(self._answers) > KEPT:
            self._answers.pop(next(iter(self._answers)))
        try:
            yield answer.set_result
        finally:
            if not answer.done():
                answer.set_result(None)

    async def page(self, feed_id: str) -> Page | None:
        """What the feed shows, None if nobody asked it yet. Raises the FetchError that whoever asked got."""
        answer = await self._answers[feed_id] if feed_id in self._answers else None
        if isinstance(answer, FetchError):
            raise answer
        return answer
