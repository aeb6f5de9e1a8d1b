"""CPU of `wirecopy trace` over a store of many dates, and whether it finds what was planted.

    python -m bench.tracing build FOLDER [--days 30] [--articles 10000]
    python -m bench.tracing measure FOLDER
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from bench.speed.texts import texts as made_up
from dedupe.params import DEFAULTS
from wirecopy.store.copies.sketching import current_sketches
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import replace_partition
from wirecopy.store.files.rows import to_table
from wirecopy.store.files.schema import ARTICLES

FIRST = date(2026, 10, 1)
PUBLISHERS = 300
RELEASES = Path("../shared/data")


def build(folder: Path, days: int, articles: int) -> None:
    """A store with sketches, without matches: nothing else is needed to trace."""
    layout, texts = Layout(folder).make(), made_up(days * articles)
    for day in (FIRST + timedelta(days=number) for number in range(days)):
        began = time.process_time()
        rows = [_row(day, number, text) for number, text in enumerate(islice(texts, articles))]
        replace_partition(layout, "articles", day, to_table("articles", rows))
        current_sketches(layout, day, DEFAULTS)
        print(f"{day} {time.process_time() - began:.1f} s", file=sys.stderr)


def _row(day: date, number: int, text: str) -> dict[str, Any]:
    name = hashlib.blake2b(f"{day} {number}".encode(), digest_size=16).hexdigest()
    publisher = f"publisher-{number % PUBLISHERS}"
    url = f"https://{publisher}.example/{name}"
    when = datetime.combine(day, datetime.min.time(), UTC) + timedelta(seconds=number % 86_400)
    row = dict.fromkeys(ARTICLES.names) | {
        "article_id": name, "url": url, "canonical_url": url, "source": f"{publisher}.example", "publisher": publisher,
        "title": text[:60], "authors": [], "tags": [], "published_at": when, "first_seen_at": when, "fetched_at": when,
        "last_fetched_at": when, "updated_at": when, "commit_seq": 1, "text": text, "word_count": len(text.split()),
        "content_hash": hashlib.blake2b(text.encode(), digest_size=16).hexdigest(), "via": "live", "revision": 0,
    }  # fmt: skip
    return row


if __name__ == "__main__":
    build(Path(sys.argv[1]), 30, 10_000)
