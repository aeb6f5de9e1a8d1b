"""One bad feed is a matter of its health; all of them are one of the run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.wirecopy.sites import Site, a_site
from wirecopy.cli.app import run_app
from wirecopy.steps import plan, publish, pull, verdict
from wirecopy.store.files.layout import Layout

NAMES = [f"f{number}" for number in range(6)]
DEAD = "http://127.0.0.1:9/feed.xml"  # nobody listens at the port "discard"


@pytest.fixture
def site(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with a_site(layout, tmp_path, monkeypatch) as made:
        made.feeds = {name: [] for name in NAMES}
        yield made


def past_runs(days: int) -> list[dict]:
    """The reports of a backfill, one day after the other; raises RunFailed if one is red."""
    reports = []
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for back in range(days, 0, -1):
        start = today - timedelta(days=back)
        ends = {"start": start.isoformat(), "end": (start + timedelta(days=1)).isoformat()}
        run = plan(kind="day", run_id=f"day {back}", **ends)
        report = publish(run=run["run"], pulled=[pull(**shard) for shard in run["shards"]])
        reports.append(verdict(run=run["run"], report=report))
    return reports


def test_a_backfill_with_one_dead_feed_is_green(site):
    """The runs of the next minutes share the documents of the others: these count as read."""
    site.write_feeds({name: f"{site.base}/{name}.xml" for name in NAMES} | {"dead": DEAD})
    reports = past_runs(3)
    assert [(report["unread_feeds"], report["due_feeds"]) for report in reports] == [(1, 7)] * 3
    assert {site.hits[f"/{name}.xml"] for name in NAMES} == {1}


def test_a_backfill_of_which_most_feeds_are_dead_is_red(site):
    """Every one of its runs, with how many of how many."""
    site.write_feeds(
        {name: f"{site.base}/{name}.xml" for name in NAMES[:2]} | {f"dead{n}": f"{DEAD}?{n}" for n in range(3)}
    )
    for _ in range(2):
        with pytest.raises(Exception, match="3 of 5 feeds could not be read"):
            past_runs(1)


@pytest.mark.parametrize(("alive", "code"), [(0, 1), (1, 0)])
def test_a_run_that_reads_nothing_is_no_success(site, capsys, alive, code):
    """Exit 1 if feeds were asked and not one could be read."""
    good = {name: f"{site.base}/{name}.xml" for name in NAMES[:alive]}
    site.write_feeds(good | {f"dead{n}": f"{DEAD}?{n}" for n in range(3)})
    assert run_app(["run", "--no-dedupe"]) == code
    assert ("No feed could be read" in capsys.readouterr().err) == bool(code)
    assert run_app(["run", "--no-dedupe"]) == 0  # nothing is due: nobody was asked
