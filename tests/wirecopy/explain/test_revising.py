"""revisions: what changed in an article."""

from __future__ import annotations

import pytest

from tests.wirecopy.builders import at, capture, commit, name
from wirecopy.cli.app import run_app
from wirecopy.explain.revising import history_of
from wirecopy.store.files.layout import Layout

TEXTS = ("It costs 120 million.\nWork begins in May.", "It costs 102 million.\nWork begins in May.\nCorrected.")


@pytest.fixture
def corrected(layout: Layout) -> Layout:
    """An article that was captured with two texts."""
    for hour, text in zip((10, 16), TEXTS, strict=True):
        row = capture("tram", text, at(hour), title=f"Tram {text[9:12]}") | {"text": text, "content_hash": name(text)}
        commit(layout, row)
    return layout


def test_the_lines_that_differ(corrected):
    """The headline first, then paragraphs; what stayed is not named."""
    first, second = history_of(corrected, "tram").versions
    assert first.changes == ()
    assert [f"{one.sign}{one.line}" for one in second.changes] == [
        "-Tram 120",
        "+Tram 102",
        "-It costs 120 million.",
        "+It costs 102 million.",
        "+Corrected.",
    ]


def test_the_command_prints_them(corrected, monkeypatch, capsys):
    """As lines that begin with - and +; a word that no headline has is told."""
    monkeypatch.setenv("WIRECOPY_DATA", str(corrected.root))
    assert run_app(["revisions", "tram"]) == 0
    out = capsys.readouterr().out
    assert "6 h after the text before it" in out
    assert "\n- It costs 120 million.\n+ It costs 102 million.\n+ Corrected.\n" in out
    assert run_app(["revisions", "bridge"]) == 1
