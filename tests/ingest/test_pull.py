"""ingest.pull: every entry ends in one outcome, one bad page or feed costs only itself, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from ingest.pull import Decision, FeedTask, Work
from ingest.records import (
    Article,
    Capture,
    Feed,
    Page,
    Skipped,
    Validators,
)
from ingest.work import archived
from tests.ingest.fetching import NOW
from tests.ingest.pulling import Desk, codes, document, entry, outcomes, poll_of, task

pytestmark = pytest.mark.asyncio


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
    [result] = await desk.run(Work(feeds=[task(site, documents=archived(page), validators=old)]), via="feed")
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
