"""The measures of bench/extraction, on readings of which the answer is known."""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.extraction.__main__ import FLOORS, OWN
from bench.extraction.errors import error_table, errors_of
from bench.extraction.generator import pages_and_truth
from bench.extraction.scores import Reading, measured, text_f1, to_the_minute
from bench.extraction.sets import Labelled, read_set
from bench.extraction.tools import peer, wirecopy
from bench.quality.gate import check, fingerprint
from tests.ingest.samples import PARAGRAPHS, TEXT, html

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def test_text_f1() -> None:
    """Half of the 4-grams found and nothing wrong is two thirds."""
    truth = "one two three four five six seven"  # four 4-grams
    assert text_f1(truth, truth) == 1.0
    assert text_f1("one two three four five", truth) == pytest.approx(2 * 2 / (2 + 4))
    assert text_f1("", truth) == 0.0


@pytest.mark.parametrize(
    ("found", "right"),
    [
        ("2026-11-23T12:00:59+00:00", True), ("2026-11-23T13:00:00+01:00", True), ("2026-11-23T12:00:00", True),
        ("2026-11-23T12:01:00+00:00", False), ("2026-11-23", False), (None, False),
    ],
)  # fmt: skip
def test_to_the_minute(found: str | None, right: bool) -> None:
    """An instant within the minute; a day is its midnight."""
    assert to_the_minute(found, NOON) is right


def test_passages(tmp_path: Path) -> None:
    """One of two passages found, and one that does not belong: precision and recall of a half."""
    page = Labelled(path=tmp_path, url="", read_at=NOON, must=("a b", "c d"), must_not=("x y",))
    found = measured([page], [Reading(text="a  b\nx y")])
    assert (found["passage_precision"], found["passage_recall"]) == (0.5, 0.5)


def test_names_in_any_order_and_case(tmp_path: Path) -> None:
    """The set of names must be equal; a page without a truth is not counted."""
    page = Labelled(path=tmp_path, url="", read_at=NOON, authors=("Ann Lee", "BO CHI"))
    silent = Labelled(path=tmp_path, url="", read_at=NOON)
    readings = [Reading(authors=("Bo Chi", "Ann Lee")), Reading(authors=("Ann Lee",))]
    assert measured([page, silent], readings) == {"authors": 1.0}
    assert measured([page, page], readings)["authors"] == 0.5


@pytest.mark.parametrize("name", OWN)
def test_floors_on_our_own_pages(name: str, tmp_path: Path) -> None:
    """No page of the repository's own is read worse than when its floors were pinned."""
    ours = OWN[name](tmp_path)
    found = measured(ours, list(wirecopy(ours)))
    assert check(f"extraction/{name}", found, fingerprint(pages_and_truth(ours)), FLOORS) == []


def test_errors_by_kind(tmp_path: Path) -> None:
    """Each error has a kind; a lost passage has the place where it stands."""
    body = f"<p class='lead'>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p><ul><li>{PARAGRAPHS[2]}</li></ul>"
    (tmp_path / "a.html.gz").write_bytes(gzip.compress(html(body=body).encode()))
    page = Labelled(
        path=tmp_path / "a.html.gz", url="https://a.example/a", read_at=NOON, title="Board votes", day="2026-11-16",
        authors=("Ann Lee", "Bo Chi"), undated=True, must=PARAGRAPHS[:3], must_not=("Ferry",),
    )  # fmt: skip
    reading = Reading(
        text=f"{PARAGRAPHS[1]}\nFerry", title="Board votes, again", day="2026-11-20", source="text",
        published="2026-11-20", authors=("Ann Lee",),
    )  # fmt: skip
    assert Counter(errors_of(page, reading)) == Counter([
        ("title", "a part more or less"), ("authors", "some missing"), ("minute", "a date where there is none"),
        ("day", "another day that the page shows"), ("passage lost", "in a standfirst, which is the description"),
        ("passage lost", "in a list"), ("foreign passage", "in a short line"),
    ])  # fmt: skip
    assert {kind for _, kind in errors_of(page, Reading(error="no_text: …"))} >= {"refused: no_text"}
    assert "half" in error_table([page], [reading])


@pytest.fixture
def pages(tmp_path: Path) -> list[Labelled]:
    """A set of one page in the form of fundus."""
    folder = tmp_path / "fundus"
    folder.mkdir()
    (folder / "a.html.gz").write_bytes(gzip.compress(html('<meta name="author" content="Ann Lee">').encode()))
    row = {
        "file": "a.html.gz", "url": "https://news.example.com/a", "crawl_date": "2026-11-24", "text": TEXT,
        "title": "Harbour board votes to dredge", "authors": ["Ann Lee"], "date": None,
    }  # fmt: skip
    (folder / "manifest.jsonl").write_text(json.dumps(row) + "\n")
    return read_set(folder)


def test_our_reading(pages: list[Labelled]) -> None:
    """A page that is read rightly has every share at one."""
    assert measured(pages, list(wirecopy(pages))) == {"text_f1": 1.0, "title": 1.0, "authors": 1.0}


def test_a_peer_in_its_own_process(pages: list[Labelled]) -> None:
    """trafilatura, which is here too, answers through the peers' protocol; a tool that is missing is a failed page."""
    (reading,) = peer(sys.executable, "trafilatura", pages)
    assert PARAGRAPHS[3] in reading.text
    assert (reading.error, reading.authors) == ("", ("Ann Lee",))
    (missing,) = peer(sys.executable, "newspaper4k", pages)
    assert missing.error.startswith("ModuleNotFoundError")
