"""Retention, checks, digest and reprocessing: what `wirecopy_maintain` and `wirecopy_reprocess` call."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta

import pytest

from ingest.feedlist.feedlist import load_feeds
from tests.wirecopy.builders import a_capture
from tests.wirecopy.lived import ANCHOR, use_folder
from tests.wirecopy.store.test_ledger import outcome, poll
from wirecopy import steps
from wirecopy.errors import RunFailed, UsageError
from wirecopy.schedule import Interval
from wirecopy.store.archive.raw import imported_name, raw_files, write_raw
from wirecopy.store.archive.unprocessed import captured_pages
from wirecopy.store.feeds.state import State
from wirecopy.store.files.layout import Layout
from wirecopy.store.ledger import append_log

pytestmark = pytest.mark.xdist_group("maintaining")


@pytest.fixture
def layout(made, tmp_path, monkeypatch):
    """A copy of it, with settings."""
    shutil.copytree(made, tmp_path / "copy")
    use_folder(monkeypatch, tmp_path / "copy", ANCHOR)
    return Layout(tmp_path / "copy" / "data").make()


@pytest.mark.slow
def test_a_sound_store_is_green(layout):
    """Counts of files by table."""
    assert steps.check_store()["articles"] == len(layout.dates("articles"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        pytest.param(lambda path: path.write_bytes(b"PAR1 torn"), "Restore it from a backup", id="torn"),
        pytest.param(lambda path: path.with_name("notes.txt").write_text("x"), "move it away", id="stranger"),
        pytest.param(lambda path: shutil.copy(path, _other_date(path)), "is stored 2 times", id="article-on-two-dates"),
    ],
)
def test_a_broken_store_is_red_and_says_what_to_do(layout, break_it, says):
    """Each kind of damage is named."""
    day = layout.dates("articles")[0]
    break_it(layout.partition("articles", day))
    with pytest.raises(RunFailed, match=says):
        steps.check_store()


def _other_date(path):
    other = path.parent.with_name("date=2020-01-01") / "articles-2020-01-01.parquet"
    other.parent.mkdir()
    return other


def test_captures_without_outcome_stay(layout, monkeypatch):
    """Old files of which no outcome tells are kept and counted: nothing is lost silently."""
    files = raw_files(layout, date.min, date.max)
    shutil.rmtree(layout.store / "outcomes")
    shutil.rmtree(layout.store / "polls")
    monkeypatch.setenv("WIRECOPY_NOW", (ANCHOR + timedelta(days=32)).isoformat())
    assert steps.remove_old_raw() == {"files": 0, "bytes": 0, "kept": len(files)}


def test_booked_captures_go_after_their_time(layout, monkeypatch):
    """Those of committed parts, and with them the folder of their day; younger ones stay."""
    files = raw_files(layout, date.min, date.max)
    assert steps.remove_old_raw() == {"files": 0, "bytes": 0, "kept": 0}
    monkeypatch.setenv("WIRECOPY_NOW", (ANCHOR + timedelta(days=32)).isoformat())
    removed = steps.remove_old_raw()
    assert (removed["files"], removed["kept"]) == (len(files), 0)
    assert not any(path.parent.exists() for path in files)


@pytest.mark.parametrize(
    ("captured", "name", "kept"),
    [
        pytest.param(date(2026, 10, 26), "p.a.0.0", True, id="thirty-days-old"),
        pytest.param(date(2026, 10, 25), "p.a.0.0", False, id="a-day-older"),
        pytest.param(date(2020, 1, 1), imported_name(date(2026, 11, 20), "x"), True, id="old-but-imported-lately"),
        pytest.param(date(2020, 1, 1), imported_name(date(2026, 10, 1), "x"), False, id="imported-long-ago"),
    ],
)
def test_what_the_setting_removes(layout, captured, name, kept):
    """Booked captures, when the day of fetching and that of an import lie more than `raw_keep` (30 days) back."""
    shutil.rmtree(layout.raw)
    path = write_raw(layout, captured, name, [a_capture()])
    append_log(layout, "outcomes", ANCHOR.date(), [outcome("stored", fetch_id=a_capture().page.fetch_id)])
    assert steps.remove_old_raw()["files"] == (0 if kept else 1)
    assert path.exists() == kept


def test_digest_counts_what_waits(layout):
    """The newsroom's 404 waits in the retry queue; no feed fails."""
    digest = steps.health_digest()
    assert digest["failing_feeds"] == {}
    assert digest["retries"] >= 1
    assert [digest[f"{what}_feeds"] for what in ("resting", "silent", "gap", "outage")] == [[]] * 4


def test_digest_names_what_is_odd(layout, caplog):
    """A feed that is gone, one that fell silent by its own rhythm, one that was polled too rarely: with what to do."""
    gone, gap, silent = [feed.id for feed in load_feeds(layout.root.parent / "feeds.toml").feeds][:3]
    with closing(State.open(layout, None)) as state:
        states = state.feeds()
        state.save_feeds([replace(states[gone], gone_since=ANCHOR, failures=2, last_code="http_4xx")])
    moments = [ANCHOR + timedelta(minutes=n) for n in (1, 2)]
    rows = [
        poll(code="ok", feed_id=gap, attempt=f"gap {moment}", polled_at=moment, oldest=moment, newest=moment)
        for moment in moments
    ]
    rows.append(poll(code="ok", feed_id=silent, attempt="silent", polled_at=ANCHOR + timedelta(days=40)))
    append_log(layout, "polls", ANCHOR.date(), rows)
    busy = [outcome("stored", feed_id=silent, entry_key=f"e{n}", published_at=ANCHOR - timedelta(hours=n))
            for n in range(20)]  # fmt: skip
    append_log(layout, "outcomes", ANCHOR.date(), busy)
    digest = steps.health_digest()
    found = [digest[f"{what}_feeds"] for what in ("resting", "gap", "silent")]
    assert found == [[gone], [gap], [silent]]
    for words in ("asked once a month", "polled too rarely", "nothing new since"):
        assert words in caplog.text


def test_dates_that_wait_until_they_are_computed(layout):
    """All dates are out of date before the first dedupe, none after it."""
    assert steps.waiting_dates() == [day.isoformat() for day in layout.dates("articles")]
    steps.dedupe()
    assert steps.waiting_dates() == []


def test_a_dry_run_only_counts(layout):
    """Nothing is written."""
    before = {path: path.stat().st_mtime_ns for path in layout.store.rglob("*.parquet")}
    found = _reprocess("reextract", dry_run=True)
    day = Interval(start=ANCHOR - timedelta(days=3), end=ANCHOR)
    assert found == {"dry_run": True, "days": 3, "pages": len(captured_pages(layout, day))}
    assert {path: path.stat().st_mtime_ns for path in layout.store.rglob("*.parquet")} == before


@pytest.mark.slow
def test_the_same_code_extracts_the_same_articles(layout):
    """Articles and revisions keep their bytes, without network; the ledger gains an attempt."""
    files = [path for name in ("articles", "revisions") for path in (layout.store / name).rglob("*.parquet")]
    before = [path.read_bytes() for path in files]
    result = _reprocess("reextract", dry_run=False)
    assert result["pages"] > 80
    assert result["changed"] == []
    assert [path.read_bytes() for path in files] == before


@pytest.mark.slow
def test_other_code_replaces_the_text_of_its_capture(layout, monkeypatch):
    """A stored text of another extractor version gives way to what today's code reads from the same capture."""
    from wirecopy.store.files.partition import read_partition, replace_partition
    from wirecopy.store.files.rows import to_table

    day = layout.dates("articles")[-1]
    rows = read_partition(layout, "articles", day).to_pylist()
    good = rows[0]["text"]
    rows[0] |= {"text": "menu home contact", "content_hash": "0" * 32, "extractor_version": "0.1+wirecopy0"}
    replace_partition(layout, "articles", day, to_table("articles", rows))
    result = _reprocess("reextract", dry_run=False)
    assert result["changed"] == [day.isoformat()]
    after = {row["article_id"]: row for row in read_partition(layout, "articles", day).to_pylist()}
    assert after[rows[0]["article_id"]]["text"] == good
    assert read_partition(layout, "revisions", day).num_rows == 0


def test_rededup_computes_the_named_dates(layout):
    """Even if they are current."""
    steps.dedupe()
    result = _reprocess("rededup", dry_run=False)
    assert result["dedupe"]["dates"] == [day.isoformat() for day in layout.dates("articles")]


def test_an_unknown_action_is_wrong_use(layout):
    """The message names the two there are."""
    with pytest.raises(UsageError, match="neither reextract nor rededup"):
        _reprocess("rebuild", dry_run=True)


def _reprocess(action, *, dry_run):
    return steps.reprocess(action=action, first="2026-11-22", last="2026-11-24", dry_run=dry_run, run_id="again")
