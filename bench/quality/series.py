"""Series as newspapers print them: one frame, and other names, numbers and places in its slots, in seven languages.

One publisher prints an instalment of each series every day, and three others reprint it the same day, cut or with a
lead of their own. Reprints of one instalment are copies; instalments are none of each other, however much they share.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bench.quality.frames import FRAMES, LEADS, SLOTS
from dedupe.records import ArticleText

FIRST_DAY = date(2025, 6, 2)
DAYS = 7
REPRINTS = 3
Draw = random.Random
Labelled = tuple[str, str, str, float, str]  # left, right, label, weight, kind


@dataclass(frozen=True, slots=True)
class Instalment:
    """One day of a series, and its reprints."""

    kind: str
    day: date
    prints: tuple[ArticleText, ...]  # the publisher's own first


def series(seed: int = 11) -> tuple[list[ArticleText], list[Labelled]]:
    """Articles and labelled pairs: each instalment with its reprints, and with those of all other days."""
    draw = random.Random(seed)
    articles: list[ArticleText] = []
    pairs: list[Labelled] = []
    for language, frames in FRAMES.items():
        for name in frames:
            kind = f"{name}, {language}"
            instalments = [_instalment(language, name, number, draw) for number in range(DAYS)]
            articles += [one for instalment in instalments for one in instalment.prints]
            pairs += [*_copies(kind, instalments), *_others(kind, instalments)]
    return articles, pairs


def _instalment(language: str, name: str, number: int, draw: Draw) -> Instalment:
    day = FIRST_DAY + timedelta(days=number)
    paragraphs = [_fill(text, language, draw) for text in FRAMES[language][name]]
    prints = [_article(language, name, number, 0, day, paragraphs)]
    for reprint in range(1, REPRINTS + 1):
        changed = _reprinted(paragraphs, language, reprint)
        prints.append(_article(language, name, number, reprint, day, changed))
    return Instalment(name, day, tuple(prints))


def _article(language: str, name: str, number: int, reprint: int, day: date, paragraphs: Sequence[str]) -> ArticleText:
    at = datetime(day.year, day.month, day.day, 6 + 3 * reprint, number, tzinfo=UTC)
    return ArticleText(
        id=f"series/{language}/{name}/{number}/{reprint}", text="\n".join(paragraphs), language=language, date=day,
        publisher=f"{name if not reprint else 'paper'}-{language}-{reprint}.example", published_at=at,
    )  # fmt: skip


def _reprinted(paragraphs: Sequence[str], language: str, reprint: int) -> list[str]:
    """As other papers print it: whole under a lead of their own, cut by a paragraph, or with another first sentence."""
    if reprint == 1:
        return [LEADS[language], *paragraphs]
    if reprint == 2:
        return list(paragraphs[:-1])
    return [*paragraphs[1:], LEADS[language]]


def _fill(text: str, language: str, draw: Draw) -> str:
    """A frame with its slots filled: {n} a number, {p} a place, {x} a name, {w} a word of the day."""
    found = []
    for part in text.split("{"):
        slot, closed, rest = part.partition("}")
        if not closed:
            found.append(part)
        elif slot == "n":
            found.append(f"{draw.randrange(3, 980)}{rest}")
        else:
            found.append(f"{' '.join(draw.sample(SLOTS[language][slot], 2 if slot == 'x' else 1))}{rest}")
    return "".join(found)


def _copies(kind: str, instalments: Sequence[Instalment]) -> Iterator[Labelled]:
    for one in instalments:
        yield from ((one.prints[0].id, reprint.id, "copy", 1.0, kind) for reprint in one.prints[1:])


def _others(kind: str, instalments: Sequence[Instalment]) -> Iterator[Labelled]:
    """Every print of an instalment with every one of each later instalment by another publisher."""
    for number, one in enumerate(instalments):
        for two in instalments[number + 1 :]:
            for left in one.prints:
                yield from (
                    (left.id, right.id, "independent", 1.0, kind)
                    for right in two.prints
                    if left.publisher != right.publisher
                )
