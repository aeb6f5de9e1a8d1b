"""One event that thousands report: CPU and memory of its last date, phase by phase, amid mixed news of eight dates."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from bench.speed.curve import peak
from bench.speed.texts import texts
from dedupe.corpus.context import Library
from dedupe.grouping.clusters import group
from dedupe.kernels.pairs.compiledmeasures import CompiledMeasures
from dedupe.matching import matching
from dedupe.matching.matching import match_library, read_library
from dedupe.matching.scoring import PairScorer
from dedupe.params import DEFAULTS, Params
from dedupe.records import ArticleNode, ArticleText, Match

FIRST = datetime(2026, 11, 13, tzinfo=UTC)
DATES, DAY = 8, 86_400
WORDS, KEPT, NEW = 350, 230, 120  # of a version of the agency: words, those kept from the one before, those of its lead
LATE = 0.3  # share of reports that still print the version before
VERBATIM, CUT = 0.15, 0.35  # shares of reports that print a version unchanged, and the beginning of one
REWORDED = (0.02, 0.40)  # words that a report changes
OTHERS = 1_000  # publishers of the other news
PHASES: dict[str, tuple[tuple[Any, str], ...]] = {
    "candidates": ((CompiledMeasures, "join"),),
    "first pass": ((CompiledMeasures, "screen"),),
    "second looks": ((matching, "find_pairs_to_recheck"),),
    "background, evidence": ((CompiledMeasures, "measure"),),
    "passages, rows": ((PairScorer, "describe_all"),),
}


def show(reports: int, others: int, versions: int, *, unthinned: bool, whole: bool) -> None:
    """Print the cost of the last date of a window in which *reports* articles tell one event, and *others* do not.

    *versions*: how many the agency sent, 1: all reword one. *unthinned*: a text of a crowd keeps all its candidates.
    *whole*: all dates are computed, and the cluster of the event is told.
    """
    params = replace(DEFAULTS, crowd_count=reports) if unthinned else DEFAULTS
    articles = window(reports, others, versions)
    library = read_library(articles, params)
    days = library.listing.dates()
    match_library(library, date=days[0])  # loads compiled code
    phases = Phases()
    began = time.process_time()
    found = match_library(library, date=days[-1])
    spent = time.process_time() - began
    new = sum(one.date == days[-1] and one.id.startswith("event") for one in articles)
    print(f"{reports:,} reports of one event among {len(articles):,} articles; {new:,} of the last date:")
    print(f"{spent:.1f} CPU s, {1e3 * spent / new:.1f} ms a report, {len(found):,} rows, peak {peak():.2f} GB")
    for name, seconds in [*phases.cpu.items(), ("the rest", spent - sum(phases.cpu.values()))]:
        print(f"  {name:<22}{seconds:>7.1f} s {1e3 * seconds / new:>7.2f} ms a report")
    if whole:
        _tell_cluster(library, articles, params)


def _tell_cluster(library: Library, articles: Sequence[ArticleText], params: Params) -> None:
    began = time.process_time()
    matches = match_library(library)
    matched = time.process_time()
    rows = group([ArticleNode(id=one.id, date=one.date, publisher=one.publisher) for one in articles], matches, params)
    told = Counter(row.cluster_id for row in rows if row.article_id.startswith("event"))
    sizes = ", ".join(f"{size:,}" for _, size in told.most_common(5))
    print(
        f"all dates: {matched - began:.1f} CPU s, {len(matches):,} matches; "
        f"grouping {time.process_time() - matched:.1f} CPU s; clusters of the event {sizes}; "
        f"at most {_most(matches)} matches with earlier articles"
    )


def _most(matches: Sequence[Match]) -> int:
    """The largest number of matches that one article has as the later one."""
    return max(Counter(match.right_id for match in matches if match.relation != "identical").values(), default=0)


class Phases:
    """CPU seconds of each phase of `match_library`, without those of the phases that it calls."""

    def __init__(self) -> None:
        self.cpu = dict.fromkeys(PHASES, 0.0)
        self._inner: list[float] = []
        for name, places in PHASES.items():
            for holder, function in places:
                setattr(holder, function, self._timed(name, getattr(holder, function)))

    def _timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **named: Any) -> Any:
            began = time.process_time()
            self._inner.append(0.0)
            found = work(*arguments, **named)
            spent = time.process_time() - began
            self.cpu[name] += spent - self._inner.pop()
            if self._inner:
                self._inner[-1] += spent
            return found

        return wrapped


def window(reports: int, others: int, versions: int, seed: int = 0) -> list[ArticleText]:
    """Articles of eight dates: *others* of mixed news, and *reports* of one event by half as many publishers."""
    draw = np.random.default_rng(seed + 1_000)
    plain = list(texts(others, seed=seed))
    printers = [f"paper-{number}.example" for number in draw.integers(OTHERS, size=others)]
    whens = np.sort(draw.uniform(0, DATES * DAY, others))  # copies stay near what they copy
    articles = [_article(f"other{n:07}", plain[n], printers[n], whens[n]) for n in range(others)]
    for number, (text, at) in enumerate(_reports(reports, versions, draw, _words(plain[:200]))):
        printer = f"outlet-{number % max(reports // 2, 1)}.example"
        articles.append(_article(f"event{number:07}", text, printer, at))
    return articles


def _words(source: Sequence[str]) -> list[str]:
    """The words of some texts, without marks: a quotation mark amid an event's words would make them a quotation."""
    return re.sub(r"[^\w ]", "", " ".join(source).lower()).split()


def _article(name: str, text: str, publisher: str, seconds: float) -> ArticleText:
    at = FIRST + timedelta(seconds=int(seconds))
    return ArticleText(id=name, text=text, publisher=publisher, published_at=at, date=at.date())


def _reports(count: int, versions: int, draw: np.random.Generator, words: Sequence[str]) -> Iterator[tuple[str, float]]:
    """(text, seconds from the first date on) of *count* reports, which print the version of their day, or reword it."""
    vocabulary = np.array(words)
    sent = [draw.choice(vocabulary, WORDS)]
    for _ in range(versions - 1):
        sent.append(np.concatenate((draw.choice(vocabulary, NEW), sent[-1][:KEPT])))
    for at in draw.uniform(0, DATES * DAY, count).tolist():
        number = max(int(at / (DATES * DAY) * versions) - int(draw.random() < LATE), 0)
        own, kind = sent[number], draw.random()
        if VERBATIM <= kind < VERBATIM + CUT:
            own = own[: int(len(own) * draw.uniform(0.4, 1))]
        if kind >= VERBATIM:
            own = np.where(draw.random(len(own)) < draw.uniform(*REWORDED), draw.choice(vocabulary, len(own)), own)
        yield " ".join(own.tolist()), at
