"""ingest.pull: every entry ends in one outcome, one bad page or feed holds up no other, and nothing is lost."""

from __future__ import annotations

import asyncio
import gc
import json
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from ingest.errors import ExtractCrashed, NoText, ParseError
from ingest.fetch import Fetcher
from ingest.options import FetchOptions
from ingest.pull import Decision, FeedTask, Work, pull
from ingest.records import (
    Article,
    Capture,
    Entry,
    Feed,
    FeedPull,
    Page,
    Poll,
    Skipped,
    Validators,
    Via,
    digest,
)
from ingest.urls import article_id, canonical_url, entry_key

pytestmark = pytest.mark.asyncio
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def entry(link: str | None, *, feed_id: str = "feed", age_hours: float = 1, guid: str | None = None) -> Entry:
    return Entry(
        entry_key=entry_key(link, feed_id, guid),
        feed_id=feed_id,
        guid=guid,
        link=link,
        title=link,
        published_at=NOW - timedelta(hours=age_hours),
    )


def document(*entries: Entry) -> str:
    return "FEED\n" + "\n".join(each.to_json() for each in entries)


def parse(page: Page, feed: Feed, *, now: datetime) -> list[Entry]:
    """A feed format of our own: one entry as JSON per line."""
    first, *lines = page.body.decode().split("\n")
    if first != "FEED":
        raise ParseError(page.final_url, "no feed")
    return [replace(Entry.from_json(line), feed_id=feed.id) for line in lines if line]


def article(page: Page, entry: Entry, via: Via) -> Article:
    canonical = canonical_url(page.final_url)
    text = page.body.decode()
    return Article(
        article_id=article_id(canonical),
        entry_key=entry.entry_key,
        url=page.final_url,
        canonical_url=canonical,
        source="127.0.0.1",
        publisher="P",
        feed_id=entry.feed_id,
        guid=entry.guid,
        title=entry.title,
        authors=(),
        agency=None,
        dateline=None,
        published_at=entry.published_at,
        published_source="feed",
        published_precision="second",
        published_raw=None,
        modified_at=None,
        fetched_at=page.fetched_at,
        language="en",
        language_score=1.0,
        description=None,
        text=text,
        word_count=len(text.split()),
        content_hash=digest(text),
        image_url=None,
        tags=(),
        license=None,
        tdm_reservation=None,
        paywalled=None,
        http_status=page.status,
        extractor="test",
        extractor_version="1",
        via=via,
        fetch_id=page.fetch_id,
    )


@dataclass
class Desk:
    """Everything that the desk hands to pull, and what it was told."""

    decisions: dict[str, Decision] = field(default_factory=dict)  # by link
    captures: list[Capture] = field(default_factory=list)
    log: list[tuple[str, str]] = field(default_factory=list)
    extract_seconds: float = 0.0
    extracting: asyncio.Event = field(default_factory=asyncio.Event)

    def decide(self, entry: Entry) -> Decision:
        self.log.append(("decide", entry.link or ""))
        return self.decisions.get(entry.link or "", "take")

    def archive(self, capture: Capture) -> None:
        self.captures.append(capture)
        self.log.append(("archive", capture.page.final_url))

    async def extract(self, page: Page, entry: Entry, *, via: Via) -> Article:
        self.log.append(("extract", page.final_url))
        self.extracting.set()
        await asyncio.sleep(self.extract_seconds)
        if b"bug" in page.body:
            raise ZeroDivisionError("a bug")
        if b"poison" in page.body:
            raise ExtractCrashed(page.final_url, "the process died")
        if b"empty" in page.body:
            raise NoText(page.final_url, "no text")
        return article(page, entry, via)

    async def run(self, work: Work, *, via: Via = "live", parser: Any = parse, **fetching: Any) -> list[FeedPull]:
        free: dict[str, Any] = {"allow_networks": ("127.0.0.0/8",), "host_gap": timedelta(0), "respect_robots": False}
        free["read_tdmrep"] = False
        async with Fetcher(
            FetchOptions(**{**free, "deadline": timedelta(seconds=5), **fetching}), now=lambda: NOW
        ) as fetch:
            return [
                result
                async for result in pull(
                    work,
                    fetch=fetch,
                    extract=self,
                    parse=parser,
                    decide=self.decide,
                    archive=self.archive,
                    via=via,
                    now=lambda: NOW,
                    on_begin=lambda entry, _fetch_id: self.log.append(("begin", entry.link or "")),
                    on_end=lambda entry, _fetch_id: self.log.append(("end", entry.link or "")),
                )
            ]


def task(site: Any, name: str = "feed", **changes: Any) -> FeedTask:
    return FeedTask(feed=Feed(id=name, url=site.url(f"/{name}")), **changes)


def poll_of(result: FeedPull) -> Poll:
    assert result.poll is not None
    return result.poll


def outcomes(poll: Poll) -> int:
    return poll.taken + poll.known + poll.too_old + poll.outside + poll.repeated + poll.deferred


def codes(result: FeedPull) -> list[str]:
    return [taken.result.code if isinstance(taken.result, Skipped) else "article" for taken in result.taken]


async def test_a_feed_becomes_articles(site: Any) -> None:
    """Poll, articles in feed order, and all that was fetched in the archive, before extraction."""
    links = [site.url(f"/p{number}") for number in range(3)]
    site.pages["/feed"] = document(*map(entry, links))
    site.pages.update({f"/p{number}": f"text {number}" for number in range(3)})
    desk = Desk()
    [result] = await desk.run(Work(feeds=[task(site)]))
    poll = poll_of(result)
    assert (poll.code, poll.entries, poll.taken, poll.http_status) == ("ok", 3, 3, 200)
    assert poll.validators.body_hash == desk.captures[0].page.body_hash
    assert poll.fetch_id == desk.captures[0].page.fetch_id
    assert [taken.result.text for taken in result.taken if isinstance(taken.result, Article)] == [
        "text 0",
        "text 1",
        "text 2",
    ]
    assert [taken.entry.link for taken in result.taken] == links
    assert sorted((capture.kind, capture.entry and capture.entry.link) for capture in desk.captures) == [
        ("feed", None)
    ] + [("page", link) for link in links]
    for link in links:
        assert desk.log.index(("archive", link)) < desk.log.index(("begin", link)) < desk.log.index(("extract", link))


async def test_every_entry_is_counted_once(site: Any) -> None:
    """The sum of the outcomes is the number of entries; what is left out as old or outside has its range told."""
    kinds: list[Decision] = ["take", "known", "too_old", "outside", "deferred"]
    entries = [
        entry(site.url(f"/{kind}/{number}"), age_hours=10 * number + index)
        for index, kind in enumerate(kinds)
        for number in range(3)
    ]
    site.pages["/feed"] = document(*entries, entries[0], entries[4])
    desk = Desk(
        decisions={each.link or "": kind for each in entries for kind in kinds if f"/{kind}/" in (each.link or "")}
    )
    [result] = await desk.run(Work(feeds=[task(site)]))
    poll = poll_of(result)
    assert (poll.taken, poll.known, poll.too_old, poll.outside, poll.deferred, poll.repeated) == (3, 3, 3, 3, 3, 2)
    assert poll.entries == outcomes(poll) == 17
    assert (poll.oldest_left, poll.newest_left) == (NOW - timedelta(hours=24), NOW - timedelta(hours=2))
    assert (poll.oldest, poll.newest) == (NOW - timedelta(hours=24), NOW)


async def test_one_bad_page_costs_only_itself(site: Any) -> None:
    """Each failure is a value with its code, and the fetch_id if the page is in raw."""
    bodies = {"/good": "good", "/empty": "empty", "/poison": "poison", "/big": "x" * 2_000}
    site.pages.update(bodies)
    links = [site.url(path) for path in ["/good", "/missing", "/empty", "/poison", "/big"]]
    entries = [*map(entry, links), entry("http://10.0.0.1/private"), entry(None, guid="7")]
    site.pages["/feed"] = document(*entries)
    desk = Desk()
    [result] = await desk.run(Work(feeds=[task(site)]), page_bytes=1_000)
    assert codes(result) == ["article", "http_4xx", "no_text", "crashed", "too_large", "refused_address", "no_link"]
    failures = [taken.result for taken in result.taken if isinstance(taken.result, Skipped)]
    assert [failure.retryable for failure in failures] == [True, True, True, False, False, False]
    assert [failure.fetch_id is not None for failure in failures] == [False, True, True, False, False, False]
    assert [failure.http_status for failure in failures] == [404, 200, 200, None, None, None]
    assert all(failure.detail for failure in failures)
    assert len(desk.captures) == 1 + 3


async def test_an_unchanged_feed_is_not_read(site: Any) -> None:
    """304: not_modified. The same bytes with 200: unchanged, not archived, not parsed; its new validators count."""
    tag = '"v1"'

    async def conditional(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304)
        return web.Response(text=document(entry(site.url("/p"))), headers={"ETag": tag})

    site.pages.update({"/feed": conditional, "/p": "text"})
    desk = Desk()
    [first] = await desk.run(Work(feeds=[task(site)]))
    validators = poll_of(first).validators
    assert validators.etag == '"v1"'
    [second] = await desk.run(Work(feeds=[task(site, validators=validators)]))
    assert (poll_of(second).code, poll_of(second).http_status, poll_of(second).validators) == (
        "not_modified",
        304,
        validators,
    )
    tag = '"v2"'
    [third] = await desk.run(Work(feeds=[task(site, validators=validators)]))
    assert (poll_of(third).code, poll_of(third).entries, poll_of(third).fetch_id) == ("unchanged", 0, None)
    assert poll_of(third).validators == replace(validators, etag='"v2"')
    assert [capture.kind for capture in desk.captures] == ["feed", "page"]


async def test_a_captured_document_is_parsed_instead_of_a_get(site: Any) -> None:
    """Nothing is asked of the feed, nothing archived again, and its validators stay."""
    site.pages["/p"] = "text"
    old = Validators(etag='"old"')
    body = document(entry(site.url("/p"))).encode()
    page = Page(
        fetch_id="f" * 32,
        url="http://a.example/",
        final_url="http://a.example/",
        status=200,
        headers={},
        body=body,
        fetched_at=NOW,
    )
    desk = Desk()
    [result] = await desk.run(Work(feeds=[task(site, captured=page, validators=old)]), via="feed")
    poll = poll_of(result)
    assert (poll.code, poll.fetch_id, poll.entries, poll.validators) == ("ok", "f" * 32, 1, old)
    assert site.paths() == ["/p"]
    assert [capture.kind for capture in desk.captures] == ["page"]
    assert [taken.result.via for taken in result.taken if isinstance(taken.result, Article)] == ["feed"]


async def test_a_failing_feed_stops_no_other(site: Any, other_site: Any) -> None:
    """Each bad feed has its code, keeps its old validators, and the good one its articles."""

    async def busy(_request: web.Request) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": "120"})

    site.pages.update({"/good": document(entry(site.url("/p"), feed_id="good")), "/p": "text", "/nofeed": "<html>"})
    other_site.pages["/busy"] = busy
    old = Validators(etag='"old"')
    dead = FeedTask(feed=Feed(id="dead", url="http://127.0.0.3:9/"), validators=old)
    private = FeedTask(feed=Feed(id="private", url="http://10.0.0.1/"), validators=old)
    tasks = [
        dead,
        private,
        task(site, "missing", validators=old),
        task(site, "nofeed", validators=old),
        task(other_site, "busy", validators=old),
        task(site, "good"),
    ]
    desk = Desk()
    polls = {poll_of(result).feed_id: poll_of(result) for result in await desk.run(Work(feeds=tasks))}
    assert {name: poll.code for name, poll in polls.items()} == {
        "dead": "connect",
        "private": "refused_address",
        "missing": "http_4xx",
        "nofeed": "not_a_feed",
        "busy": "http_5xx",
        "good": "ok",
    }
    assert all(poll.validators == old and poll.detail for name, poll in polls.items() if name != "good")
    assert (polls["busy"].retry_after, polls["busy"].http_status) == (timedelta(seconds=120), 503)
    assert polls["nofeed"].fetch_id
    assert polls["nofeed"].http_status == 200
    assert polls["good"].taken == 1


async def test_an_entry_of_two_feeds_is_taken_once(site: Any) -> None:
    """The second feed counts it as repeated; what is known is known in both."""
    both, known = entry(site.url("/p")), entry(site.url("/known"))
    site.pages.update({"/one": document(both, known), "/two": document(known, both), "/p": "text"})
    desk = Desk(decisions={site.url("/known"): "known"})
    results = await desk.run(Work(feeds=[task(site, "one"), task(site, "two")]))
    assert sorted((poll_of(result).taken, poll_of(result).repeated, poll_of(result).known) for result in results) == [
        (0, 1, 1),
        (1, 0, 1),
    ]
    assert site.paths().count("/p") == 1
    assert desk.log.count(("decide", site.url("/p"))) == 1  # a "take" is always taken: the desk may note it


async def test_retried_entries_are_fetched_without_their_feeds(site: Any, other_site: Any) -> None:
    """Results without a poll; a feed that shows one of them counts it as repeated."""
    again, gone, other = entry(site.url("/p")), entry(site.url("/gone")), entry(other_site.url("/p"))
    site.pages.update({"/feed": document(again), "/p": "text"})
    other_site.pages["/p"] = "text"
    desk = Desk()
    results = await desk.run(Work(entries=[again, gone, other], feeds=[task(site)]))
    retried = [taken for result in results if result.poll is None for taken in result.taken]
    assert sorted(taken.entry.link or "" for taken in retried) == sorted(
        each.link or "" for each in (again, gone, other)
    )
    [poll] = [result.poll for result in results if result.poll]
    assert (poll.repeated, poll.taken) == (1, 0)
    assert site.paths().count("/p") == 1


async def test_captures_come_first_and_need_no_network(site: Any) -> None:
    """In parts of 64, with via raw, read lazily; a capture of an error page is no article."""
    read: list[int] = []

    def captures() -> Iterator[Capture]:
        for number in range(130):
            read.append(number)
            url = f"http://a.example/{number}"
            status = 404 if number == 7 else 200
            page = Page(
                fetch_id=f"{number:032x}",
                url=url,
                final_url=url,
                status=status,
                headers={},
                body=b"text",
                fetched_at=NOW,
            )
            yield Capture(kind="page", feed_id="feed", page=page, entry=entry(url))

    site.pages["/feed"] = document(entry("http://a.example/5"))
    desk = Desk()
    results = await desk.run(Work(captures=captures(), feeds=[task(site)]))
    parts = [result for result in results if result.poll is None]
    assert [len(part.taken) for part in parts] == [64, 64, 2]
    taken = [each for part in parts for each in part.taken]
    assert [each.result.via for each in taken if isinstance(each.result, Article)] == ["raw"] * 129
    assert [each.entry.link for each in taken if isinstance(each.result, Skipped)] == ["http://a.example/7"]
    assert results[-1].poll
    assert results[-1].poll.repeated == 1
    assert [capture.kind for capture in desk.captures] == ["feed"]


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
    [result] = await Desk().run(Work(feeds=[task(site, captured=page)]), host_gap=timedelta(seconds=0.2))
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
        work = Work(feeds=[FeedTask(feed=Feed(id="feed", url="http://x/"), captured=listing)])
        desk = Desk()
        steps = pull(
            work,
            fetch=Getter(),
            extract=desk,
            parse=parse,
            decide=desk.decide,
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
            decide=desk.decide,
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


async def test_a_large_feed_does_not_stop_the_clock(site: Any, other_site: Any) -> None:
    """A parser that works for a second lets the other requests meet their deadlines."""

    def heavy(page: Page, feed: Feed, *, now: datetime) -> list[Entry]:
        if feed.id == "heavy":
            time.sleep(0.8)
        return parse(page, feed, now=now)

    site.pages["/heavy"] = document()

    async def slow(_request: web.Request) -> web.Response:
        await asyncio.sleep(0.3)
        return web.Response(text=document())

    other_site.pages["/slow"] = slow
    results = await Desk().run(
        Work(feeds=[task(site, "heavy"), task(other_site, "slow")]), parser=heavy, deadline=timedelta(seconds=0.6)
    )
    assert [poll_of(result).code for result in results] == ["ok", "ok"]


async def test_a_true_feed_through_the_true_parser(site: Any) -> None:
    """RSS over HTTP into feedparser, by default."""
    items = "".join(
        f"<item><title>T</title><link>{site.url(f'/p{n}')}</link><pubDate>Sun, 22 Nov 2026 0{n}:00 GMT</pubDate></item>"
        for n in range(3)
    )
    site.pages["/feed"] = f'<?xml version="1.0"?><rss version="2.0"><channel><title>C</title>{items}</channel></rss>'
    site.pages.update({f"/p{number}": f"text {number}" for number in range(3)})
    [result] = await Desk().run(Work(feeds=[task(site)]), parser=None)
    assert codes(result) == ["article"] * 3
    assert poll_of(result).newest == datetime(2026, 11, 22, 2, tzinfo=UTC)


async def test_headers_of_the_feed_are_sent_to_the_feed_only(site: Any) -> None:
    """A key of the feed is nothing for its pages."""
    site.pages.update({"/feed": document(entry(site.url("/p"))), "/p": "text"})
    feed = Feed(id="feed", url=site.url("/feed"), headers={"X-Key": "secret"})
    await Desk().run(Work(feeds=[FeedTask(feed=feed)]))
    assert [(path, headers.get("x-key")) for path, headers, _ in site.hits] == [("/feed", "secret"), ("/p", None)]
    assert json.loads(entry("x").to_json())["link"] == "x"
