"""What several sources of one run want to know: asked for once, by whoever comes first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

Result = TypeVar("Result")

KEPT: Final = 64  # results, some of them documents of 100 kB: who wants to know the same asks soon after


class Once(Generic[Result]):
    """Results by feed id, the latest ones only. An error is a result too."""

    def __init__(self) -> None:
        self._results: dict[str, asyncio.Future[Result]] = {}

    def __contains__(self, feed_id: str) -> bool:
        """Whether somebody has asked for *feed_id*."""
        return feed_id in self._results

    def forget(self, feed_id: str) -> None:
        """Keep no result for *feed_id*: it is large."""
        self._results.pop(feed_id, None)

    async def get(self, feed_id: str, make: Callable[[], Awaitable[Result]]) -> Result:
        """What *make* gave to the first who asked for *feed_id*; raises what it raised."""
        if feed_id in self._results:
            return await asyncio.shield(self._results[feed_id])
        future = self._results[feed_id] = asyncio.get_running_loop().create_future()
        while len(self._results) > KEPT:
            self._results.pop(next(iter(self._results)))
        try:
            result = await make()
        except Exception as error:
            future.set_exception(error)
            future.exception()  # it is told here, whether others wait or not
            raise
        except BaseException:  # the run ends
            future.cancel()
            raise
        future.set_result(result)
        return result
