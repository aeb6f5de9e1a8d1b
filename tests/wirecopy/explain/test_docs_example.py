"""The example of docs/how-it-decides.md, run as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.wirecopy.builders import commit, story
from tests.wirecopy.store.copies.test_derived import OTHER, STORY, TODAY
from wirecopy.steps import dedupe
from wirecopy.store.files.layout import Layout

PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-it-decides.md"


def test_own_text_among_the_stored_sketches(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """datasketch's index over stored signatures finds the article whose text is asked for."""
    monkeypatch.setenv("WIRECOPY_DATA", str(layout.root))
    monkeypatch.setenv("WIRECOPY_NOW", TODAY.isoformat())
    captures = [story("wall", 22, STORY), story("choir", 22, OTHER)]
    commit(layout, *captures)
    dedupe()
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.S)
    monkeypatch.chdir(layout.root)
    exec(example.replace("The text that you want to find …", STORY.replace("\n", " ")), {})
    assert captures[0]["article_id"] in capsys.readouterr().out
