"""`wirecopy_maintain` and `wirecopy_reprocess`, run as Airflow runs them."""

from __future__ import annotations

import pytest

from tests.dags.conftest import ANCHOR, Desk
from tests.wirecopy.builders import footprint
from wirecopy.store import CONTENT_COLUMNS

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dags")]  # one AIRFLOW_HOME, and three days filled once
DAYS = {"first": "2026-11-22", "last": "2026-11-24"}


def test_a_sound_store_needs_nothing(filled: Desk):
    """Green; `wake` is skipped, since no date waits."""
    run = filled.run("wirecopy_maintain", ANCHOR)
    assert run.state == "success"
    assert run.tasks["wake", -1] == "skipped"


def test_dates_that_wait_are_woken(desk: Desk):
    """Articles without copies computed: `wake` fires."""
    desk.run("wirecopy_live", ANCHOR)
    run = desk.run("wirecopy_maintain", ANCHOR)
    assert (run.state, run.tasks["wake", -1]) == ("success", "success")


def test_a_stray_file_turns_the_check_red(filled: Desk):
    """The other tasks do their work all the same."""
    (filled.layout.store / "articles" / "README.txt").write_text("not parquet")
    run = filled.run("wirecopy_maintain", ANCHOR)
    assert run.state == "failed"
    assert run.tasks["check_store", -1] == "failed"
    assert run.tasks["health_digest", -1] == "success"


def test_reprocessing_is_a_dry_run_by_default(filled: Desk):
    """It counts, and no byte changes."""
    before = footprint(filled.layout)
    run = filled.run("wirecopy_reprocess", action="reextract", **DAYS)
    assert run.state == "success"
    assert run.results["reprocess", "return_value"]["pages"] > 80
    assert footprint(filled.layout) == before


def test_reprocessing_with_the_same_code_changes_nothing(filled: Desk):
    """Articles, revisions, matches and clusters keep their bytes."""
    before = _bytes(filled)
    for action in ("reextract", "rededup"):
        run = filled.run("wirecopy_reprocess", action=action, dry_run=False, **DAYS)
        assert run.state == "success"
    assert _bytes(filled) == before


def _bytes(desk: Desk) -> dict[str, bytes]:
    """The files of the tables that are a function of what was captured."""
    return {name: data for name, (data, _) in footprint(desk.layout, *CONTENT_COLUMNS).items()}
