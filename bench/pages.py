"""The pages of the farm: borrowed real ones, changed so that every URL has a text of its own, or made-up ones."""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from bench.extraction.sets import MANIFESTS

WORDS: Final = [f"word{number}" for number in range(4_000)]
WORDS_PER_PAGE: Final = 350
_PARAGRAPH: Final = re.compile(rb"<p(?:\s[^>]*)?>", re.IGNORECASE)
_DAY: Final = re.compile(rb"(?<!\d)(?:19|20)\d\d-[01]\d-[0-3]\d(?!\d)")


@dataclass(frozen=True, slots=True)
class Pages:
    """The page of each URL: always the same bytes for the same number."""

    sources: tuple[Path, ...]  # gzipped HTML, read in place when a page is requested; empty: made-up pages
    day: date  # of publication: a page that names a day in ISO form names this one

    @classmethod
    def on_loan(cls, folder: Path, day: date) -> Pages:
        """The sets that are there, mixed; made-up pages if none is."""
        sources = [path for name in MANIFESTS for path in sorted((folder / name).glob("*.html.gz"))]
        random.Random(1).shuffle(sources)
        return cls(tuple(sources), day)

    def body(self, number: int) -> bytes:
        """The HTML of the page with this number."""
        chance = random.Random(number)
        if not self.sources:
            return _made_up(number, chance)
        html = gzip.decompress(self.sources[number % len(self.sources)].read_bytes())
        words = _word_groups(chance)
        changed = _PARAGRAPH.sub(lambda tag: tag[0] + next(words), html)
        return _DAY.sub(self.day.isoformat().encode(), changed)


def _word_groups(chance: random.Random) -> Iterator[bytes]:
    while True:
        yield " ".join(chance.choices(WORDS, k=4)).encode() + b" "


def _made_up(number: int, chance: random.Random) -> bytes:
    words = chance.choices(WORDS, k=WORDS_PER_PAGE)
    paragraphs = "".join(f"<p>{' '.join(words[start : start + 50])}.</p>" for start in range(0, len(words), 50))
    head = f"<head><title>Page {number}</title></head>"
    return f"<html lang=en>{head}<body><article>{paragraphs}</article></body></html>".encode()
