"""CPU per text of finding copies among many texts of one window, step by step, and of datasketch beside it."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from zlib import crc32

import numpy as np

from bench.speed.texts import texts as made_up
from dedupe.backends import read_texts, sign_table
from dedupe.corpus.context import Context, Library
from dedupe.corpus.listing import list_articles
from dedupe.corpus.spool import Spool
from dedupe.grouping.clusters import group
from dedupe.matching.scoring import PairScorer
from dedupe.params import DEFAULTS
from dedupe.records import ArticleNode, Match

BATCH = 20_000  # texts held as Python objects at a time


class Clock:
    """CPU and wall seconds of each step, threads included, and the peak of memory when it ended."""

    def __init__(self) -> None:
        self.cpu: dict[str, float] = {}
        self.wall: dict[str, float] = {}
        self.peak: dict[str, float] = {}  # GB

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Times the block."""
        cpu, wall = time.process_time(), time.perf_counter()
        yield
        self.cpu[name] = self.cpu.get(name, 0.0) + time.process_time() - cpu
        self.wall[name] = self.wall.get(name, 0.0) + time.perf_counter() - wall
        self.peak[name] = peak()

    def timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """*work*, timed."""

        def wrapped(*arguments: Any) -> Any:
            with self.step(name):
                return work(*arguments)

        return wrapped

    def rest(self, name: str, whole: str, parts: Sequence[str]) -> None:
        """Records the time of *whole* without its *parts* as a step of its own."""
        for times in (self.cpu, self.wall):
            times[name] = times.pop(whole) - sum(times[part] for part in parts)


class OnDisk:
    """Texts in one file, for `Library`, which reads them again to show shared passages."""

    def __init__(self, path: Path) -> None:
        self._file, self._ends = path.open("w+b"), [0]

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, texts: Sequence[str]) -> None:
        """Appends *texts*."""
        for text in texts:
            self._file.seek(0, os.SEEK_END)
            self._ends.append(self._ends[-1] + self._file.write(text.encode()))

    def __call__(self, ids: Sequence[str]) -> list[str]:
        """The texts of *ids*, which are their numbers."""
        self._file.flush()
        found = []
        for number in map(int, ids):
            self._file.seek(self._ends[number])
            found.append(self._file.read(self._ends[number + 1] - self._ends[number]).decode())
        return found


def warm_up(folder: Path) -> None:
    """Loads the compiled code, which costs a process once."""
    run(made_up(1_500, seed=9), folder / "warm")


def run(source: Iterable[str], file: Path) -> tuple[Clock, dict[str, int]]:
    """Clock and counts of finding all copies among the texts of *source*, which are put down in *file*."""
    clock, texts = Clock(), OnDisk(file)
    with Spool(lambda: TemporaryFile(dir=file.parent)) as spool:
        contents = _read(source, texts, spool, clock)
        nodes = [ArticleNode(id=f"{number:09}", publisher=f"{number % 997}.example") for number in range(len(texts))]
        with clock.step("context"):
            library = Library(list_articles(nodes, contents), spool.token_store(), texts, DEFAULTS)
            context = library.context(None)
        del contents
        matches = _match(context, clock)
    with clock.step("group"):
        clusters = group(nodes, matches)
    copies = sum(row.role == "copy" for row in clusters)
    return clock, {"texts": len(texts), "matches": len(matches), "copies": copies}


def _read(source: Iterable[str], texts: OnDisk, spool: Spool, clock: Clock) -> list[bytes]:
    """Reads and sketches all texts; the hash of the content of each."""
    source, contents = iter(source), list[bytes]()
    while batch := list(islice(source, BATCH)):
        texts.add(batch)
        with clock.step("read"):
            table = read_texts(batch, DEFAULTS)
        with clock.step("sketch"):
            sign_table(table, DEFAULTS)
        with clock.step("context"):
            contents += map(bytes.fromhex, table.content_hashes())
            spool.add(table)
    return contents


def _match(context: Context, clock: Clock) -> list[Match]:
    """All matches, each step timed."""
    scorer = PairScorer(context)
    for step in ("candidates", "screen", "measure"):
        setattr(scorer.measures, step, clock.timed(step, getattr(scorer.measures, step)))
    scorer.describe_all = clock.timed("show", scorer.describe_all)  # type: ignore[method-assign]
    with clock.step("all of matching"):
        candidates = scorer.measures.candidates(np.ones(len(context.units), np.bool_))
        matches = scorer.describe_all(scorer.matching(candidates))
    clock.rest("judge", "all of matching", ("candidates", "screen", "measure", "show"))
    return matches


def datasketch(texts: Sequence[str], threshold: float = 0.5) -> float:
    """CPU seconds of datasketch's own way on the same texts: 5-gram shingles, MinHash.bulk, MinHashLSH."""
    from datasketch import MinHash, MinHashLSH

    began = time.process_time()
    index = MinHashLSH(threshold=threshold, num_perm=128)
    shingles = []
    for text in texts:
        words = text.lower().split()
        shingles.append({" ".join(words[at : at + 5]).encode() for at in range(max(len(words) - 4, 1))})
    for number, signature in enumerate(MinHash.bulk(shingles, num_perm=128, hashfunc=crc32)):
        index.query(signature)
        index.insert(number, signature)
    return time.process_time() - began


def peak() -> float:
    """Largest resident size of this process so far, GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
