"""What a reading is worth: the measures of the gate, each a share between 0 and 1.

Text: F1 of word 4-grams as multisets, per page, then the mean
(https://github.com/scrapinghub/article-extraction-benchmark
counts the same 4-grams and takes F1 of the means). Passages: the with/without lists of trafilatura's evaluation.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from bench.extraction.sets import Labelled

GRAM: Final = 4
MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The result of one tool for one page."""

    text: str = ""
    title: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None  # ISO 8601, a day or an instant
    day: str | None = None  # as the page writes it: in UTC it may be another day
    source: str | None = None  # of the date; ours alone
    cpu: float = 0.0  # seconds
    wall: float = 0.0  # seconds
    error: str = ""


def measured(pages: Sequence[Labelled], readings: Sequence[Reading]) -> dict[str, float]:
    """Every measure that the truth of *pages* allows, by name."""
    pairs = list(zip(pages, readings, strict=True))
    texts = [text_f1(r.text, p.text) for p, r in pairs if p.text]
    titles = [folded(r.title) == folded(p.title) for p, r in pairs if p.title]
    names = [same_names(r.authors, p.authors) for p, r in pairs if p.authors]
    minutes = [to_the_minute(r.published, p.published) for p, r in pairs if p.published]
    minutes += [not r.published for p, r in pairs if p.undated]
    days = [r.day == p.day for p, r in pairs if p.day]
    found = {"text_f1": texts, "title": titles, "authors": names, "minute": minutes, "day": days}
    return {name: _mean(values) for name, values in found.items() if values} | _passages(pairs)


def text_f1(found: str, truth: str) -> float:
    """F1 of the 4-grams of both texts, 0..1."""
    ours, theirs = _grams(found), _grams(truth)
    shared = (ours & theirs).total()
    return 2 * shared / (ours.total() + theirs.total()) if shared else 0.0


def to_the_minute(found: str | None, truth: datetime) -> bool:
    """True if *found* is less than a minute from *truth*; a time without a zone is taken as UTC, a day as its
    midnight (9 of fundus' 130 truths are one).
    """
    if not found:
        return False
    moment = datetime.fromisoformat(found)
    return abs((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - truth) < MINUTE


def _passages(pairs: Iterable[tuple[Labelled, Reading]]) -> dict[str, float]:
    """F1 over all passages: one of the article found is right, one from around it found is wrong."""
    hits = misses = wrong = 0
    for page, reading in pairs:
        text = folded(reading.text)
        hit = sum(folded(passage) in text for passage in page.must)
        hits, misses = hits + hit, misses + len(page.must) - hit
        wrong += sum(folded(passage) in text for passage in page.must_not)
    if not hits + misses:
        return {}
    precision, recall = hits / max(1, hits + wrong), hits / (hits + misses)
    return {"passage_precision": precision, "passage_recall": recall, "passage_f1": _harmonic(precision, recall)}


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def _grams(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return Counter(tuple(words[at : at + GRAM]) for at in range(max(1, len(words) - GRAM + 1)) if words)


def folded(text: str | None) -> str:
    """*text* on one line, with single spaces."""
    return " ".join((text or "").split())


def same_names(found: Iterable[str], truth: Iterable[str]) -> bool:
    """True for the same names. Order and case are the page's taste: BILD writes names in capitals."""
    return _names(found) == _names(truth)


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(folded(name).casefold() for name in names)


def _mean(values: Sequence[float | bool]) -> float:
    return sum(values) / len(values)
