"""CPU of `wirecopy trace` over a month of 10,000 articles a day, and whether it finds the copies that were planted.

    python -m bench.tracing build FOLDER [DAYS] [ARTICLES]
    python -m bench.tracing measure FOLDER

`build` takes about 3 minutes and 1.5 GB. Made-up texts share set phrases all over the month, so each release has weak
candidates on most days: the case that costs most. Its copies are cut, lengthened and reworded by up to two fifths.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from bench.speed.texts import texts as made_up
from dedupe.params import DEFAULTS
from wirecopy.store.copies.sketching import current_sketches
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import replace_partition
from wirecopy.store.files.rows import to_table
from wirecopy.store.files.schema import ARTICLES

FIRST = date(2026, 10, 1)
PUBLISHERS = 300
RELEASES = 8
REWORDED = (0.0, 0.05, 0.15, 0.25, 0.4)  # words replaced in the copies of each release


def build(folder: Path, days: int, articles: int) -> None:
    """A store with sketches and without matches, as nothing else is needed to trace; releases and truth beside it."""
    layout, texts = Layout(folder / "data").make(), made_up(days * articles)
    releases = list(islice(made_up(RELEASES, seed=77), RELEASES))
    (folder / "releases").mkdir(exist_ok=True)
    for number, text in enumerate(releases):
        (folder / f"releases/{number}.txt").write_text(text, "utf-8")
    planted = {day: list(_copies(releases, day, days)) for day in range(days)}
    truth: dict[int, list[str]] = {}
    for number in range(days):
        day = FIRST + timedelta(days=number)
        rows = [_row(day, place, text) for place, text in enumerate(islice(texts, articles))]
        for place, (release, text) in enumerate(planted[number]):
            rows.append(_row(day, articles + place, text))
            truth.setdefault(release, []).append(rows[-1]["article_id"])
        replace_partition(layout, "articles", day, to_table("articles", rows))
        current_sketches(layout, day, DEFAULTS)
        print(f"{day}: {len(rows):,} articles", file=sys.stderr)
    (folder / "truth.json").write_text(json.dumps(truth), "utf-8")


def _copies(releases: list[str], day: int, days: int) -> Iterator[tuple[int, str]]:
    """Each release is copied over three days somewhere in the month."""
    for number, text in enumerate(releases):
        start = number * (days - 3) // len(releases)
        if start <= day < start + 3:
            for share in REWORDED:
                yield number, _reworded(text, share, seed=100 * number + day)


def _reworded(text: str, share: float, *, seed: int) -> str:
    """Some words replaced by words of its own, and its last paragraph cut."""
    draw = np.random.default_rng(seed)
    paragraphs = [paragraph.split(" ") for paragraph in text.split("\n")]
    words = [word for paragraph in paragraphs for word in paragraph]
    for paragraph in paragraphs:
        for place in np.flatnonzero(draw.random(len(paragraph)) < share).tolist():
            paragraph[place] = words[int(draw.integers(len(words)))]
    kept = paragraphs if len(paragraphs) < 3 or not share else paragraphs[:-1]
    return "\n".join(" ".join(paragraph) for paragraph in kept)


def _row(day: date, number: int, text: str) -> dict[str, Any]:
    name = hashlib.blake2b(f"{day} {number}".encode(), digest_size=16).hexdigest()
    publisher = f"publisher-{number % PUBLISHERS}"
    url = f"https://{publisher}.example/{name}"
    when = datetime.combine(day, datetime.min.time(), UTC) + timedelta(seconds=number % 86_400)
    return dict.fromkeys(ARTICLES.names) | {
        "article_id": name, "url": url, "canonical_url": url, "source": f"{publisher}.example", "publisher": publisher,
        "title": text[:60], "authors": [], "tags": [], "published_at": when, "first_seen_at": when, "fetched_at": when,
        "last_fetched_at": when, "updated_at": when, "commit_seq": 1, "text": text, "word_count": len(text.split()),
        "content_hash": hashlib.blake2b(text.encode(), digest_size=16).hexdigest(), "via": "live", "revision": 0,
    }  # fmt: skip


def measure(folder: Path) -> None:
    """Runs the command on each release, and prints CPU seconds, how many copies it found, and how many others."""
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    print("release  cpu s  found  others")
    for number, planted in truth.items():
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [Path(sys.executable).parent / "wirecopy", "trace", folder / f"releases/{number}.txt", "--json"],
            env=os.environ | {"WIRECOPY_DATA": str(folder / "data")},
            capture_output=True,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        found = {one["id"] for part in ("copies", "related") for one in json.loads(done.stdout)[part]}
        both = found & set(planted)
        print(f"{number:>7}  {cpu:5.2f}  {len(both)}/{len(planted)}  {len(found - both)}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["build", folder, *sizes]:
            build(Path(folder), *(int(one) for one in sizes or ("30", "10000")))
        case ["measure", folder]:
            measure(Path(folder))
        case _:
            sys.exit(__doc__)
