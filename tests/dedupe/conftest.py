"""Made-up news for the dedupe tests:
sentences of invented words, so that two texts share only what a test lets them share.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dedupe.records import ArticleText

ROOT = Path(__file__).resolve().parents[2]
FIRST_DAY = date(2026, 11, 1)
SYLLABLES = ["ba", "ke", "lo", "mi", "ru", "ta", "ve", "so", "ni", "dra", "pel", "gor", "sten", "lum", "qua", "fir"]

Write = Callable[..., str]
Make = Callable[..., ArticleText]


def invent(seed: int, sentences: int = 12, words: int = 15) -> str:
    """A text of its own: *sentences* sentences in paragraphs of three; the same for the same seed."""
    draw = random.Random(seed)
    said = []
    for _ in range(sentences):
        line = ["".join(draw.choices(SYLLABLES, k=draw.choice((2, 3, 4)))) for _ in range(words)]
        said.append(" ".join(line).capitalize() + ".")
    return "\n".join(" ".join(said[at : at + 3]) for at in range(0, len(said), 3))


def reword_text(text: str, every: int = 7, seed: int = 0) -> str:
    """The text with one word in *every* replaced."""
    draw = random.Random(seed)
    lines = []
    for line in text.split("\n"):
        words = line.split(" ")
        for at in range(draw.randrange(every), len(words), every):
            words[at] = "".join(draw.choices(SYLLABLES, k=3)) + ("." if words[at].endswith(".") else "")
        lines.append(" ".join(words))
    return "\n".join(lines)


@pytest.fixture(scope="session")
def write() -> Write:
    return invent


@pytest.fixture(scope="session")
def reword() -> Write:
    return reword_text


@pytest.fixture(scope="session")
def make() -> Make:
    """article(id, text, day=…) → ArticleText; days count from FIRST_DAY, and without one the article has no date."""

    def article(name: str, text: str, day: int | None = None, publisher: str | None = None) -> ArticleText:
        when = None if day is None else FIRST_DAY + timedelta(days=day)
        at = None if when is None else datetime(when.year, when.month, when.day, 9, tzinfo=UTC)
        return ArticleText(id=name, text=text, publisher=publisher or f"{name}.example", date=when, published_at=at)

    return article


@pytest.fixture(scope="session")
def shared() -> Path:
    """The data on loan, beside the checkout."""
    folder = ROOT.parent / "shared"
    if not (folder / "seeds").is_dir():
        pytest.skip(f"no data on loan: {folder} is absent")
    return folder
