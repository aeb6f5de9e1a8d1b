"""The fixed texts whose sketches, matches and clusters are pinned: written by hand, or made of invented words."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from dedupe.records import ArticleText
from tests.dedupe.conftest import FIRST_DAY, invent, reword_text

DATA = Path(__file__).parent / "data" / "versions"
DAYS = 4
EVENTS = 16
BORDERLINE = 30  # pairs that share a little more than the one before
GENERATIONS = 9  # of a text that each publisher rewords after the one before
SERIES = 9  # forms


def collections() -> dict[str, list[ArticleText]]:
    """The fixed texts, by name."""
    written = {path.stem: _written(path) for path in sorted(DATA.glob("*.toml"))}
    return written | {
        "events": [*_events(), *_chorus()],
        "borderline": [*_borderline(), *_generations(), *_scattered(), *_retold(), *_briefs()],
        "boilerplate": [*_pages_of_one_publisher(), *_forms()],
        "weeks": list(_weeks()),
    }


def _written(path: Path) -> list[ArticleText]:
    found = tomllib.loads(path.read_text())["article"]
    return [_article(one["id"], one["text"].strip(), one["day"], one["publisher"]) for one in found]


def _article(name: str, text: str, day: int, publisher: str | None = None) -> ArticleText:
    date = FIRST_DAY + timedelta(days=day)
    at = datetime.combine(date, time(6 + len(name) % 12), UTC)
    return ArticleText(id=name, text=text, publisher=publisher or f"{name}.example", date=date, published_at=at)


def _events() -> Iterable[ArticleText]:
    """Events of four days: printed word for word, reworded, shortened, extended, quoted, in a round-up."""
    draw = random.Random(11)
    for event in range(EVENTS):
        own, day = invent(event, draw.randrange(2, 24)), event % DAYS
        said = f"“{invent(event + 500, 2, 12)}” said person{event}."
        texts = {
            "wire": f"{own}\n{said}",
            "same": f"{own}\n{said}",
            "reworded": f"{reword_text(own, draw.randrange(3, 9), seed=event)}\n{said}",
            "shortened": own[: len(own) * 2 // 3],
            "extended": f"{own}\n{invent(event + 600, 8)}",
            "quoting": f"{invent(event + 700, 6)}\n{said}",
            "round-up": f"{invent(event + 800, 9)}\n{own[: len(own) // 2]}\n{invent(event + 801, 9)}",
        }
        for number, (kind, text) in enumerate(texts.items()):
            publisher = f"{(event + number) % 5}.example"
            yield _article(f"{event:02}-{kind}", text, min(day + number // 3, DAYS + 1), publisher)


def _chorus() -> Iterable[ArticleText]:
    """Two texts that share a passage, and a day later four more that show that everybody prints it."""
    passage = invent(901, 3)
    for number in range(6):
        yield _article(f"chorus-{number}", f"{invent(910 + number, 9)}\n{passage}", int(number > 1))


def _borderline() -> Iterable[ArticleText]:
    """Pairs that share from a little to much, in order or not, inside quotations or not; some with a third text."""
    for number in range(BORDERLINE):
        shared = invent(2000 + number, 1, 4 + 2 * number).strip(".")
        shared = reword_text(shared, 9, seed=number) if number % 2 else shared
        spoken = f"“{shared}”, it said." if number % 3 == 0 else f"{shared}."
        own, other = invent(2100 + number, 9), invent(2200 + number, 9)
        yield _article(f"border-{number:02}a", f"{own}\n{spoken}", 0)
        yield _article(f"border-{number:02}b", f"{spoken}\n{other}", 1)
        if number % 4 == 0:
            third = " ".join(shared.split()[: 4 + number])
            yield _article(f"border-{number:02}c", f"{invent(2300 + number, 9)} {third}.", 1)


def _generations() -> Iterable[ArticleText]:
    """A text reworded again and again, ever less like the first."""
    text = invent(2400, 20)
    for number in range(GENERATIONS):
        yield _article(f"generation-{number}", text, number // 3)
        text = reword_text(text, 3 + number % 3, seed=number)


def _scattered() -> Iterable[ArticleText]:
    """Pairs that share sentences between their own ones, in the same order or another: evidence of every strength."""
    for number in range(BORDERLINE):
        draw = random.Random(number)
        facts = [invent(2600 + 40 * number + place, 1, 5 + number % 6) for place in range(3 + number % 5)]
        for side in "ab":
            own = [invent(2600 + 40 * number + place + 10 + 10 * (side == "b"), 1, 12) for place in range(7)]
            told = facts if side == "a" or number % 3 else draw.sample(facts, len(facts))
            lines = [f"{one} {fact}" for one, fact in zip(own, told, strict=False)]
            yield _article(f"scattered-{number:02}{side}", "\n".join([*lines, *own[len(told) :]]), int(side == "b"))


def _retold() -> Iterable[ArticleText]:
    """Reports of which one sentence in five to nine is kept, and every third word of the others replaced: little is the
    same in a row, and the sentences follow each other as they did.
    """
    for number in range(5):
        told = invent(5000 + number, 24).split("\n")
        other = [line if place % (5 + number) == 0 else reword_text(line, 3) for place, line in enumerate(told)]
        yield _article(f"retold-{number}a", "\n".join(told), 0)
        yield _article(f"retold-{number}b", "\n".join(other), 1)


def _briefs() -> Iterable[ArticleText]:
    """Texts of ten to seventy words, each with a version that has other words in it."""
    for number in range(14):
        text = invent(2500 + number, 1, 10 + 5 * number)
        yield _article(f"brief-{number:02}a", text, 0)
        yield _article(f"brief-{number:02}b", reword_text(text, 3 + number % 4, seed=number), 0)


def _pages_of_one_publisher() -> Iterable[ArticleText]:
    """Lines that recur on the pages of a publisher: long, short, without a final mark; on full and on empty pages."""
    lines = [invent(3000 + number, 1, 4 + 3 * number) for number in range(8)]
    menu = "Home News Sport\nMore\nAll the weather here"
    for number in range(20):
        shown = [line for place, line in enumerate(lines) if number % (place + 2) == 0]
        own = invent(3100 + number, 1 + number % 7)
        text = "\n".join([menu, *shown[:2], own, *shown[2:]])
        yield _article(f"page-{number:02}", text, number % 3, f"{'one' if number % 4 else 'two'}.example")
    yield _article("page-printed", f"{invent(3119, 6)}\n{lines[0]}\n{lines[5]}", 2)


def _forms() -> Iterable[ArticleText]:
    """One form filled twice each time: of eight numbers none to all are the same."""
    for number in range(SERIES):
        frame, words = invent(3200 + number, 4).rstrip("."), invent(3300 + number, 1)
        for side in range(2):
            figures = [place * 37 + 100 + (1000 * side if place >= number else 0) for place in range(8 - number % 2)]
            text = f"{frame} {' '.join(map(str, figures))}.\n{words}"
            yield _article(f"form-{number:02}{'ab'[side]}", text, side)


def _weeks() -> Iterable[ArticleText]:
    """A text that comes back for three weeks, copies up to nine days apart, and one of each day that tells them so."""
    again = invent(4000, 8)
    for number in range(8):
        yield _article(f"again-{number}", again, number * 3)
        yield _article(f"first-{number}", invent(4100 + number, 8), 0)
        yield _article(f"later-{number}", reword_text(invent(4100 + number, 8), 6, seed=number), number + 2)
        yield _article(f"again-reworded-{number}", reword_text(again, 4 + number % 3, seed=number), number * 3 + 1)
