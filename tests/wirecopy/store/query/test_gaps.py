"""Gaps: articles against what is usual for the weekday; which days a backfill would gain from."""

from __future__ import annotations

import json

import duckdb
import pytest

from tests.wirecopy.builders import at, capture, commit
from tests.wirecopy.store.test_ledger import poll
from wirecopy.cli.app import run_app
from wirecopy.store.files.schema import SEARCHES
from wirecopy.store.ledger import append_log
from wirecopy.store.query.read import write_views

FIRST, TODAY = 3, 29  # days of November 2026: live runs read the feed on each of them


def articles(day: int, count: int, *, feed: str = "gazette", host: str = "gazette.example", via: str = "live"):
    """*count* articles of a day."""
    return [
        capture(
            f"{feed}-{host}-{day}-{n}", f"text {feed} {host} {day} {n}", at(10, day), published_at=at(9, day),
            feed_id=feed, source=host, via=via,
        )
        for n in range(count)
    ]  # fmt: skip


def polled(layout, days, feed="gazette", **changes):
    """A poll of *feed* at noon of each of the *days*."""
    for day in days:
        row = poll(12, feed_id=feed, attempt=f"{feed}{day}", **{"code": "ok", "mode": "live", **changes})
        append_log(layout, "polls", at(12, day).date(), [{**row, "polled_at": at(12, day)}])


@pytest.fixture
def desk(layout, monkeypatch, tmp_path):
    """A store whose feed gives 20 articles on weekdays and 4 on Sundays; nobody read it on the 17th and 18th, it was
    quiet on the 25th, and the 29th is today.
    """
    counts = {day: 4 if at(0, day).isoweekday() == 7 else 20 for day in range(FIRST, TODAY)}
    counts |= {17: 0, 18: 7, 25: 3, TODAY: 1, TODAY + 1: 1}
    commit(layout, *(row for day, count in counts.items() for row in articles(day, count)))
    polled(layout, [day for day in range(FIRST, TODAY + 1) if day not in (17, 18)])
    feeds = tmp_path / "feeds.toml"
    feeds.write_text('[[feeds]]\nid = "gazette"\nurl = "https://gazette.example/feed"\n')
    monkeypatch.setenv("WIRECOPY_DATA", str(layout.root))
    monkeypatch.setenv("WIRECOPY_FEEDS", str(feeds))
    monkeypatch.setenv("WIRECOPY_NOW", at(13, TODAY).isoformat())
    return layout


def told(capsys, *arguments):
    """What `gaps --json` says."""
    assert run_app(["gaps", "--json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def test_which_days_are_gaps(desk, capsys):
    """Days that nobody read and that lack articles (also those before the first), and read ones that gave far fewer;
    Sundays are usual as they are, and neither today nor the days to come are gaps.
    """
    said = told(capsys)
    assert {row["date"][5:]: row["why"] for row in said["gaps"] if row["why"]} == {
        **dict.fromkeys(("10-30", "10-31", "11-01", "11-02", "11-17", "11-18"), "not_watched"), "11-25": "few",
    }  # fmt: skip
    by_day = {row["date"]: row for row in said["gaps"]}
    assert max(by_day) == "2026-11-28"
    thin = by_day["2026-11-18"]
    assert (thin["articles"], thin["usual"], thin["missing"], thin["watched"]) == (7, 20.0, 13.0, False)
    assert by_day["2026-11-22"]["usual"] == 4.0
    assert said["fill"][1] == "wirecopy run --from 2026-11-17 --to 2026-11-18 --feed gazette"


def test_days_before_the_first(desk, capsys):
    """Whoever asks for days before the store began sees that all of them are missing."""
    said = told(capsys, "--from", "2026-10-01", "--to", "2026-10-31")
    assert len(said["gaps"]) == 31
    assert {row["why"] for row in said["gaps"]} == {"not_watched"}
    assert said["fill"] == ["wirecopy run --from 2026-10-01 --to 2026-10-31 --feed gazette"]
    said = told(capsys, "--from", "2026-11-28", "--to", "2026-11-30")
    assert [row["date"] for row in said["gaps"]] == ["2026-11-28"]


def test_the_views_say_the_same(desk, capsys):
    """By any DuckDB that ran state/views.sql; `gaps` has each source of a feed."""
    extra = (row for day in range(FIRST, TODAY) for row in articles(day, 2, host="blog.example", via="sitemap"))
    commit(desk, *extra)
    command = told(capsys, "--by-source")["gaps"]
    write_views(desk)
    with duckdb.connect() as connection:
        connection.execute((desk.state / "views.sql").read_text())
        found = connection.sql("FROM gaps")
        view = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
        sums = "SELECT sum(articles), sum(from_history), any_value(source) FROM gaps_by_feed"
        by_feed = connection.execute(sums).fetchone()
    assert json.loads(json.dumps(view, default=str)) == command
    assert {row["source"] for row in view} == {"gazette.example", "blog.example"}
    assert by_feed == (sum(row["articles"] for row in view), 2 * (TODAY - FIRST), None)


def test_entries_missed_between_polls(desk, capsys):
    """A feed whose oldest entry is newer than the newest one of the poll before has lost some, though it was read."""
    commit(desk, *(row for day in range(8, 20) for row in articles(day, 9 if day in (12, 16) else 10, feed="busy")))
    polled(desk, range(8, 20), feed="busy")
    shown = {"oldest": at(1, 12), "newest": at(11, 12)}, {"oldest": at(15, 12), "newest": at(11, 13)}
    for number, span in enumerate(shown):
        row = poll(13, feed_id="busy", attempt=f"b{number}", **span) | {"polled_at": at(13 + number, 12)}
        append_log(desk, "polls", at(13, 12).date(), [row])
    found = {row["date"][-2:]: row["why"] for row in told(capsys)["gaps"] if row["feed_id"] == "busy"}
    assert {day for day, why in found.items() if why == "missed"} == {"12"}
    assert found["16"] is None  # as few, and nothing is known to be missing


def test_a_day_that_history_has_searched(desk, capsys):
    """Where a past run has read all that a source lists, another one would gain nothing, however little there is."""
    row = dict.fromkeys(SEARCHES.names) | {"run_id": "r", "attempt": "a", "feed_id": "gazette", "source": "sitemap"}
    for day, changes in ((17, {"failed": 0, "complete": True}), (18, {"failed": 1, "complete": True})):
        append_log(desk, "searches", at(0, day).date(), [{**row, **changes, "interval_start": at(0, day)}])
    found = {row["date"][5:]: (row["searched"], row["why"]) for row in told(capsys)["gaps"]}
    assert (found["11-17"], found["11-18"]) == ((True, None), (False, "not_watched"))


def test_the_table_fits_a_terminal(desk, capsys, monkeypatch):
    """80 columns, stretches of days in one line, and the command to fill them."""
    monkeypatch.setenv("COLUMNS", "80")
    assert run_app(["gaps"]) == 0
    out, err = capsys.readouterr()
    assert "2026-11-17 … 11-18\t7\t40\t33\tnot_watched" in out
    assert "wirecopy run --from 2026-11-17 --to 2026-11-18" in out
    assert "not_watched: no live run read the feed on that day" in err
    assert all(len(line) <= 80 for line in out.splitlines())


def test_a_store_without_articles(layout, monkeypatch, tmp_path, capsys):
    """Nothing is usual yet: it says so. Without a store it says what to do."""
    monkeypatch.setenv("WIRECOPY_DATA", str(layout.root))
    assert run_app(["gaps"]) == 0
    assert "`wirecopy run` takes the first" in capsys.readouterr().err
    monkeypatch.setenv("WIRECOPY_DATA", str(tmp_path / "none"))
    assert run_app(["gaps"]) == 1
    assert "does not exist" in capsys.readouterr().err
