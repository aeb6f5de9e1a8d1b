"""Our reading of a page, and the peers' by way of their own python."""

from __future__ import annotations

import json
import logging
import subprocess
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from bench.extraction.scores import Reading
from bench.extraction.sets import READ_AT, Labelled, bare_entry
from ingest.dates.parse import parse_date
from ingest.errors import IngestError
from ingest.page.extract import extract_article
from ingest.page.visibledate import day_in_address

PEERS: Final = ("trafilatura", "newspaper4k", "readability-lxml")
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
    published = article.published_at.isoformat() if article.published_at else None
    return Reading(
        text=article.text,
        title=article.title,
        authors=article.authors,
        published=published,
        day=_day(article.published_raw, published, labelled.url),
        **_spent(cpu, wall),
    )


def _day(raw: str | None, published: str | None, url: str) -> str | None:
    """The local day: that of the address where it is next to the instant's, else as the page writes it."""
    if not published:
        return None
    written = parse_date(raw, now=READ_AT)
    day = written.day if written else datetime.fromisoformat(published).date()
    address = day_in_address(url)
    return (address if address and abs(address - day) <= timedelta(days=1) else day).isoformat()


def _spent(cpu: float, wall: float) -> dict[str, float]:
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
