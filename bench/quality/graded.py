"""Pairs at the edge of what is found: copies reworded more and more, cut and turned over, and reports that take over
less and less of another. Where `generated` has hardly a miss, these figures move with every threshold.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from bench.quality.generator import Derive, Draw, Labelled, article, reworded
from bench.quality.prose import Report
from dedupe.records import ArticleText

FIRST_DAY = date(2024, 1, 1)
SHARES = (0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8)  # of the words that are replaced; most copies at .7 are lost


def grade(reports: Sequence[Report], seed: int = 5) -> tuple[list[ArticleText], list[Labelled]]:
    """Articles and labelled pairs; each kind has a month of its own, so that it stands alone."""
    draw = random.Random(seed)
    articles: list[ArticleText] = []
    pairs: list[Labelled] = []
    for number, (kind, label, found) in enumerate(_kinds(reports, draw)):
        day = FIRST_DAY + timedelta(days=30 * number)
        for report, paragraphs in found:
            left, right = (
                article(f"{kind}/{report.id}", report.paragraphs),
                article(f"{kind}/{report.id}/b", paragraphs),
            )
            articles += [replace(one, date=day) for one in (left, right)]
            pairs.append((left.id, right.id, label, 1.0, kind))
    return articles, pairs


Derived = Iterator[tuple[Report, list[str]]]


def _kinds(reports: Sequence[Report], draw: Draw) -> Iterator[tuple[str, str, Derived]]:
    """(kind, label, reports with the paragraphs of what is derived from each)."""
    for kind, derive in _copies().items():
        yield kind, "copy", ((report, derive(report, draw, reports)) for report in reports)
    for kind, take in (("takes a paragraph", _last_paragraph), ("takes two sentences", _two_sentences)):
        yield kind, "independent", ((one, [*_other(one, reports, draw).paragraphs, *take(one, reports, draw)])
                                    for one in reports)  # fmt: skip
    yield "tells the same event", "independent", _same_event(reports, draw)


def _copies() -> dict[str, Derive]:
    half = {"half of it, reworded 40 %": lambda report, draw, reports: _half(reworded(0.4)(report, draw, reports))}
    turned = {"turned over, reworded 40 %": lambda report, draw, reports: reworded(0.4)(report, draw, reports)[::-1]}
    return {f"reworded {share:.0%}": reworded(share) for share in SHARES} | half | turned


def _half(paragraphs: list[str]) -> list[str]:
    return paragraphs[: max(2, len(paragraphs) // 2)]


def _other(one: Report, reports: Sequence[Report], draw: Draw) -> Report:
    """A report of another event in the same language."""
    return draw.choice([two for two in reports if two.language == one.language and two.event != one.event])


def _last_paragraph(one: Report, reports: Sequence[Report], draw: Draw) -> list[str]:
    return reworded(0.2)(one, draw, reports)[-1:]


def _two_sentences(one: Report, _reports: Sequence[Report], _draw: Draw) -> list[str]:
    return [text.split(". ")[0].rstrip(".") + "." for text in one.paragraphs[-2:]]


def _same_event(reports: Sequence[Report], draw: Draw) -> Derived:
    """Each report beside another newsroom's own report of the event, which has been reworded a little since."""
    for one in reports:
        for two in reports:
            if one.id < two.id and (one.event, one.language) == (two.event, two.language):
                yield one, reworded(0.1)(two, draw, reports)
