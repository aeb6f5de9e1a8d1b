"""Copies as newsrooms make them, and pairs that look like copies and are none; the same for the same seed.

What is generated shows which kinds of copies are found; how well real ones are is for the labelled sets to say.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from bench.quality import prose
from bench.quality.prose import Report
from dedupe.records import ArticleText

Labelled = tuple[str, str, str, float, str]  # left, right, label, weight, kind
Draw = random.Random
Derive = Callable[[Report, Draw, Sequence[Report]], list[str]]

QUOTED = re.compile(r"([“„«\"][^“”„«»\"]*[”“»\"])")
FIRST_DAY = date(2025, 1, 1)
SERIES = 8  # fillings of each template
CONSENTS = 30  # publishers that show the consent page


def generate(reports: Sequence[Report], seed: int = 7) -> tuple[list[ArticleText], list[Labelled]]:
    """Articles and labelled pairs; each kind of hard negatives has a month of its own, so that it stands alone."""
    draw = random.Random(seed)
    articles = {report.id: article(report.id, report.paragraphs) for report in reports}
    pairs: list[Labelled] = []
    for report in reports:
        for kind, derive in COPIES.items():
            name = f"{report.id}/{kind}"
            articles[name] = article(name, derive(report, draw, reports))
            pairs.append((report.id, name, "copy", 1.0, kind))
    months: dict[str, date] = {}
    for kind, left, right in _negatives(reports, draw):
        day = months.setdefault(kind, FIRST_DAY + timedelta(days=30 * (len(months) + 1)))
        articles |= {one.id: replace(one, date=day) for one in (left, right)}
        pairs.append((left.id, right.id, "independent", 1.0, kind))
    return list(articles.values()), pairs


def article(name: str, paragraphs: Sequence[str]) -> ArticleText:
    """A text of a publisher that has nothing else."""
    return ArticleText(
        id=name, text="\n".join(paragraphs), publisher=f"{name.replace('/', '-')}.example", date=FIRST_DAY
    )


def _truncated(report: Report, _draw: Draw, _all: Sequence[Report]) -> list[str]:
    return list(report.paragraphs[: max(2, len(report.paragraphs) // 2)])


def _led_anew(report: Report, _draw: Draw, _all: Sequence[Report]) -> list[str]:
    return [prose.LEADS[report.language], *report.paragraphs[1:]]


def _dated(report: Report, _draw: Draw, _all: Sequence[Report]) -> list[str]:
    return [f"SALTMERE, Nov 20 — {report.paragraphs[0]}", *report.paragraphs[1:]]


def _with_background(report: Report, draw: Draw, reports: Sequence[Report]) -> list[str]:
    other = draw.choice([one for one in reports if one.event != report.event and one.language == report.language])
    middle = len(report.paragraphs) // 2
    return [*report.paragraphs[:middle], *other.paragraphs[1:3], *report.paragraphs[middle:]]


def _with_boilerplate(report: Report, _draw: Draw, _all: Sequence[Report]) -> list[str]:
    return ["Home > News > Region", *report.paragraphs, *prose.BOILERPLATE.split("\n")]


def _scanned(report: Report, draw: Draw, _all: Sequence[Report]) -> list[str]:
    """Every twenty-fifth letter is misread, as optical recognition does."""
    misread = {"l": "1", "o": "0", "e": "c", "n": "m", "i": "l", "a": "o"}
    return [
        "".join(misread.get(char, char) if draw.random() < 0.04 else char for char in paragraph)
        for paragraph in report.paragraphs
    ]


def _without_names(report: Report, _draw: Draw, _all: Sequence[Report]) -> list[str]:
    """Numbers and names in the middle of sentences are left out."""
    return [re.sub(r"(?<=[a-zäöüéíóúñ,] )(?:[A-ZÄÖÜÉ]\w+|\d[\d.,]*)\s?", "", text) for text in report.paragraphs]


def reworded(share: float) -> Derive:
    """Outside of quotations a share of the words is replaced, half of the sentences have their clauses swapped."""

    def derive(report: Report, draw: Draw, reports: Sequence[Report]) -> list[str]:
        words = [
            word
            for one in reports
            if one.language == report.language
            for text in one.paragraphs
            for word in text.split()
        ]
        return [_reword(paragraph, share, draw, words) for paragraph in report.paragraphs]

    return derive


def _reword(paragraph: str, share: float, draw: Draw, words: Sequence[str]) -> str:
    parts = QUOTED.split(paragraph)
    return "".join(part if number % 2 else _reword_plain(part, share, draw, words) for number, part in enumerate(parts))


def _reword_plain(text: str, share: float, draw: Draw, words: Sequence[str]) -> str:
    sentences = re.split(r"(?<=[.!?])(\s+)", text)
    return "".join(_reword_sentence(one, share, draw, words) if one.strip() else one for one in sentences)


def _reword_sentence(sentence: str, share: float, draw: Draw, words: Sequence[str]) -> str:
    lead = sentence[: len(sentence) - len(sentence.lstrip())]
    found = []
    for word in sentence.split():
        known = prose.SYNONYMS.get(word.lower())
        found.append(known or word if draw.random() >= share else draw.choice(words).strip(".,“”„«»"))
    said = " ".join(found)
    clauses = said.split(", ")
    if len(clauses) == 2 and draw.random() < 0.5:
        said = f"{clauses[1].rstrip('.')}, {clauses[0]}."
    return f"{lead}{said}{' ' if sentence.endswith(' ') else ''}"


COPIES: dict[str, Derive] = {
    "truncated": _truncated,
    "led anew": _led_anew,
    "another dateline": _dated,
    "background inserted": _with_background,
    "boilerplate added": _with_boilerplate,
    "read by a scanner": _scanned,
    "names and numbers left out": _without_names,
    "reworded, 10 %": reworded(0.10),
    "reworded, 25 %": reworded(0.25),
    "reworded, 40 %": reworded(0.40),
}


def _negatives(reports: Sequence[Report], draw: Draw) -> Iterator[tuple[str, ArticleText, ArticleText]]:
    """(kind, left, right) of pairs that are no copies."""
    english = [report for report in reports if report.language == "en"]
    for number, (one, two) in enumerate(_strangers(english, draw)):
        yield _both("shared quotation", number, one, two, [f"{prose.QUOTATION} the mayor said at the opening."])
        yield _both("shared background", number, one, two, [prose.BACKGROUND])
        yield _both("legal notice", number, _brief(one), _brief(two), prose.LEGAL.split("\n"))
        yield _follow_up(number, one, two)
        yield _live_blogs(number, one, two, draw)
        others = draw.sample([report for report in english if report.event not in (one.event, two.event)], 4)
        yield _round_up(number, one, others)
    for kind in prose.TEMPLATES:
        series = [article(f"{kind}/{number}", [_fill(kind, draw)]) for number in range(SERIES)]
        yield from ((f"template: {kind}", one, two) for one, two in pairwise(series))
    pages = [article(f"consent/{number}", [f"Publisher {number}", prose.CONSENT]) for number in range(CONSENTS)]
    for number, (page, report) in enumerate(zip(pages, english, strict=False)):
        read = article(f"behind consent/{number}", [prose.CONSENT, *report.paragraphs])
        yield "consent page and article", page, read


def _strangers(reports: Sequence[Report], draw: Draw) -> list[tuple[Report, Report]]:
    """Each report with one of another event."""
    return [(one, draw.choice([two for two in reports if two.event != one.event])) for one in reports]


def _brief(report: Report) -> Report:
    return Report(report.id, report.event, report.language, report.paragraphs[:2])


def _both(kind: str, number: int, one: Report, two: Report, shared: list[str]) -> tuple[str, ArticleText, ArticleText]:
    """Two reports that both print *shared*."""
    sides = [
        article(f"{kind}/{number}{side}", [*report.paragraphs[:2], *shared, *report.paragraphs[2:]])
        for side, report in (("a", one), ("b", two))
    ]
    return kind, sides[0], sides[1]


def _follow_up(number: int, one: Report, two: Report) -> tuple[str, ArticleText, ArticleText]:
    """A new report that repeats one paragraph of the old one as background."""
    new = [*two.paragraphs, one.paragraphs[-1]]
    return "follow-up", article(f"followed/{number}", one.paragraphs), article(f"follow-up/{number}", new)


def _round_up(number: int, one: Report, others: Sequence[Report]) -> tuple[str, ArticleText, ArticleText]:
    """A brief, and a page that holds it between four others."""
    paragraphs = [text for report in (*others[:2], one, *others[2:]) for text in report.paragraphs[:2]]
    brief = article(f"rounded/{number}", one.paragraphs[:2])
    return "round-up", brief, article(f"round-up/{number}", paragraphs)


def _live_blogs(number: int, one: Report, two: Report, draw: Draw) -> tuple[str, ArticleText, ArticleText]:
    """Two tickers of different events with the same frame."""
    blogs = []
    for side, report in (("a", one), ("b", two)):
        lines = [f"{draw.randrange(6, 23)}:{draw.randrange(10, 60)} {text}" for text in report.paragraphs]
        frame = ["Live: all developments", "This page is updated as news comes in. Refresh for the latest entries."]
        blogs.append(article(f"live/{number}{side}", [*frame, *lines, "That is all for today. Thank you for reading."]))
    return "live blog", blogs[0], blogs[1]


def _fill(kind: str, draw: Draw) -> str:
    numbers = {f"n{place}": f"{draw.uniform(1, 900):.1f}" for place in range(1, 9)}
    names = dict(zip("abc", draw.sample(prose.NAMES, 3), strict=True))
    days = dict(zip(("day", "later"), draw.sample(prose.DAYS, 2), strict=True))
    return prose.TEMPLATES[kind].format(**numbers, **names, **days, way=draw.choice(prose.WAYS))
