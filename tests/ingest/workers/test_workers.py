"""A page may hang, crash or exhaust its worker: it costs itself. True processes, truly killed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from ingest.errors import (
    ExtractCrashed,
    ExtractError,
    ExtractTimeout,
    NoText,
    ParseCrashed,
    ParseError,
    ParseTimeout,
    SitemapIndex,
)
from ingest.options import ExtractOptions
from ingest.records import Article, Entry, Feed
from ingest.workers.workers import WorkerPool, WorkerStartError
from tests.ingest.samples import NOW, a_page, an_entry, html

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(60),
    pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks into /proc, which only Linux has"),
]
TARGET = "tests.ingest.worker_targets:behave"
PARSE = "tests.ingest.worker_targets:parse"
FEED = Feed(id="harlan", url="https://news.example.com/rss.xml", headers={"x-key": "1"})
RSS = "<rss version='2.0'><channel><title>C</title><item><title>T</title></item></channel></rss>"
ROOT = Path(__file__).parents[3]


def pool_of(workers: int = 1, *, seconds: float = 10, pages: int = 500, target: str = TARGET) -> WorkerPool:
    limit = timedelta(seconds=seconds)
    options = ExtractOptions(workers=workers, deadline=limit, parse_deadline=limit, pages_per_worker=pages)
    return WorkerPool(options, publisher_of=lambda host: f"publisher of {host}", target=target, parse_target=PARSE)


async def ask(pool: WorkerPool, deed: str = "story") -> Article:
    return await pool.extract(a_page(html(), url=f"https://news.example.com/{deed}"), an_entry(), via="live")


async def read(pool: WorkerPool, deed: str = "rss.xml", body: str = RSS) -> list[Entry]:
    return await pool.parse(a_page(body, url=f"https://news.example.com/{deed}"), FEED, now=NOW)


def running(pid: int) -> bool:
    """True if *pid* is a process that is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone(pid: int, *, within: float = 10) -> bool:
    """True as soon as *pid* has ended."""
    end = time.monotonic() + within
    while running(pid) and time.monotonic() < end:
        time.sleep(0.05)
    return not running(pid)


@pytest_asyncio.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    async with pool_of() as made:
        yield made


async def test_article_with_its_publisher(pool: WorkerPool) -> None:
    """The worker extracts, the parent names the publisher."""
    article = await ask(pool)
    assert (article.publisher, article.source) == ("publisher of news.example.com", "news.example.com")
    assert article.word_count > 100


async def test_nothing_starts_without_work() -> None:
    """A pool that is never asked has no process."""
    async with pool_of() as pool:
        assert pool.pids == ()


@pytest.mark.parametrize(
    ("deed", "error", "words"),
    [
        pytest.param("empty", NoText, "only 3 words", id="own-error"),
        pytest.param("bug", ExtractCrashed, "ZeroDivisionError", id="exception"),
        pytest.param("exit", ExtractCrashed, "exit code 3", id="exit"),
        pytest.param("segfault", ExtractCrashed, "SIGSEGV", id="segfault"),
        pytest.param("memory", ExtractCrashed, "exit code", id="memory"),
    ],
)
async def test_poison_page(pool: WorkerPool, deed: str, error: type[ExtractError], words: str) -> None:
    """A page that breaks its worker raises its own error; the next page is extracted."""
    with pytest.raises(error, match=words) as caught:
        await ask(pool, deed)
    assert caught.value.url == f"https://news.example.com/{deed}"
    assert (await ask(pool)).text


async def test_one_worker_takes_pages_and_feeds(pool: WorkerPool) -> None:
    """A run with little to do needs one process; a feed's entries come back as records."""
    assert (await ask(pool)).text
    assert [(entry.feed_id, entry.title) for entry in await read(pool)] == [("harlan", "T")]
    assert len(pool.pids) == 1


@pytest.mark.parametrize(
    ("deed", "body", "error", "words"),
    [
        pytest.param("rss.xml", "<html>", ParseError, "no feed but an HTML page", id="no-feed"),
        pytest.param("bug", RSS, ParseCrashed, "ZeroDivisionError", id="exception"),
        pytest.param("exit", RSS, ParseCrashed, "exit code 3", id="exit"),
        pytest.param("segfault", RSS, ParseCrashed, "SIGSEGV", id="segfault"),
        pytest.param("memory", RSS, ParseCrashed, "exit code", id="memory"),
    ],
)
async def test_poison_feed(pool: WorkerPool, deed: str, body: str, error: type[ParseError], words: str) -> None:
    """A feed document that breaks its worker raises its own error, with its address; the next one is read."""
    with pytest.raises(error, match=words) as caught:
        await read(pool, deed, body)
    assert type(caught.value) is error
    assert f"https://news.example.com/{deed}" in str(caught.value)
    assert len(await read(pool)) == 1


async def test_sitemap_index_keeps_its_list(pool: WorkerPool) -> None:
    """The error that carries the sitemaps comes through the pipe whole."""
    body = "<sitemapindex>" + "<sitemap><loc>https://news.example.com/a.xml</loc></sitemap>" * 2 + "</sitemapindex>"
    with pytest.raises(SitemapIndex, match="lists 2 sitemaps") as caught:
        await read(pool, body=body)
    assert caught.value.sitemaps == ("https://news.example.com/a.xml",) * 2


@pytest.mark.parametrize("deed", ["spin", "sleep"])
async def test_hanging_feed_is_killed(deed: str) -> None:
    """As a hanging page is, under the deadline of feed documents."""
    async with pool_of(seconds=0.5) as pool:
        with pytest.raises(ParseTimeout, match=r"it took more than 0\.5 s of CPU or 1\.5 s of time, and was stopped"):
            await read(pool, deed)
        with pytest.raises(NoText):
            await ask(pool, "empty")


@pytest.mark.parametrize("deed", ["spin", "sleep"])
async def test_hanging_page_is_killed(deed: str) -> None:
    """Neither C code that holds the GIL nor a page that waits for ever outlives the deadline."""
    async with pool_of(seconds=0.5) as pool:
        started = time.monotonic()
        with pytest.raises(ExtractTimeout):
            await ask(pool, deed)
        assert time.monotonic() - started < 15
        with pytest.raises(NoText):  # the next worker answers; half a second is too tight to import trafilatura in
            await ask(pool, "empty")


@pytest.mark.slow
async def test_hard_deadline() -> None:
    """A document whose worker outlives its own deadline is killed from outside a few seconds later."""
    async with pool_of(seconds=0.5) as pool:
        with pytest.raises(ParseTimeout):
            await read(pool, "defy")
        assert pool.pids == ()


async def test_noise_on_stdout_does_no_harm(pool: WorkerPool) -> None:
    """A library that prints does not break the protocol."""
    assert (await ask(pool, "print")).text


async def test_idle_worker_killed_from_outside(pool: WorkerPool) -> None:
    """A worker that died between two pages costs no page."""
    await ask(pool)
    (pid,) = pool.pids
    os.kill(pid, signal.SIGKILL)
    assert (await ask(pool)).text
    assert pid not in pool.pids


async def test_workers_are_recycled() -> None:
    """After its number of pages a worker is replaced, and ends."""
    async with pool_of(pages=2) as pool:
        seen: list[int] = []
        for _ in range(4):
            await ask(pool)
            seen += pool.pids
        assert len(set(seen)) == 2
        assert all(gone(pid) for pid in seen)


async def test_cancelled_page_does_not_answer_the_next() -> None:
    """After a cancellation the worker is replaced: its answer would belong to another page."""
    async with pool_of() as pool:
        await ask(pool)
        hanging = asyncio.create_task(ask(pool, "sleep"))
        await asyncio.sleep(0.3)
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging
        assert (await ask(pool, "after")).url == "https://news.example.com/after"


async def test_many_pages_at_once() -> None:
    """More pages than workers: each gets its own article; a poison page among them only its own error."""
    async with pool_of(2) as pool:
        deeds = [f"story-{number}" for number in range(20)] + ["exit"]
        results = await asyncio.gather(*(ask(pool, deed) for deed in deeds), return_exceptions=True)
        assert len(pool.pids) <= 2
    assert [r.url.rsplit("/")[-1] for r in results[:20] if isinstance(r, Article)] == deeds[:20]
    assert isinstance(results[20], ExtractCrashed)


async def test_leaving_with_work_in_hand() -> None:
    """Leaving the pool ends every process, also one that hangs."""
    async with pool_of(seconds=60) as pool:
        await ask(pool)
        hanging = asyncio.create_task(ask(pool, "sleep"))
        await asyncio.sleep(0.3)
        pids = pool.pids
        assert pids
    assert all(gone(pid) for pid in pids)
    with pytest.raises(ExtractCrashed):
        await hanging


async def test_no_descriptor_is_inherited(pool: WorkerPool, tmp_path: Path) -> None:
    """A worker that kept the store's lock file open would keep a dead parent's lock."""
    lock = tmp_path / "commit.lock"
    with lock.open("w") as file:
        os.set_inheritable(file.fileno(), True)
        with pytest.raises(NoText) as caught:
            await ask(pool, "descriptors")
    assert str(lock) not in str(caught.value)


async def test_broken_installation_is_no_pages_fault() -> None:
    """A worker that cannot start is an error of its own, not an outcome of the page."""
    async with pool_of(target="no_such_module:function") as pool:
        with pytest.raises(WorkerStartError):
            await ask(pool)


SCRIPT = textwrap.dedent("""
    import asyncio, sys
    sys.path.insert(0, {root!r})
    from datetime import timedelta
    from ingest.options import ExtractOptions
    from ingest.workers.workers import WorkerPool
    from tests.ingest.samples import a_page, an_entry, html

    async def main():
        options = ExtractOptions(workers=1, deadline=timedelta(seconds=60))
        async with WorkerPool(options, publisher_of=str, target="tests.ingest.worker_targets:behave") as pool:
            await pool.extract(a_page(html()), an_entry(), via="live")
            print(*pool.pids, {heavy!r} in sys.modules, flush=True)
            if {hang}:
                await pool.extract(a_page(html(), url="https://news.example.com/spin"), an_entry(), via="live")

    asyncio.run(main())
""")


def script(*, hang: bool) -> list[str]:
    code = SCRIPT.format(root=str(ROOT), heavy="trafilatura", hang=hang)
    return [sys.executable, "-c", code]


def test_script_without_a_main_guard() -> None:
    """The caller needs no `if __name__ == "__main__"`, and never imports trafilatura itself."""
    done = subprocess.run(script(hang=False), capture_output=True, text=True, cwd=ROOT, timeout=50, check=True)
    pid, heavy = done.stdout.split()
    assert heavy == "False"
    assert gone(int(pid))


def test_workers_die_with_their_parent() -> None:
    """kill -9 of the parent leaves no worker, not even one that spins in C code."""
    with subprocess.Popen(script(hang=True), stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline().split()[0])
        assert running(pid)
        time.sleep(0.5)
        parent.kill()
        parent.wait()
    assert gone(pid)
