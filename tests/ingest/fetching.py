"""A fetcher for the tests: it may reach loopback and does not wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractResolver

from ingest.fetch.fetch import Fetcher
from ingest.options import FetchOptions
from ingest.records import Page

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def fetcher(*, resolver: AbstractResolver | None = None, **changes: Any) -> Fetcher:
    """A fetcher that may reach loopback and does not wait."""
    free: dict[str, Any] = {"allow_networks": ("127.0.0.0/8",), "host_gap": timedelta(0), "respect_robots": False}
    free["read_tdmrep"] = False
    return Fetcher(
        FetchOptions(**{**free, "deadline": timedelta(seconds=5), **changes}), now=lambda: NOW, resolver=resolver
    )


async def page_of(url: str, **changes: Any) -> Page:
    async with fetcher(**changes) as fetch:
        page = await fetch.get(url)
    assert isinstance(page, Page)
    return page


def redirect(location: str, status: int = 302) -> Any:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": location})

    return answer
