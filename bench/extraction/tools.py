"""Our reading of a page, and the peers' by way of their own python."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from bench.extraction.scores import Reading
from bench.extraction.sets import READ_AT, Labelled, bare_entry
from ingest.dates.parse import parse_date
from ingest.errors import IngestError
from ingest.page.dating.address import day_in_address
from ingest.page.dating.visible import shown_day
from ingest.page.extract import extract_article, parse_html
from ingest.page.ownpart import own_heading
from ingest.records import Article, Page

PEERS: Final = ("trafilatura", "newspaper4k", "readability-lxml")
_LOCAL: Final = re.compile(r"[+-](?!00:?00)\d\d:?\d\d$")  # an instant that names its place's offset
WARM_UP: Final = 3  # pages read twice: the first call of each tool loads models and rules


def wirecopy(pages: Sequence[Labelled]) -> Iterator[Reading]:
    """The result of `extract_article`; a refused page is an empty reading with the reason."""
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    for page in pages[:WARM_UP]:
        _ours(page)
    yield from map(_ours, pages)


def peer(python: str, tool: str, pages: Sequence[Labelled]) -> Iterator[Reading]:
    """The results of *tool* in the environment of *python*."""
    script = Path(__file__).with_name("peers.py")
    with subprocess.Popen(
        [python, "-W", "ignore", str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number, page in enumerate([*pages[:WARM_UP], *pages]):
            process.stdin.write(json.dumps({"tool": tool, "path": str(page.path), "url": page.url}) + "\n")
            process.stdin.flush()
            fields = json.loads(process.stdout.readline() or "null")
            if fields is None:
                raise RuntimeError(f"{tool} ended at {page.path}; try `{python} {script}` by hand")
            if number >= min(WARM_UP, len(pages)):
                day = (fields.get("published") or "")[:10] or None
                yield Reading(**fields | {"authors": tuple(fields.get("authors", ())), "day": day})


def _ours(labelled: Labelled) -> Reading:
    page = labelled.page()
    cpu, wall = time.process_time(), time.perf_counter()
    try:
        article = extract_article(page, bare_entry(labelled.url), publisher_of=lambda host: host, via="live")
    except IngestError as error:
        return Reading(error=f"{error.code}: {error}", **_spent(cpu, wall))
    spent = _spent(cpu, wall)
    return Reading(
        text=article.text,
        title=article.title,
        authors=article.authors,
        published=article.published_at.isoformat() if article.published_at else None,
        day=_day(article, page) if labelled.day else None,
        source=article.published_source,
        **spent,
    )


def _day(article: Article, page: Page) -> str | None:
    """The local day: as the page writes it, or, where it writes an instant in UTC or nothing of a zone, the day of its
    address, or that near its headline, if it is next to the instant's.
    """
    if article.published_at is None:
        return None
    written = parse_date(article.published_raw, now=READ_AT)
    day = written.day if written else article.published_at.date()
    if article.published_precision == "day" or _LOCAL.search(article.published_raw or ""):
        return day.isoformat()
    local = day_in_address(page.url) or _printed(article, page)
    return (local if local and abs(local - day) <= timedelta(days=1) else day).isoformat()


def _printed(article: Article, page: Page) -> date | None:
    tree = parse_html(page)
    heading = own_heading(tree, (article.title,) if article.title else ())
    shown = shown_day(tree, heading, partial(parse_date, now=READ_AT, language=article.language))
    return shown[0].day if shown else None


def _spent(cpu: float, wall: float) -> dict[str, float]:
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
