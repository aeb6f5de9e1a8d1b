"""What the extractor's REVISION stands for: the articles of fixed pages of several kinds, and why others give none."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from ingest.errors import ExtractError
from ingest.page.extract import extract_article, extractor_version
from ingest.records import Entry
from tests.ingest.samples import a_page, an_entry
from tests.pins import Case, Versioned

KINDS = Path(__file__).parent / "data" / "kinds"
PINS = Path(__file__).parent / "versions.json"
DIGITS = 3  # of the recogniser's confidence: its last bits depend on the processor
FEED_TIME = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def articles() -> dict[str, Case]:
    """Each page as read after an entry that says nothing, and after one that says all."""
    return {path.stem: _case(path) for path in sorted(KINDS.glob("*.html"))}


def _case(path: Path) -> Case:
    url = f"https://news.example.com/2026/11/{path.stem}" if path.stem != "list" else "https://news.example.com/news/"
    entries = (an_entry(link=url), _telling(url))
    body = path.read_bytes()
    given = [hashlib.blake2b(body, digest_size=16).hexdigest(), [asdict(entry) for entry in entries]]
    return Case(given=given, result=[_extracted(body, url, entry) for entry in entries])


def _telling(url: str) -> Entry:
    return an_entry(
        link=url,
        guid=url,
        title="A title of the feed",
        summary="What the feed says of it.",
        authors=("Feed Author",),
        tags=("feed",),
        published_at=FEED_TIME,
        published_raw="Sun, 22 Nov 2026 08:00:00 GMT",
        language="en",
    )


def _extracted(body: bytes, url: str, entry: Entry) -> Mapping[str, object]:
    """The fields of the article, or the code of what stood in its place."""
    page = a_page(body, url=url, headers={"content-type": "text/html"})
    try:
        article = extract_article(page, entry, publisher_of=lambda host: f"publisher of {host}", via="live")
    except ExtractError as error:
        return {"refused": error.code}
    score = article.language_score
    return asdict(article) | {
        "language_score": None if score is None else round(score, DIGITS),
        "extractor_version": None,  # it names the version, and is no result of it
    }


VERSIONED = (
    Versioned(
        name="articles",
        raise_at="REVISION in ingest/page/extract.py",
        stamp=extractor_version(),
        file=PINS,
        cases=articles,
    ),
)
