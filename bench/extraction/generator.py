"""Labelled pages of the repository's own: the newsroom's reports in every dress of dress.py; the same each time."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from itertools import product
from pathlib import Path

from bench.extraction.dress import (
    AROUND,
    BY,
    FRAMES,
    HEADS,
    SUBHEADS,
    TEXTS,
    Story,
    byline,
    head_bare,
    text_illustrated,
)
from bench.extraction.sets import Labelled
from bench.quality.prose import Report, reports

START = datetime(2026, 11, 18, 4, 17, tzinfo=UTC)
READ_AT = datetime(2026, 11, 25, tzinfo=UTC)
STEP = timedelta(hours=1, minutes=52)  # between two pages
ZONES = tuple(timezone(timedelta(minutes=minutes)) for minutes in (0, 60, -300, 330))
NAMES = ("Ines Marlow", "Jonas Petersen", "Lucía Ferrer", "Noor Haddad", "Tomás O’Leary", "Greta van Dijk")
SITES = ("Tarn Valley Courier", "Der Küstenbote", "La Voz del Embalse")
OTHERS = 4  # other articles that a page shows


def generate(folder: Path) -> list[Labelled]:
    """Every dress once, on report after report; the pages lie in *folder*, packed as those on loan are."""
    return [_page(folder, number, story, dress) for number, (story, dress) in enumerate(_stories())]


def pages_and_truth(pages: Sequence[Labelled]) -> list[Path | str]:
    """What the fingerprint of *pages* is made of."""
    truth = [repr((one.url, one.text, one.title, one.authors, one.published)) for one in pages]
    return [*(one.path for one in pages), *truth]


Dress = tuple[int, int, int]  # places in HEADS, TEXTS and FRAMES


def _stories() -> Iterator[tuple[Story, Dress]]:
    found = reports()
    dresses = product(range(len(HEADS)), range(len(TEXTS)), range(len(FRAMES)))
    for number, dress in enumerate(dresses):
        yield _story(number, found[number % len(found)], found), dress


def _story(number: int, report: Report, found: list[Report]) -> Story:
    kin = [one for one in found if one.language == report.language and one.event != report.event]
    shown = [kin[(number + at) % len(kin)] for at in range(OTHERS)]
    authors = NAMES[number % len(NAMES) :][: 1 + number % 2]
    return Story(
        url=f"https://www.{report.language}-news.example/region/{report.id}-{number}",
        language=report.language,
        site=SITES[list(BY).index(report.language)],
        headline=report.headline,
        authors=authors,
        published=(START + number * STEP).astimezone(ZONES[number % len(ZONES)]),
        paragraphs=report.paragraphs,
        others=tuple(one.paragraphs[0].split(". ")[0] for one in shown),
    )


def _page(folder: Path, number: int, story: Story, dress: Dress) -> Labelled:
    head, text, frame = HEADS[dress[0]], TEXTS[dress[1]], FRAMES[dress[2]]
    above = byline(story) if head is head_bare or number % 3 else ""
    html = (
        f'<!DOCTYPE html><html lang="{story.language}"><head><meta charset="utf-8">'
        f'<link rel="canonical" href="{story.url}">{head(story)}</head>'
        f"<body>{frame(story, above, text(story))}</body></html>"
    )
    path = folder / f"{number:03d}-{head.__name__}-{text.__name__}-{frame.__name__}.html.gz"
    path.write_bytes(gzip.compress(html.encode(), mtime=0))
    printed = list(story.paragraphs)
    if text is text_illustrated:
        printed.insert(2, SUBHEADS[story.language])
    return Labelled(
        path=path,
        url=story.url,
        read_at=READ_AT,
        text="\n".join(printed),
        title=story.headline,
        authors=story.authors,
        published=story.published,
        must=story.paragraphs,
        must_not=AROUND,
    )
