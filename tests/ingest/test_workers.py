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

from ingest.errors import ExtractCrashed, ExtractError, ExtractTimeout, NoText
from ingest.options import ExtractOptions
from ingest.records import Article
from ingest.workers import ExtractionPool, WorkerStartError
from tests.ingest.samples import a_page, an_entry, html

pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks into /proc, which only Linux has"),
]
TARGET = "tests.ingest.worker_targets:behave"
ROOT = Path(__file__).parents[2]


def pool_of(workers: int = 1, *, seconds: float = 10, pages: int = 500, target: str = TARGET) -> ExtractionPool:
    options = ExtractOptions(workers=workers, deadline=timedelta(seconds=seconds), pages_per_worker=pages)
    return ExtractionPool(options, publisher_of=lambda host: f"publisher of {host}", target=target)


async def ask(pool: ExtractionPool, deed: str = "story") -> Article:
    return await pool.extract(a_page(html(), url=f"https://news.example.com/{deed}"), an_entry(), via="live")


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
async def pool() -> AsyncIterator[ExtractionPool]:
    async with pool_of() as made:
        yield made


async def test_article_with_its_publisher(pool: ExtractionPool) -> None:
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
async def test_poison_page(pool: ExtractionPool, deed: str, error: type[ExtractError], words: str) -> None:
    """A page that breaks its worker raises its own error; the next page is extracted."""
    with pytest.raises(error, match=words) as caught:
        await ask(pool, deed)
    assert caught.value.url == f"https://news.example.com/{deed}"
    assert (await ask(pool)).text


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


async def test_noise_on_stdout_does_no_harm(pool: ExtractionPool) -> None:
    """A library that prints does not break the protocol."""
    assert (await ask(pool, "print")).text


async def test_idle_worker_killed_from_outside(pool: ExtractionPool) -> None:
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


async def test_no_descriptor_is_inherited(pool: ExtractionPool, tmp_path: Path) -> None:
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
    from ingest.workers import ExtractionPool
    from tests.ingest.samples import a_page, an_entry, html

    async def main():
        options = ExtractOptions(workers=1, deadline=timedelta(seconds=60))
        async with ExtractionPool(options, publisher_of=str, target="tests.ingest.worker_targets:behave") as pool:
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
