"""`python -m bench.desk`: CPU of each page on a store of 30 days with 10,000 articles each, and the memory of all."""

from __future__ import annotations

import argparse
import re
import resource
import time
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bench.desk.store import END, make_store
from bench.markdown import table
from wirecopy.pages.app import create_app
from wirecopy.settings import Settings
from wirecopy.store.files.layout import Layout
from wirecopy.store.query.wordindex import bring_up_to_date

TIMES: Final = 3  # each page; the least counts
LIMIT: Final = {"/": 150}  # CPU ms; of every other page:
LIMIT_ELSE: Final = 400
MEMORY: Final = 400  # MB, the whole process


def main() -> None:
    """Make the store if it is not there, and measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.desk", description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--articles", type=int, default=10_000, help="of each day")
    parser.add_argument("--store", type=Path, default=Path("build/desk"), help="kept for the next time")
    arguments = parser.parse_args()
    layout = make_store(arguments.store, arguments.days, arguments.articles)
    now = datetime.combine(END, datetime.min.time(), UTC) + timedelta(hours=18)
    index(layout)
    measure(Settings(data=Path(layout.root).resolve(), now=now))


def index(layout: Layout) -> None:
    """Index the words of all dates but the last, as wirecopy_maintain does, and say what that takes."""
    began = time.process_time()
    made, _ = bring_up_to_date(layout, END)
    if made:
        print(f"words of {len(made)} dates indexed in {time.process_time() - began:.1f} s of CPU")


def measure(settings: Settings) -> None:
    """Print a table of pages."""
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

    pages = TestClient(create_app(lambda: settings))
    rows = []
    for name, path in _addresses(pages):
        spent, size = _spent(pages, path)
        rows.append((name, f"{spent:.0f}", f"{LIMIT.get(path, LIMIT_ELSE)}", f"{size / 1000:.0f}"))
    print(table(("page", "CPU ms", "allowed", "kB"), rows))
    print(f"\npeak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB, allowed {MEMORY}")


def _addresses(pages: object) -> list[tuple[str, str]]:
    day = END - timedelta(days=15)
    listed = pages.get(f"/clusters?day={day}").text  # type: ignore[attr-defined]
    clusters = re.findall(r"clusters/([0-9a-f]{32})", listed)
    return [
        ("Days", "/"),
        ("a quarter of days", "/?weeks=13"),
        ("a day", f"/days/{day}"),
        ("Clusters", f"/clusters?day={day}"),
        ("Clusters, filtered", f"/clusters?day={day}&agency=AFP&language=en&min=3"),
        ("Clusters as .csv", f"/clusters.csv?day={day}"),
        ("the largest cluster", f"/clusters/{clusters[0]}?day={day}"),
        ("a small cluster", f"/clusters/{clusters[-1]}?day={day}"),
        ("an article", f"/articles/{clusters[0]}?day={day}"),
        ("an article without its day", f"/articles/{clusters[0]}"),
        ("Who copies whom, 30 days", "/network"),
        ("Publishers, 30 days", "/publishers"),
        ("the largest publisher", "/publishers/paper000.example"),
        ("Feeds", "/feeds"),
        ("a feed", "/feeds/feed001"),
        ("Search, a phrase in 30 days of texts", "/search?q=%22It+was+number+6653%22&days=30"),
        ("Search, frequent words in 30 days of texts", "/search?q=ba+%22qua+ter%22&days=30"),
        ("Search, today's texts without an index", "/search?q=ba+%22qua+ter%22&days=1"),
        ("Search, 30 days of headlines", "/search?q=ba&days=30&where=headlines"),
        ("a run", f"/runs/scheduled__{day}T10:00:00+00:00"),
    ]


def _spent(pages: object, path: str) -> tuple[float, int]:
    """CPU ms and bytes of a page."""
    least, size = float("inf"), 0
    for _ in range(TIMES):
        began = time.process_time()
        answer = pages.get(path)  # type: ignore[attr-defined]
        least = min(least, time.process_time() - began)
        assert answer.status_code == 200, (path, answer.status_code)
        size = len(answer.content)
    return 1000 * least, size


if __name__ == "__main__":
    main()
