"""Locks between processes: flock on a file of state/locks, released by the kernel when its holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from wirecopy.errors import StoreBusy
from wirecopy.log import get_log
from wirecopy.store.files.files import LOCK_TIMEOUT

log = get_log(__name__)

PAUSE = 0.05  # seconds between two looks


@contextmanager
def locked(path: Path, *, timeout: timedelta = LOCK_TIMEOUT) -> Iterator[None]:
    """Hold the lock *path*; wait at most *timeout*. Raises StoreBusy, naming the holder.

    The descriptor is close-on-exec, and no forked child may outlive the block: a child that shares
    the descriptor would keep a dead parent's lock.
    """
    descriptor = _open(path)
    try:
        wait(lambda: _try(descriptor), lambda: f"process {holder(path)}", str(path), "its lock goes with it.", timeout)
        _sign(descriptor)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def locked_now(path: Path) -> Iterator[bool]:
    """Try the lock *path* once, without waiting; yields whether we hold it."""
    descriptor = _open(path)
    try:
        taken = _try(descriptor)
        if taken:
            _sign(descriptor)
        yield taken
    finally:
        os.close(descriptor)


def holder(path: Path) -> str:
    """Process id of the last holder, or "unknown"."""
    try:
        return path.read_text().strip() or "unknown"
    except OSError:
        return "unknown"


def _open(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait(
    try_it: Callable[[], bool],
    whose: Callable[[], str],
    name: str,
    advice: str,
    timeout: timedelta,
    pause: float = PAUSE,
) -> None:
    """Try a lock until it is ours, whatever keeps it; *whose* names its holder. Raises StoreBusy after *timeout*, with
    *advice*. *pause*: seconds between two looks.
    """
    started = said = time.monotonic()
    while not try_it():
        now = time.monotonic()
        if now - started > timeout.total_seconds():
            raise StoreBusy(f"{name} is held by {whose()} for over {timeout}. If that process hangs, end it: {advice}")
        if now - said > 10:
            log.info("waiting for lock=%s holder=%s seconds=%d", name.rpartition("/")[2], whose(), now - started)
            said = now
        time.sleep(pause)


def _sign(descriptor: int) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
