"""The program of a worker process: it reads jobs from stdin (extract a page, read a feed document) and writes each
answer to stdout, until stdin ends.

Started by process.py as `python -m ingest.workers.worker_main '{"kinds": …}'`, never by fork: a forked child would
keep the store's lock descriptors. The kernel keeps the deadlines: SIGPROF and SIGALRM have their default
action here, so they end the process even inside C code that holds the GIL for minutes, and even if the parent is gone.

Messages both ways: 4 bytes of length, big-endian, then a pickle. A job is (kind, arguments). Answers: ("ready", pid)
once; then per job ("taken", None), or ("broken", why) if the installation lacks what its kind needs, and one of
("done", result), ("failed", IngestError), ("bug", traceback).
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pickle
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import datetime
from typing import Any, BinaryIO, Final

from ingest.errors import IngestError
from ingest.records import Article, Entry, Feed, Page, Via
from ingest.work import Reading
from ingest.workers.parent import signal_at_parents_death

# proc(5), oom_score_adj: if memory runs out, the worker is killed before the task that keeps its results.
OOM_FIRST: Final = "500"

Target = Callable[..., object]


def extract(page: Page, entry: Entry, via: Via) -> Article:
    """The target for pages. The publisher is filled in by the parent, which knows feeds.toml."""
    from ingest.page.extract import extract_article

    return extract_article(page, entry, publisher_of=lambda host: host, via=via)


def parse(page: Page, feed: Feed, now: datetime, reading: Reading | None = None) -> list[Entry]:
    """The target for feed documents, and for documents of history by *reading*."""
    from ingest.feed.parse import parse_feed
    from ingest.history.reading import read_history

    return read_history(page, feed, reading, now=now) if reading else parse_feed(page, feed, now=now)


def main(argv: list[str]) -> int:
    """Serve jobs until stdin ends."""
    setup: dict[str, Any] = json.loads(argv[1])
    source, sink = _private_pipes()
    _protect(setup["parent"], setup["memory_bytes"])
    targets: dict[str, Target] = {}
    _send(sink, "ready", os.getpid())
    while (message := _receive(source)) is not None:
        name, arguments = pickle.loads(message)  # noqa: S301  our own parent wrote it
        kind = setup["kinds"][name]
        try:
            target = targets.get(name) or targets.setdefault(name, _ready(kind["target"]))
        except Exception as error:
            traceback.print_exc()
            _send(sink, "broken", f"{type(error).__name__}: {error}")
            return os.EX_SOFTWARE
        _send(sink, "taken", None)
        with _deadline(kind["cpu_seconds"], kind["wall_seconds"]):
            answer = _answer(target, arguments)
        _send(sink, *answer)
    return 0


def _ready(name: str) -> Target:
    """The function that `module:function` names, with all that its first job would import: the deadline is for the
    job.
    """
    target = load_target(name)
    WARMED.get(name, lambda: None)()
    return target


def load_target(name: str) -> Target:
    """The function that `module:function` names."""
    module, _, function = name.partition(":")
    target: Target = getattr(importlib.import_module(module), function)
    return target


def _answer(target: Target, arguments: tuple[object, ...]) -> tuple[str, object]:
    try:
        return "done", target(*arguments)
    except IngestError as error:
        return "failed", error
    except MemoryError:  # the state of this process cannot be trusted
        os._exit(os.EX_OSERR)
    except Exception:  # a document that breaks a library costs itself; the parent logs the traceback
        return "bug", traceback.format_exc(limit=-8)


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Our ends of the two pipes; a library that prints goes to stderr, one that reads finds nothing."""
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return source, sink


def _protect(parent: int, memory_bytes: int | None) -> None:
    """Die with the parent, leave Ctrl-C to it, keep inherited signal settings from defusing the deadlines, bound
    the memory.
    """
    with contextlib.suppress(OSError, AttributeError):  # Linux only; elsewhere the end of stdin and the deadlines do it
        signal_at_parents_death(signal.SIGKILL)
    if os.getppid() != parent:  # it died before the call
        os._exit(0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGPROF, signal.SIGALRM, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory_bytes:
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write(OOM_FIRST)


def _warm_extract() -> None:
    for name in ("trafilatura", "htmldate", "ingest.page.extract"):
        importlib.import_module(name)
    from ingest.page.language import detect_language

    detect_language("The first call loads the model, which takes a moment.")


def _warm_parse() -> None:
    for name in ("feedparser", "ingest.feed.parse", "ingest.history.reading"):
        importlib.import_module(name)


WARMED: Final[dict[str, Callable[[], None]]] = {  # what a worker imports before its first job of a kind
    "ingest.workers.worker_main:extract": _warm_extract,
    "ingest.workers.worker_main:parse": _warm_parse,
}


@contextlib.contextmanager
def _deadline(cpu_seconds: float, wall_seconds: float) -> Any:
    """The kernel ends this process if the block takes more CPU (SIGPROF) or time (SIGALRM)."""
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    signal.setitimer(signal.ITIMER_REAL, wall_seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _receive(source: BinaryIO) -> bytes | None:
    head = source.read(4)
    if len(head) < 4:
        return None
    size = int.from_bytes(head, "big")
    body = source.read(size)
    return body if len(body) == size else None


def _send(sink: BinaryIO, kind: str, value: object) -> None:
    body = pickle.dumps((kind, value), protocol=pickle.HIGHEST_PROTOCOL)
    sink.write(len(body).to_bytes(4, "big") + body)
    sink.flush()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv))
    except BrokenPipeError:  # the parent went away while we answered
        os._exit(0)
