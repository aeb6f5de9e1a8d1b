"""What other readers lose without a word, each by its name: whole runs against a true server, as the clock goes on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from aiohttp import web

from tests.ingest.samples import PARAGRAPHS
from tests.wirecopy.running import ANCHOR, serving, work
from wirecopy.cli.app import run_app
from wirecopy.store.files.layout import Layout

pytestmark = pytest.mark.slow

QUARTER = timedelta(minutes=15)
DATED = f"<pubDate>{format_datetime(ANCHOR - QUARTER)}</pubDate>"


@dataclass
class Press:
    """A publisher whose pages are a dict, its runs, and what was asked of it. `@` in a page is its address."""

    layout: Layout
    at: Callable[[Any], None]  # set the clock
    base: str = ""
    pages: dict[str, str] = field(default_factory=dict)  # `> /path` redirects
    hits: Counter[str] = field(default_factory=Counter)

    async def answer(self, request: web.Request) -> web.Response:
        self.hits[request.path_qs] += 1
        page = self.pages.get(request.path_qs)
        if page is None:
            return web.Response(status=404)
        if page.startswith("> "):
            return web.Response(status=302, headers={"Location": page[2:]})
        kind = "application/rss+xml" if page.startswith("<?xml") else "text/html"
        return web.Response(text=page.replace("@", self.base), content_type=kind)

    def run(self, after: timedelta) -> dict[str, int]:
        """A live run so long after the first; its outcomes."""
        now = ANCHOR + after
        self.at(now)
        outcomes: dict[str, int] = work("live", now, QUARTER, f"after {after}")["outcomes"]
        return outcomes

    def articles(self) -> pl.DataFrame:
        return pl.read_parquet(self.layout.store / "articles/**/*.parquet")

    def ledger(self) -> pl.DataFrame:
        return pl.read_parquet(self.layout.store / "outcomes/**/*.parquet").sort("tried_at")


@pytest.fixture
def press(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Press]:
    """Two feeds, /one.xml and /two.xml, without an entry."""
    variables = {
        "DATA": str(layout.root), "FEEDS": str(tmp_path / "feeds.toml"), "ALLOW_NETWORKS": "127.0.0.0/8",
        "HOST_GAP": "0", "EXTRACT_WORKERS": "1", "SHARDS": "1", "NOW": ANCHOR.isoformat(),
    }  # fmt: skip
    for key, value in variables.items():
        monkeypatch.setenv(f"WIRECOPY_{key}", value)
    made = Press(layout, lambda now: monkeypatch.setenv("WIRECOPY_NOW", now.isoformat()))
    with serving(made.answer) as made.base:
        feeds = (f'[[feed]]\nid = "{name}"\nurl = "{made.base}/{name}.xml"\nevery = "15m"\n' for name in ("one", "two"))
        (tmp_path / "feeds.toml").write_text("\n".join(feeds))
        made.pages.update({"/one.xml": feed(), "/two.xml": feed()})
        yield made


def feed(*items: str) -> str:
    entries = "".join(f"<item>{item}</item>" for item in items)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Harlan</title>{entries}</channel></rss>'


def page(word: str) -> str:
    """An article of its own."""
    text = "".join(f"<p>{word}: {paragraph}</p>" for paragraph in PARAGRAPHS)
    head = f"<html lang='en'><head><title>{word}</title></head>"
    return f"{head}<body><article><h1>{word}</h1>{text}</article></body></html>"


def test_a_feed_with_bozo_set_gives_its_good_entries(press):
    """One entry is no XML, another has a character that is none, a third one byte too many: the good ones are taken."""
    press.pages["/one.xml"] = feed(
        f"<title>First</title><link>@/first</link>{DATED}",
        "<title>Q&A &nbsp; </wrong>",
        f"<title>Odd \x0b &#xD83D; &#x110000;</title><link>@/odd</link>{DATED}",
        f"<title>Last</title><link>@/last</link>{DATED}",
    )
    press.pages.update({f"/{name}": page(name) for name in ("first", "odd", "last")})
    assert press.run(timedelta())["stored"] == 3
    assert sorted(press.articles()["title"]) == ["first", "last", "odd"]


def test_numbers_in_a_query_are_two_articles(press):
    """`?id=1` and `?id=2` are two, with a tracker or without."""
    links = ("@/story?id=1&amp;utm_source=rss", "@/story?id=2", "@/story?id=1")
    press.pages["/one.xml"] = feed(*(f"<title>T</title><link>{link}</link>{DATED}" for link in links))
    press.pages.update({f"/story?id={number}": page(f"Number {number}") for number in (1, 2)})
    press.pages["/story?id=1&utm_source=rss"] = press.pages["/story?id=1"]
    assert press.run(timedelta())["stored"] == 2
    assert sorted(press.articles()["title"]) == ["Number 1", "Number 2"]
    assert sorted(url.rpartition("?")[2] for url in press.articles()["canonical_url"]) == ["id=1", "id=2"]


def test_an_entry_without_date_and_guid_is_kept(press):
    """It is an article of the day on which it was seen, and stays the one it is."""
    press.pages.update({"/one.xml": feed("<title>Bare</title><link>@/bare</link>"), "/bare": page("Bare")})
    assert press.run(timedelta()) == {"stored": 1}
    assert press.articles()["published_at"].to_list() == [None]
    press.pages["/one.xml"] = feed(
        "<title>Bare</title><link>@/bare</link>", "<title>New</title><link>@/new</link>", "<title>No link</title>"
    )
    press.pages["/new"] = page("New")
    assert press.run(2 * QUARTER) == {"stored": 1, "no_link": 1}
    assert (press.hits["/bare"], len(press.articles())) == (1, 2)


@pytest.mark.slow
def test_a_page_without_text_is_tried_on_the_retry_rhythm_and_listed(press, capsys):
    """After 15 minutes, an hour, 6 and 24 hours, though the feed no longer shows it; then it has ended in no_text."""
    press.pages.update({"/one.xml": feed(f"<title>E</title><link>@/empty</link>{DATED}"), "/empty": "<html><p>Soon."})
    assert press.run(timedelta()) == {"no_text": 1}
    press.pages["/one.xml"] = feed()
    elapsed = timedelta()
    for wait in (QUARTER, timedelta(hours=1), timedelta(hours=6), timedelta(hours=24)):
        assert press.run(elapsed + wait - timedelta(minutes=1)) == {}
        elapsed += wait
        assert press.run(elapsed) == {"no_text": 1}
    assert press.run(elapsed + timedelta(days=2)) == {}
    assert (press.hits["/empty"], press.ledger()["tries"].to_list()) == (5, [1, 2, 3, 4, 5])
    run_app(["feeds", "check", "one", "--json"])
    (found,) = json.loads(capsys.readouterr().out)
    assert found["no_text"] == [f"{press.base}/empty"]


def test_a_page_that_gets_its_text_later_is_stored(press):
    """A live blog's first minutes: the second try has what the first had not."""
    press.pages.update({"/one.xml": feed(f"<title>E</title><link>@/live</link>{DATED}"), "/live": "<html><p>Soon."})
    assert press.run(timedelta()) == {"no_text": 1}
    press.pages["/live"] = page("Live")
    assert press.run(QUARTER) == {"stored": 1}


def test_two_redirectors_to_one_page(press):
    """Two feeds name it by links of their own: one article, and nobody asks for it again."""
    press.pages.update({"/a/7": "> /page", "/b/9": "> /page", "/page": page("Page")})
    press.pages["/one.xml"] = feed(f"<title>Page</title><link>@/a/7</link><guid>7</guid>{DATED}")
    press.pages["/two.xml"] = feed(f"<title>Page</title><link>@/b/9</link><guid>9</guid>{DATED}")
    assert press.run(timedelta()) == {"stored": 1, "already_stored": 1}
    paths = ("/page", "/a/7", "/b/9")
    asked = [press.hits[path] for path in paths]
    for name, path in (("one", "a/7"), ("two", "b/9")):  # documents that changed, so that they are read
        item = f"<title>Page</title><link>@/{path}</link><guid>{path[2:]}</guid>{DATED}"
        press.pages[f"/{name}.xml"] = feed(item, "<title>No link</title>")
    assert press.run(2 * QUARTER) == {"no_link": 2}
    press.run(timedelta(hours=30))
    assert (len(press.articles()), [press.hits[path] for path in paths]) == (1, asked)


def test_a_corrected_page_of_a_known_entry_is_a_revision(press):
    """The feed says that it was updated: the page is taken again, the earlier text stays beside it."""
    item = "<title>{}</title><link>@/page</link><guid isPermaLink='false'>1</guid>" + DATED
    press.pages.update({"/one.xml": feed(item.format("Twelve hurt")), "/page": page("Twelve hurt")})
    assert press.run(timedelta()) == {"stored": 1}
    press.pages.update({"/one.xml": feed(item.format("Nine hurt")), "/page": page("Nine hurt")})
    assert press.run(timedelta(hours=2)) == {"revised": 1}
    assert press.articles()["text"][0].startswith("Nine hurt")
    earlier = pl.read_parquet(press.layout.store / "revisions/**/*.parquet")
    assert [text.startswith("Twelve hurt") for text in earlier["text"]] == [True]
