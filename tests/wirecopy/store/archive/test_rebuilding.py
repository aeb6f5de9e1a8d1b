"""Articles are a function of raw/: rebuilt from the archive, or from a WARC file of it, they are the same; no network.

The newsroom that was fetched is closed by then: whoever asked it would get no article.
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ingest.records import IMPORTED, Capture
from ingest.text.urls import entry_key
from ingest.workers.workers import WorkerPool
from tests.dags.poison import SLUG
from tests.wirecopy.builders import a_page, content, footprint
from tests.wirecopy.lived import ANCHOR, use_folder
from tests.wirecopy.warc.samples import response, warc
from wirecopy import steps
from wirecopy.errors import RunFailed
from wirecopy.schedule import Interval, intervals_between
from wirecopy.store.archive.finding import captures_of
from wirecopy.store.archive.raw import raw_files
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import read_partition, replace_partition
from wirecopy.store.files.rows import to_table
from wirecopy.store.query.read import rows
from wirecopy.store.takedown.tombstones import Tombstones, write_tombstones
from wirecopy.store.warc.writing import write_warc

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("maintaining")]

DAYS = {"first": "2026-11-22", "last": "2026-11-25"}  # undated pages belong to the day of fetching, the last one
FETCHED = Interval(start=ANCHOR.replace(day=24), end=ANCHOR.replace(day=26))
TEXT = " ".join(f"The council of the harbour town voted on item {n} of its long agenda." for n in range(12))
PAGE = f"<html><head><title>Harbour</title></head><body><article><p>{TEXT}</p></article></body></html>".encode()
SHORT = b"<html><body><p>Subscribe now.</p></body></html>"


def silent(_what: str, _done: int, _total: int) -> None:
    pass


def reextract(**days: str):
    return steps.reprocess(action="reextract", dry_run=False, run_id="again", **(days or DAYS))


def export(file: Path) -> dict[str, int]:
    return steps.export_archive(file, FETCHED, feed_id=None, report=silent)


def bring(*files: Path):
    return steps.import_archives(files, report=silent)


@pytest.fixture
def lived(made, monkeypatch) -> Layout:
    """The folder of the live run; nothing here writes to its store."""
    use_folder(monkeypatch, made)
    return Layout(made / "data")


@pytest.fixture
def empty(made, tmp_path, monkeypatch) -> Layout:
    """A folder with the same feed list and nothing else."""
    shutil.copy(made / "feeds.toml", tmp_path)
    use_folder(monkeypatch, tmp_path)
    return Layout(tmp_path / "data").make()


@pytest.mark.slow
def test_articles_rebuilt_from_raw_alone(lived, empty):
    """No store, no state, no newsroom: CONTENT_COLUMNS are equal, and every page has its outcome."""
    shutil.copytree(lived.raw, empty.raw, dirs_exist_ok=True)
    result = reextract()
    assert content(empty, "articles", "revisions") == content(lived, "articles", "revisions")
    assert sum(result["outcomes"].values()) == result["pages"]
    assert result["outcomes"]["stored"] == len(content(lived, "articles")["articles"])


@pytest.mark.slow
def test_articles_rebuilt_from_a_warc_file(lived, empty, tmp_path, monkeypatch, made):
    """Export, import elsewhere, reextract: the same articles, by the same entries of the same feeds."""
    use_folder(monkeypatch, made)
    exported = export(tmp_path / "all.warc.gz")
    use_folder(monkeypatch, tmp_path)
    result = bring(tmp_path / "all.warc.gz")
    (counts,) = result["files"].values()
    assert counts == {
        "pages": exported["pages"], "documents": exported["documents"], "known": 0, "other": 1,
    }  # fmt: skip
    assert exported["pages"] > 80
    assert exported["documents"] > 10
    reextract(first=result["days"][0], last=result["days"][-1])
    assert content(empty, "articles", "revisions") == content(lived, "articles", "revisions")
    same = "SELECT entry_key, feed_id, guid, fetch_id, via FROM articles ORDER BY ALL"
    before = [row | {"via": "raw"} for row in rows(lived, same)]
    assert rows(empty, same) == before


def test_exported_captures_come_back_as_they_were(lived, empty, tmp_path, monkeypatch, made):
    """Documents and pages, field by field."""
    use_folder(monkeypatch, made)
    export(tmp_path / "all.warc.gz")
    use_folder(monkeypatch, tmp_path)
    bring(tmp_path / "all.warc.gz")
    assert captures(empty) == captures(lived)


def captures(layout: Layout):
    every = [one for path in raw_files(layout, date.min, date.max) for one in captures_of(layout, path, None)]
    return sorted(every, key=lambda one: one.page.fetch_id)


def test_importing_twice_adds_nothing(empty, tmp_path):
    """Neither captures nor, extracted again, articles."""
    file = warc(tmp_path / "a.warc.gz", response(PAGE), response(PAGE))
    assert bring(file)["files"][str(file)] == {"pages": 1, "documents": 0, "known": 1}
    reextract(first="2026-11-20", last="2026-11-20")
    raw = {path: path.read_bytes() for path in raw_files(empty, date.min, date.max)}
    store = footprint(empty, "articles", "revisions")
    assert bring(file)["files"][str(file)] == {"pages": 0, "documents": 0, "known": 2}
    assert reextract(first="2026-11-20", last="2026-11-20")["outcomes"] == {"unchanged": 1}
    assert {path: path.read_bytes() for path in raw_files(empty, date.min, date.max)} == raw
    assert footprint(empty, "articles", "revisions") == store


def test_pages_of_others_end_in_counted_outcomes(empty, tmp_path):
    """An article or not: one row in the ledger per capture, all of them terminal, as nobody asks their sites."""
    records = [
        response(PAGE),
        response(PAGE.replace(b"Harbour", b"Port"), url="https://a.example/port", date="2026-11-20T11:00:00Z"),
        response(SHORT, url="https://a.example/offer"),
    ]
    bring(warc(tmp_path / "a.warc", *records))
    result = reextract(first="2026-11-20", last="2026-11-20")
    assert (result["pages"], sum(result["outcomes"].values())) == (3, 3)
    booked = rows(empty, "SELECT code, terminal, feed_id, link, next_try_at FROM outcomes ORDER BY link")
    assert [(row["code"], row["terminal"]) for row in booked] == [
        ("no_text", True), ("stored", True), ("stored", True),
    ]  # fmt: skip
    assert {row["feed_id"] for row in booked} == {IMPORTED}
    assert {row["via"] for row in rows(empty, "SELECT via FROM articles")} == {"warc"}
    steps.plan(kind="live", run_id="later")
    assert {job["kind"] for job in planned_jobs(empty)} == {"feed"}


def planned_jobs(layout: Layout):
    (path,) = layout.staging.glob("*.plan.parquet")
    return pq.read_table(path).to_pylist()


def test_a_past_run_takes_imported_pages_too(empty, tmp_path):
    """Captures that no outcome names are work of the day on which they were made."""
    bring(warc(tmp_path / "a.warc", response(PAGE)))
    (day,) = intervals_between("2026-11-20", "2026-11-20")
    planned = steps.plan(kind="day", run_id="past", start=day.start.isoformat(), end=day.end.isoformat())
    assert [job["kind"] for job in planned_jobs(empty) if job["kind"] not in ("feed", "history")] == ["page"]
    assert planned["run"]["mode"] == "past"


def test_a_feed_s_entry_of_the_same_link_is_its_own(empty, tmp_path):
    """A capture of somebody else that gave no article does not make the entry of a feed known."""
    bring(warc(tmp_path / "a.warc", response(SHORT)))
    reextract(first="2026-11-20", last="2026-11-20")
    (booked,) = rows(empty, "SELECT entry_key FROM outcomes")
    assert booked["entry_key"] != entry_key("https://a.example/wall", "gazette", None)


@pytest.mark.parametrize(
    "gone",
    [
        pytest.param(Tombstones().with_pages(["https://a.example/wall?utm_source=x"]), id="page"),
        pytest.param(Tombstones().with_domain("a.example"), id="domain"),
    ],
)
def test_what_was_forgotten_does_not_come_back(empty, tmp_path, gone):
    """A tombstone holds for imports: counted, and nothing is written."""
    write_tombstones(empty, gone)
    file = warc(tmp_path / "a.warc", response(PAGE))
    assert bring(file)["files"][str(file)] == {"pages": 0, "documents": 0, "known": 0, "forgotten": 1}
    assert raw_files(empty, date.min, date.max) == []


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        pytest.param(b"<rss><link>https://a.example/wall?a=1&amp;b=2</link></rss>", False, id="link"),
        pytest.param(b"<link><![CDATA[https://a.example/wall?a=1&b=2]]></link>", False, id="cdata"),
        pytest.param(rb'{"url": "https:\/\/a.example\/wall?a=1&b=2"}', False, id="json"),
        pytest.param(b"<rss><link>https://a.example/wall?a=1</link></rss>", True, id="another-page"),
    ],
)
def test_documents_that_list_what_was_forgotten(empty, tmp_path, body, kept):
    """They hold its title and summary: left out too."""
    write_tombstones(empty, Tombstones().with_pages(["https://a.example/wall?a=1&b=2"]))
    document = Capture(kind="feed", feed_id="gazette", page=a_page("feed.xml", body))
    write_warc(tmp_path / "a.warc", [document], now=ANCHOR)
    (counts,) = bring(tmp_path / "a.warc")["files"].values()
    assert (counts["documents"], counts.get("forgotten", 0)) == ((1, 0) if kept else (0, 1))


def test_many_captures_are_written_as_they_come(empty, tmp_path, monkeypatch):
    """Batches bound the memory: each is a file of its day, and together they are all."""
    monkeypatch.setattr("wirecopy.store.warc.importing.BATCH_BYTES", 3 * len(PAGE))
    days = [f"2026-11-{day:02}T10:00:00Z" for day in (19, 20)]
    records = [response(PAGE, url=f"https://a.example/{n}", date=days[n % 2]) for n in range(10)]
    result = bring(warc(tmp_path / "a.warc", *records))
    assert result["days"] == ["2026-11-19", "2026-11-20"]
    files = raw_files(empty, date.min, date.max)
    assert len(files) > 2
    assert {path.parent.name for path in files} == {"date=2026-11-19", "date=2026-11-20"}
    assert len(captures(empty)) == 10


@pytest.mark.slow
def test_other_code_that_reads_a_capture_otherwise(empty, tmp_path):
    """One capture counts once, with its newest extractor_version; a text that another capture brought stays a
    revision.
    """
    older = PAGE.replace(b"item 3", b"item three")
    bring(warc(tmp_path / "a.warc", response(older), response(PAGE, date="2026-11-20T12:00:00Z")))
    reextract(first="2026-11-20", last="2026-11-20")
    day = empty.dates("articles")[0]
    good = read_partition(empty, "articles", day).to_pylist()[0]
    worse = good | {"text": "menu home contact", "content_hash": "0" * 32, "extractor_version": "0.1+wirecopy0"}
    replace_partition(empty, "articles", day, to_table("articles", [worse]))
    reextract(first="2026-11-20", last="2026-11-20")
    (article,) = read_partition(empty, "articles", day).to_pylist()
    (revision,) = read_partition(empty, "revisions", day).to_pylist()
    assert (article["text"], article["extractor_version"]) == (good["text"], good["extractor_version"])
    assert "item three" in revision["text"]


def test_a_day_that_needs_a_person_holds_up_no_other(empty, tmp_path):
    """A page kills its process: later days are done, then the command is red; other code finds the page in raw/."""
    files = [response(PAGE, url=f"https://a.example/{SLUG}", date="2026-11-19T10:00:00Z"), response(PAGE)]
    bring(warc(tmp_path / "a.warc", *files))
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(WorkerPool.__init__.__kwdefaults__, "target", "tests.dags.poison:extract")
        with pytest.raises(RunFailed, match=r"2026-11-19: 1 page.* took their process"):
            steps.reprocess(
                action="reextract", dry_run=False, run_id="x", first="2026-11-19", last="2026-11-20",
                report=lambda *told: seen.append(told),
            )  # fmt: skip
    assert len(content(empty, "articles")["articles"]) == 1
    assert seen == [("pages extracted", 1, 2), ("pages extracted", 2, 2)]
    assert reextract(first="2026-11-19", last="2026-11-20")["outcomes"] == {"stored": 1, "unchanged": 1}
