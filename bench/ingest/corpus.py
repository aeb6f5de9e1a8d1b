"""The pages that the farm serves: real ones where they are on loan, each dated as the farm's entries are."""

from __future__ import annotations

import gzip
import re
from datetime import datetime
from pathlib import Path
from typing import Final

from bench.extraction.sets import MANIFESTS

LOAN: Final = Path(__file__).parents[2].parent / "shared" / "data"
DATES: Final = (  # as they are written, and how that of the bench is written in their place
    (re.compile(rb"\b20[012]\d-[01]\d-[0-3]\d"), "%Y-%m-%d"),
    (re.compile(rb"\b20[012]\d/[01]?\d/[0-3]?\d\b"), "%Y/%m/%d"),
    (re.compile(rb"\b[0-3]?\d\.[01]?\d\.20[012]\d\b"), "%d.%m.%Y"),
    (re.compile(rb"\b[0-3]?\d/[0-3]?\d/20[012]\d\b"), "%d/%m/%Y"),
    (re.compile(rb"\b[A-Z][a-z]{2,8}\.? [0-3]?\d(?:st|nd|rd|th)?, 20[012]\d\b"), "%B %d, %Y"),
    (re.compile(rb"\b[0-3]?\d [A-Z][a-z]{2,8}\.?,? 20[012]\d\b"), "%d %B %Y"),
)


def load(newest: datetime, folder: Path = LOAN) -> list[bytes]:
    """All pages of the labelled sets, their dates replaced by that of *newest*, so that they fall into a few
    partitions as those of a live run do. Empty where the sets are not.
    """
    files = [path for name in MANIFESTS for path in sorted((folder / name).rglob("*.html.gz"))]
    return [_dated(gzip.decompress(path.read_bytes()), newest) for path in files]


def _dated(body: bytes, newest: datetime) -> bytes:
    for written, form in DATES:
        body = written.sub(newest.strftime(form).encode(), body)
    return body
