"""ingest.pull at work: nobody waits for a slow one, memory is bounded, and a bug or a reader that stops ends it."""

from __future__ import annotations

import asyncio
import gc
import json
import weakref
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from ingest.fetch.fetch import Fetcher
from ingest.options import ExtractOptions, FetchOptions
from ingest.pull import FeedTask, Work, pull
from ingest.records import (
    Feed,
    Page,
    Validators,
    digest,
)
from ingest.work import archived
from ingest.workers.workers import WorkerPool
from tests.ingest.fetching import NOW
from tests.ingest.pulling import Desk, codes, document, entry, parse, poll_of, task

pytestmark = pytest.mark.asyncio


async def test_a_slow_feed_does_not_hold_up_the_others(site: Any, other_site: Any) -> None:
    """Results come as they are finished."""

    async def slow(_request: web.Request) -> web.Response:
        await asyncio.sleep(0.5)
        return web.Response(text=document())

    other_site.pages["/slow"] = slow
    site.pages.update({f"/f{number}": document() for number in range(5)})
    results = await Desk().run(
        Work(feeds=[task(other_site, "slow"), *(task(site, f"f{number}") for number in range(5))])
    )
    assert [poll_of(result).feed_id for result in results][-1] == "slow"


async def test_hosts_of_one_feed_are_asked_side_by_side(site: Any, other_site: Any) -> None:
    """Neither host waits until the other's pages are all fetched."""
    links = [each.url(f"/p{number}") for each in (site, other_site) for number in range(4)]
    page = Page(
        fetch_id="f" * 32,
        url="http://x/",
        final_url="http://x/",
        status=200,
        headers={},
        body=document(*map(entry, links)).encode(),
        fetched_at=NOW,
    )
    [result] = await Desk().run(Work(feeds=[task(site, documents=archived(page))]), host_gap=timedelta(seconds=0.2))
    assert len(result.taken) == 8
    one, other = ([moment for path, _, moment in each.hits if path != "/robots.txt"] for each in (site, other_site))
    assert one[0] < other[-1]
    assert other[0] < one[-1]


async def test_bodies_do_not_pile_up() -> None:
    """While later pages of a feed are fetched, the earlier bodies are gone: only pages in work are held."""
    alive = most = 0

    class Watched(Page):
        __slots__ = ("__weakref__",)

    class Getter:
        async def get(self, url: str, **_options: Any) -> Page:
            nonlocal alive, most
            await asyncio.sleep(0)
            body = b"empty" if "7" in url else b"text"
            page = Watched(
                fetch_id=digest(url), url=url, final_url=url, status=200, headers={}, body=body, fetched_at=NOW
            )
            weakref.finalize(page, dropped)
            alive += 1
            most = max(most, alive)
            return page

    def dropped() -> None:
        nonlocal alive
        alive -= 1

    links = [f"http://h{number}.example/" for number in range(60)]
    listing = Page(
        fetch_id="f" * 32,
        url="http://x/",
        final_url="http://x/",
        status=200,
        headers={},
        body=document(*map(entry, links)).encode(),
        fetched_at=NOW,
    )
    gc.disable()
    try:
        work = Work(feeds=[FeedTask(feed=Feed(id="feed", url="http://x/"), documents=archived(listing))])
        desk = Desk()
        steps = pull(
            work,
            fetch=Getter(),
            extract=desk,
            parse=parse,
            select=desk.select,
            archive=lambda _capture: None,
            via="live",
            now=lambda: NOW,
        )
        [result] = [result async for result in steps]
    finally:
        gc.enable()
    assert len(result.taken) == 60
    assert (alive, most <= 8) == (0, True)


async def test_a_bug_propagates_after_what_was_finished(site: Any) -> None:
    """It is raised as it is, nothing runs on, and the journal shows the page that met it."""
    site.pages.update({"/good": document(), "/feed": document(entry(site.url("/bug"))), "/bug": "bug"})
    desk = Desk()
    with pytest.raises(ZeroDivisionError):
        await desk.run(Work(feeds=[task(site, "good"), task(site)]))
    assert ("begin", site.url("/bug")) in desk.log
    assert ("end", site.url("/bug")) not in desk.log
    assert [each for each in asyncio.all_tasks() if "job" in repr(each) or "worker" in repr(each)] == []


async def test_the_journal_is_balanced(site: Any) -> None:
    """Begun and ended, also when extraction fails."""
    site.pages.update(
        {
            "/feed": document(*(entry(site.url(path)) for path in ("/good", "/empty", "/poison"))),
            "/good": "g",
            "/empty": "empty",
            "/poison": "poison",
        }
    )
    desk = Desk()
    await desk.run(Work(feeds=[task(site)]))
    for kind in ("begin", "end"):
        assert sorted(link for each, link in desk.log if each == kind) == sorted(
            site.url(path) for path in ("/good", "/empty", "/poison")
        )


async def test_a_reader_that_stops_leaves_nothing_running(site: Any) -> None:
    """Closing the stream cancels what is in flight, and the pages in work count as ended."""
    site.pages.update({"/one": document(), "/two": document(entry(site.url("/p"))), "/p": "text"})
    desk = Desk(extract_seconds=30)
    options = FetchOptions(allow_networks=("127.0.0.0/8",), host_gap=timedelta(0), respect_robots=False)
    async with Fetcher(options) as fetch:
        stream = pull(
            Work(feeds=[task(site, "one"), task(site, "two")]),
            fetch=fetch,
            extract=desk,
            parse=parse,
            select=desk.select,
            archive=desk.archive,
            via="live",
            now=lambda: NOW,
            on_end=lambda entry, _fetch_id: desk.log.append(("end", entry.link or "")),
        )
        assert poll_of(await anext(stream)).feed_id == "one"
        async with asyncio.timeout(5):
            await desk.extracting.wait()
        await stream.aclose()
    assert ("end", site.url("/p")) in desk.log


@pytest.mark.slow
async def test_a_feed_that_hangs_the_parser_costs_itself(site: Any) -> None:
    """feedparser takes quadratic time over 600 kB of one author: it is killed, and the feeds beside it are read."""
    item = f"<item><title>T</title><author>{{}}</author><link>{site.url('/p')}</link></item>"
    feed = '<rss version="2.0"><channel><title>C</title>{}</channel></rss>'
    site.pages.update(
        {"/hostile": feed.format(item.format("a" * 600_000 + "@")), "/good": feed.format(item), "/p": "t"}
    )
    old = Validators(etag='"old"')
    options = ExtractOptions(workers=1, parse_deadline=timedelta(seconds=2))
    async with WorkerPool(options, publisher_of=str) as pool:
        tasks = [task(site, "hostile", validators=old), task(site, "good")]
        results = await Desk().run(Work(feeds=tasks), parser=pool.parse)
    polls = {poll_of(result).feed_id: poll_of(result) for result in results}
    assert {name: (poll.code, poll.taken) for name, poll in polls.items()} == {
        "hostile": ("parse_timeout", 0),
        "good": ("ok", 1),
    }
    assert (
        polls["hostile"].detail
        == f"{site.url('/hostile')}: it took more than 2 s of CPU or 6 s of time, and was stopped"
    )
    assert (polls["hostile"].validators, polls["hostile"].http_status) == (old, 200)
    assert polls["hostile"].fetch_id  # it lies in raw, for who wants to see why


async def test_a_true_feed_through_the_true_parser(site: Any) -> None:
    """RSS over HTTP into feedparser, in a process of its own."""
    items = "".join(
        f"<item><title>T</title><link>{site.url(f'/p{n}')}</link><pubDate>Sun, 22 Nov 2026 0{n}:00 GMT</pubDate></item>"
        for n in range(3)
    )
    site.pages["/feed"] = f'<?xml version="1.0"?><rss version="2.0"><channel><title>C</title>{items}</channel></rss>'
    site.pages.update({f"/p{number}": f"text {number}" for number in range(3)})
    async with WorkerPool(ExtractOptions(workers=1), publisher_of=str) as pool:
        [result] = await Desk().run(Work(feeds=[task(site)]), parser=pool.parse)
    assert codes(result) == ["article"] * 3
    assert poll_of(result).newest == datetime(2026, 11, 22, 2, tzinfo=UTC)


async def test_headers_of_the_feed_are_sent_to_the_feed_only(site: Any) -> None:
    """A key of the feed is nothing for its pages."""
    site.pages.update({"/feed": document(entry(site.url("/p"))), "/p": "text"})
    feed = Feed(id="feed", url=site.url("/feed"), headers={"X-Key": "secret"})
    await Desk().run(Work(feeds=[FeedTask(feed=feed)]))
    assert [(path, headers.get("x-key")) for path, headers, _ in site.hits] == [("/feed", "secret"), ("/p", None)]
    assert json.loads(entry("x").to_json())["link"] == "x"
