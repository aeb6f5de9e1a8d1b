"""True servers on loopback for the tests of the ingest room; nothing patches sockets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Raw = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Site:
    """A web server whose pages are a dict, and which remembers who asked for what, and when."""

    pages: dict[str, Handler | str | bytes] = field(default_factory=dict)
    hits: list[tuple[str, dict[str, str], float]] = field(default_factory=list)
    port: int = 0
    host: str = "127.0.0.1"

    def url(self, path: str = "/") -> str:
        return f"http://{self.host}:{self.port}{path}"

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.hits]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.hits.append((request.path_qs, headers, time.monotonic()))
        page = self.pages.get(request.path_qs)
        if page is None:
            return web.Response(status=404, text="no such page")
        if isinstance(page, str | bytes):
            return web.Response(body=page.encode() if isinstance(page, str) else page, content_type="text/html")
        return await page(request)


@asynccontextmanager
async def serving(host: str = "127.0.0.1") -> AsyncIterator[Site]:
    site = Site(host=host)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", site.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, host, 0).start()
    site.port = runner.addresses[0][1]
    try:
        yield site
    finally:
        await runner.cleanup()


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    """One web server on 127.0.0.1."""
    async with serving() as one:
        yield one


@pytest_asyncio.fixture
async def other_site() -> AsyncIterator[Site]:
    """Another one, on another host."""
    async with serving("127.0.0.2") as one:
        yield one


@pytest.fixture
def raw_server() -> Callable[[Raw], object]:
    """`async with raw_server(answer) as url`: a server that writes bytes as it likes."""

    @asynccontextmanager
    async def start(answer: Raw) -> AsyncIterator[str]:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await reader.readuntil(b"\r\n\r\n")
                await answer(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        finally:
            server.close()

    return start
