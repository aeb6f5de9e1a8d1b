"""When a dedupe computes what: quiet days, and notes for whoever holds the lock."""

from __future__ import annotations

import os

import pytest

from tests.wirecopy.builders import BOTH, DAY, commit, story, use_store
from tests.wirecopy.store.copies.test_derived import STORY, TODAY
from wirecopy.steps import dedupe
from wirecopy.steps.duedates import DueDates
from wirecopy.store.files.layout import Layout
from wirecopy.store.staging.wanted import Wanted


@pytest.fixture
def layout(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """The store that the step works on."""
    use_store(monkeypatch, layout)
    monkeypatch.setenv("WIRECOPY_NOW", TODAY.isoformat())
    return layout


def test_a_wake_up_waits_for_quiet_days(layout):
    """Today and yesterday at once, another date when its eight days have been quiet for half an hour; the command
    does not wait.
    """
    commit(layout, story("a", 22, STORY), story("b", 25, STORY))
    woken = dedupe(woken_by="2026-11-22")
    assert (woken["dates"], woken["left"]) == (["2026-11-25"], ["2026-11-22"])
    path = layout.partition("articles", DAY)
    os.utime(path, (path.stat().st_mtime - 1801,) * 2)
    assert dedupe(woken_by="2026-11-22")["dates"] == ["2026-11-22"]


@BOTH
@pytest.mark.parametrize(
    ("debounced", "computed"), [(True, ["2026-11-25"]), (False, ["2026-11-22", "2026-11-25"])], ids=["woken", "asked"]
)
def test_who_finds_the_lock_taken_leaves_a_note(layout, monkeypatch, debounced, computed):
    """It ends at once; the holder looks once more before it ends, without waiting if somebody asked for it now."""
    with layout.files.locked_now(layout.locks / "dedupe.lock"):
        busy = dedupe(woken_by="2026-11-22" if debounced else None)
        assert (busy["busy"], busy["dates"]) == (True, [])
        assert Wanted(layout).asked()
    real, calls = DueDates.now, []

    def late(due: object) -> object:
        if not calls:  # the holder has looked for the first time; now the articles come
            calls.append(1)
            commit(layout, story("a", 22, STORY), story("b", 25, STORY))
            return []
        return real(due)

    monkeypatch.setattr(DueDates, "now", late)
    assert dedupe(woken_by="2026-11-26")["dates"] == computed
    assert not Wanted(layout).asked()


@BOTH
def test_wanted_is_impatient_if_anybody_is(layout):
    """A patient note does not take back an impatient one."""
    wanted = Wanted(layout)
    assert wanted.take() is None
    wanted.ask(debounced=True)
    assert (wanted.take(), wanted.take()) == (True, None)
    wanted.ask(debounced=False)
    wanted.ask(debounced=True)
    assert wanted.take() is False
