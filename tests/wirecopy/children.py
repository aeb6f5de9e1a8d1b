"""What the process tests run in processes of their own: writers, publishers, and deaths at a chosen moment."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.wirecopy.builders import at, capture, commit, name
from wirecopy.errors import StoreError
from wirecopy.store.files.layout import Layout

SPAWN = get_context("spawn")


def run_child(target: Callable[..., None], *args: Any, timeout: float = 60) -> int:
    """Run *target* in a new process; its exit code."""
    child = SPAWN.Process(target=target, args=args)
    child.start()
    child.join(timeout)
    assert child.exitcode is not None, f"{target.__name__} took more than {timeout} s"
    code = child.exitcode
    child.close()
    return code


@contextlib.contextmanager
def running(target: Callable[..., None], *args: Any) -> Iterator[Any]:
    """*target* in a new process for as long as the block takes."""
    child = SPAWN.Process(target=target, args=args, daemon=True)
    child.start()
    try:
        yield child
    finally:
        child.kill()
        child.join()


def die_at_replace(number: int) -> None:
    """Let this process be killed right before its *number*-th rename (counted from one)."""
    real, left = os.replace, [number]

    def replace(source: Any, target: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        real(source, target)

    os.replace = replace  # type: ignore[assignment]


def publish(run: dict[str, Any], environment: dict[str, str], gate: Any) -> None:
    """One publish of *run*."""
    os.environ.update(environment)
    from wirecopy.steps import publish as step

    gate.wait(30)
    step(run=run, pulled=[{}])


def die_everywhere(step: str, root: Path, environment: dict[str, str], arguments: dict[str, Any]) -> None:
    """Run a step on copies `root-1`, `root-2`, … of a data folder, killed before the first rename, the second, …

    Ends with the copy on which it came to its end. All imports are done before the forks, and nothing else.
    """
    from wirecopy import steps
    from wirecopy.explain import collection  # noqa: F401
    from wirecopy.store.archive import unprocessed  # noqa: F401
    from wirecopy.store.feeds import state  # noqa: F401
    from wirecopy.store.query import read  # noqa: F401

    for number in range(1, 60):
        copy = f"{root}-{number}"
        shutil.copytree(root, copy)
        pid = os.fork()
        if pid == 0:
            os.environ.update(environment | {"WIRECOPY_DATA": copy})
            die_at_replace(number)
            getattr(steps, step)(**arguments)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        if not os.WIFSIGNALED(status):
            os._exit(os.waitstatus_to_exitcode(status))
    os._exit(9)


def publish_on_a_full_disk(run: dict[str, Any], environment: dict[str, str], limit: int) -> None:
    """Publish while no file may grow beyond *limit* bytes; exit code 7 if that ends in a clear StoreError."""
    os.environ.update(environment)
    from wirecopy.steps import publish as step

    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        step(run=run, pulled=[{}])
    except StoreError as error:
        os._exit(7 if "cannot be written" in str(error) and "run again" in str(error) else 8)


def stream(seed: int, count: int = 24) -> list[list[dict[str, Any]]]:
    """Batches of captures of some articles over three days, the same for a seed."""
    chance = random.Random(seed)
    return [
        [
            capture(
                slug := f"article-{chance.randrange(12)}",
                text := chance.choice("ABC"),
                seen := at(chance.randrange(10, 20)),
                published_at=at(9, 20 + int(slug.split("-")[1]) % 3),
                fetch_id=name(f"{slug} {text} {seen}"),
            )
            for _ in range(4)
        ]
        for _ in range(count)
    ]


def write_stream(root: Path, seed: int, pause: float = 0.0) -> None:
    """Commit the batches of *seed* one by one."""
    for batch in stream(seed):
        commit(Layout(root), *batch)
        time.sleep(pause)


def write_for_ever(layout: Layout, started: Any) -> None:
    """Add an article and revise another with each commit, until somebody kills us."""
    number = 0
    while True:
        number += 1
        day = 20 + number % 3
        new = capture(f"new-{number}", f"{number}", at(10), published_at=at(9, day))
        old = capture(f"old-{day}", f"{number}", at(10) + timedelta(seconds=number), published_at=at(9, day))
        commit(layout, new, old)
        started.set()


def kill_and_go_on(root: Path, seed: int, kills: int) -> None:
    """Start to write the stream *kills* times, each time killed at a random moment, then let one attempt finish."""
    chance = random.Random(seed)
    commit(Layout(root))  # imports and threads before the forks
    died = 0
    while died < kills:
        pid = os.fork()
        if pid == 0:
            write_stream(root, seed)
            os._exit(0)
        time.sleep(chance.uniform(0.001, 0.15))
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        died += 1
        assert os.WIFSIGNALED(status), "an attempt came to its end before it was killed: make the stream longer"
    write_stream(root, seed)


def midnight(root: Path, day: int, gate: Any) -> None:
    """Commit a run of articles that are said to be of *day*, one by one."""
    gate.wait(30)
    for number in range(15):
        commit(
            Layout(root), capture(f"late-{number}", "A", at(24, 22) + timedelta(seconds=day), published_at=at(0, day))
        )


def acquire_slot(root: Path, gate: Any, count: int, out: Any) -> None:
    """Reserve slots of one host; put the instants on *out*."""
    from wirecopy.store.feeds.state import State

    gate.wait(30)
    state = State.open(Layout(root), None)
    try:
        for _ in range(count):
            wait = state.acquire_slot("gazette.example", timedelta(seconds=1))
            out.put(datetime.now(UTC).timestamp() + wait.total_seconds())
    finally:
        state.close()


def pull_and_die(shard: dict[str, Any], environment: dict[str, str], pages: int) -> None:
    """Pull a shard, hand over a part every few captures, and be killed when so many entries were tried."""
    os.environ.update(environment)
    from wirecopy.steps import pulling

    pulling.PART_CAPTURES = 8  # type: ignore[misc]
    tried = 0

    def progress(count: int) -> None:
        nonlocal tried
        tried += count
        if tried >= pages:
            os.kill(os.getpid(), signal.SIGKILL)

    pulling.pull(**shard, progress=progress)


def pull_and_publish(planned: dict[str, Any], environment: dict[str, str]) -> None:
    """A whole run after its plan."""
    os.environ.update(environment)
    from wirecopy.steps import publish as step
    from wirecopy.steps import pull, verdict

    report = step(run=planned["run"], pulled=[pull(**shard) for shard in planned["shards"]])
    verdict(run=planned["run"], report=report)


def hold(path: Path, held: Any) -> None:
    """Hold a lock until somebody kills us."""
    from wirecopy.store.files.lock import locked

    with locked(path):
        held.set()
        time.sleep(600)
