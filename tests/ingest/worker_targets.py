"""Functions that an extraction worker runs in the tests: what a page can do to a process."""

from __future__ import annotations

import os
import re
import signal
import time
from datetime import datetime

from ingest.errors import NoText
from ingest.records import Article, Entry, Feed, Page, Via
from ingest.workers.worker_main import extract
from ingest.workers.worker_main import parse as parse_truly


def behave(page: Page, entry: Entry, via: Via) -> Article:
    """Do what the page's path says, else extract it."""
    _do(page)
    return extract(page, entry, via)


def parse(page: Page, feed: Feed, now: datetime) -> list[Entry]:
    """The same for a feed document."""
    _do(page)
    return parse_truly(page, feed, now)


def _do(page: Page) -> None:
    deed = page.final_url.rsplit("/", 1)[-1]
    if deed == "sleep":
        time.sleep(600)
    if deed == "spin":  # holds the GIL in C code: no Python signal handler, no thread would get a turn
        re.match(r"(a+)+$", "a" * 40 + "b")
    if deed == "defy":  # the worker's own deadline is out of order
        signal.signal(signal.SIGPROF, signal.SIG_IGN)
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        time.sleep(600)
    if deed == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if deed == "exit":
        os._exit(3)
    if deed == "memory":
        bytearray(1 << 40)
    if deed == "bug":
        raise ZeroDivisionError("a library's own mistake")
    if deed == "empty":
        raise NoText(page.final_url, "only 3 words of running text")
    if deed == "print":
        print("noise on stdout", flush=True)
        os.write(1, b"more noise")
    if deed == "descriptors":
        raise NoText(page.final_url, " ".join(os.readlink(f"/proc/self/fd/{number}") for number in _open_fds()))


def _open_fds() -> list[str]:
    return [number for number in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{number}")]
