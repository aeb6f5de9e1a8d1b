"""A publisher on loopback whose feeds and slowness a test sets, and real commands that read it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import polars as pl
import pytest
from aiohttp import web
from yarl import URL

from tests.ingest.samples import PARAGRAPHS
from tests.wirecopy.running import serving
from wirecopy.store.files.layout import Layout


@dataclass
class Site:
    """Feeds `/<name>.xml`, and the pages that they show. It listens on 127.0.0.1, so that it has two host names."""

    layout: Layout
    variables: dict[str, str]
    shown: list[str] = field(default_factory=list)  # of feed `s`
    feeds: dict[str, list[str]] = field(default_factory=dict)  # of others
    robots: dict[str, str] = field(default_factory=dict)  # by host name
    slow: float = 0.0  # seconds of a page
    base: str = ""
    hits: Counter[str] = field(default_factory=Counter)

    @property
    def other(self) -> str:
        """The same server by another host name."""
        return self.base.replace("127.0.0.1", "localhost")

    def pages_asked(self) -> int:
        """How many different pages were asked for, so far: the server goes on meanwhile."""
        return sum(path.startswith("/p/") for path in list(self.hits))

    async def answer(self, request: web.Request) -> web.Response:
        self.hits[request.path] += 1
        if request.path == "/robots.txt" and (text := self.robots.get(request.url.host or "")):
            return web.Response(text=text)
        if request.path.endswith(".xml"):
            name = request.path[1:-4]
            if name != "s" and name not in self.feeds:
                return web.Response(status=404)
            return web.Response(text=self.feed(name, request.url), content_type="application/rss+xml")
        if not request.path.startswith("/p/"):
            return web.Response(status=404)
        await asyncio.sleep(self.slow)
        return web.Response(text=page(request.path[3:]), content_type="text/html")

    def feed(self, name: str, url: URL) -> str:
        """The feed; its pages are on the host that was asked."""
        date = format_datetime(datetime.now(UTC) - timedelta(minutes=30))
        items = "".join(
            f"<item><title>{one}</title><link>{url.origin()}/p/{one}</link><pubDate>{date}</pubDate></item>"
            for one in (self.shown if name == "s" else self.feeds[name])
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>S</title>{items}</channel></rss>'

    def write_feeds(self, addresses: Mapping[str, str]) -> None:
        """The feed list: ids and addresses."""
        text = "\n".join(f'[[feed]]\nid = "{name}"\nurl = "{url}"\nevery = "1m"' for name, url in addresses.items())
        Path(self.variables["WIRECOPY_FEEDS"]).write_text(text)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """`wirecopy …` in a process group of its own."""
        command = [sys.executable, "-c", "from wirecopy.cli.app import main; main()", *arguments]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WIRECOPY_")}
        return subprocess.Popen(command, env=environment | self.variables, start_new_session=True)

    def run(self, *arguments: str) -> int:
        """Its exit code."""
        return self.start(*(arguments or ("run", "--no-dedupe"))).wait(120)

    def titles(self) -> set[str]:
        """Of all articles in the store."""
        found = list(self.layout.store.glob("articles/**/*.parquet"))
        return set(pl.concat([pl.read_parquet(path) for path in found])["title"]) if found else set()

    def outcomes(self) -> Counter[str]:
        """Rows of the ledger by code."""
        found = list(self.layout.store.glob("outcomes/**/*.parquet"))
        return Counter(pl.concat([pl.read_parquet(path) for path in found])["code"]) if found else Counter()


def page(name: str) -> str:
    """An article of its own."""
    text = "".join(f"<p>{name}: {paragraph}</p>" for paragraph in PARAGRAPHS)
    head = f"<html lang='en'><head><title>{name}</title></head>"
    return f"{head}<body><article><h1>{name}</h1>{text}</article></body></html>"


@contextmanager
def a_site(layout: Layout, folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Site]:
    """One feed `s` on a site, and the settings that name it, for this process too."""
    variables = {
        "WIRECOPY_DATA": str(layout.root), "WIRECOPY_FEEDS": str(folder / "feeds.toml"),
        "WIRECOPY_ALLOW_NETWORKS": "127.0.0.0/8,::1/128", "WIRECOPY_HOST_GAP": "0", "WIRECOPY_EXTRACT_WORKERS": "1",
    }  # fmt: skip
    for name, value in variables.items():
        patch.setenv(name, value)
    made = Site(layout, variables)
    with serving(made.answer) as made.base:
        made.write_feeds({"s": f"{made.base}/s.xml"})
        yield made
