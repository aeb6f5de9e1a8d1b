"""The newsroom as one object to start, query and stop: `with Newsroom(anchor=..., port=0) as newsroom: ...`"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from aiohttp import web

from demo.newsroom.feedlist import render_feed_list
from demo.newsroom.server import make_app
from demo.newsroom.site import Site
from demo.newsroom.sockets import NewsroomError, open_sockets
from demo.newsroom.truth import Truth
from demo.newsroom.world import World, load_world

Clock = Callable[[], datetime]
PORT: Final = 8640
STARTUP: Final = timedelta(seconds=10)


class Newsroom:
    """The demo world, served on every publisher's loopback address as of `now`.

    `now` is a fixed instant until it is set again, or a clock that is read on every request; by default the anchor.
    Settings may be changed while serving.
    """

    def __init__(
        self,
        *,
        anchor: datetime,
        now: datetime | Clock | None = None,
        port: int = 0,
        window: timedelta = timedelta(hours=72),
        limit: int = 60,
        slow: timedelta = timedelta(seconds=4),
        world: World | None = None,
    ) -> None:
        """Prepare a newsroom; it serves inside `with`.

        Feeds show at most *limit* entries, those of the last *window*; the slow page takes *slow* in all.
        """
        self.site = Site(world=world or load_world(), anchor=_aware(anchor), port=port, clock=lambda: self.now)
        self.window, self.limit, self.slow = window, limit, slow
        self.hits: Counter[str] = Counter()  # by absolute URL, tracking parameters left out
        self._off: set[str] = set()
        self._clock: Clock = lambda: self.site.anchor
        if now is not None:
            self.now = now
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    @property
    def now(self) -> datetime:
        """The instant as of which the newsroom answers."""
        return self._clock()

    @now.setter
    def now(self, value: datetime | Clock) -> None:
        if isinstance(value, datetime):
            instant = _aware(value)
            self._clock = lambda: instant
        else:
            self._clock = value

    @property
    def port(self) -> int:
        """The port on all addresses."""
        return self.site.port

    @property
    def anchor(self) -> datetime:
        """The end of the world's third day."""
        return self.site.anchor

    @property
    def world(self) -> World:
        """The data behind it."""
        return self.site.world

    @property
    def addresses(self) -> dict[str, str]:
        """Loopback address by publisher id; the first is the agency's, which has the controls too."""
        return {publisher.id: publisher.address for publisher in self.world.publishers.values()}

    @property
    def days(self) -> tuple[datetime, datetime, datetime]:
        """The starts of the world's three days."""
        start = self.site.start
        return start, start + timedelta(days=1), start + timedelta(days=2)

    def url(self, name: str) -> str:
        """Absolute URL of a feed (by id) or of an article (by slug)."""
        return self.site.url(name)

    def truth(self) -> list[Truth]:
        """The truth about every article, in order of publication."""
        return self.site.truth()

    def write_feeds(self, path: Path) -> Path:
        """Write a feeds.toml for wirecopy that lists all feeds and names the publishers' hosts."""
        path.write_text(render_feed_list(self.site), "utf-8")
        return path

    def fault(self, publisher: str, *, off: bool = True) -> None:
        """Switch a publisher off (everything of it answers 503) or on again."""
        if publisher not in self.world.publishers:
            raise ValueError(f"no publisher {publisher!r}; there are {', '.join(self.world.publishers)}")
        (self._off.add if off else self._off.discard)(publisher)

    def is_off(self, publisher: str) -> bool:
        """Whether a publisher is switched off."""
        return publisher in self._off

    def count(self, url: str) -> None:
        """Note one request."""
        self.hits[url] += 1

    def set_now(self, text: str) -> None:
        """Set `now` from an ISO instant with zone, or to the real clock by the word "real"."""
        self.now = real_clock if text == "real" else datetime.fromisoformat(text)

    def status(self) -> dict[str, object]:
        """What the controls tell, as JSON values."""
        return {
            "anchor": self.anchor.isoformat(),
            "now": self.now.isoformat(),
            "off": sorted(self._off),
            "hits": dict(self.hits),
        }

    def __enter__(self) -> Self:
        """Bind all addresses and serve from a thread of its own; the port is known from here on."""
        with ExitStack() as stack:
            sockets = open_sockets(list(self.addresses.values()), self.site.port)
            for one in sockets:
                stack.callback(one.close)
            self.site = replace(self.site, port=sockets[0].getsockname()[1])
            ready = threading.Event()
            self._thread = threading.Thread(target=self._serve, args=(sockets, ready), name="newsroom", daemon=True)
            self._thread.start()
            if not ready.wait(STARTUP.total_seconds()):
                raise NewsroomError("the server thread did not come up")
            stack.pop_all()  # the sockets now belong to the server
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop serving; requests under way are cut off."""
        if self._loop is not None and self._stop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(STARTUP.total_seconds())

    def _serve(self, sockets: list[socket.socket], ready: threading.Event) -> None:
        asyncio.run(self._main(sockets, ready))

    async def _main(self, sockets: list[socket.socket], ready: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        runner = web.AppRunner(make_app(self), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        for one in sockets:
            await web.SockSite(runner, one).start()
        ready.set()
        await self._stop.wait()
        await runner.cleanup()


def real_clock() -> datetime:
    """The machine's time."""
    return datetime.now(UTC)


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no zone; write for example {instant.isoformat()}+00:00")
    return instant.astimezone(UTC)
