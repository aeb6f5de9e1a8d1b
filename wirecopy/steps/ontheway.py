"""Publishing on the way: finished parts are in the store within a minute, however long the rest of the run takes."""

from __future__ import annotations

import asyncio
import time
from types import TracebackType
from typing import Final, Self

from wirecopy.log import get_log
from wirecopy.settings import Settings
from wirecopy.steps.committing import commit_if_free
from wirecopy.store.files.layout import Layout
from wirecopy.store.staging.parts import waiting_parts

log = get_log(__name__)

PUBLISH_SECONDS: Final = 60.0  # a finished part waits no longer …
QUIET_SECONDS: Final = 2.0  # … and not at all if no result has come for so long: only slow hosts are left
REST: Final = 20  # after a commit in a quiet run, so many times as long as it took: at most a twentieth goes into them


class OnTheWay:
    """Commits finished parts beside a pull, in a thread of its own. An async context manager."""

    def __init__(self, settings: Settings, layout: Layout, plan: str) -> None:
        self._settings, self._layout, self._plan = settings, layout, plan
        self._last = time.monotonic()  # end of the last commit
        self._cost = 0.0  # seconds that it took
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task:
            await self._task

    def is_due(self, quiet: float) -> bool:
        """Whether it is time to commit, *quiet* seconds after the last result came in."""
        if self._task and not self._task.done():
            return False
        since = time.monotonic() - self._last
        return since >= PUBLISH_SECONDS or (quiet >= QUIET_SECONDS and since >= REST * self._cost)

    def start(self) -> None:
        """Commit waiting parts, if there are any."""
        if waiting_parts(self._layout):
            self._task = asyncio.create_task(self._commit())

    async def _commit(self) -> None:
        """A commit that fails costs nothing: its parts wait for the publish at the end, and an error of that stops the
        run.
        """
        started = time.monotonic()
        try:
            await asyncio.to_thread(commit_if_free, self._settings, self._layout, self._plan)
        except Exception as error:
            log.warning("nothing was published on the way, publish tries again: %s", error)
        self._last = time.monotonic()
        self._cost = self._last - started
