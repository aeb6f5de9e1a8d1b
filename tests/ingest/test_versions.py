"""A changed article needs a new REVISION: stores would mix what the old and the new code read on one page."""

from __future__ import annotations

import pytest

from ingest.page import extract
from tests.ingest.versions import VERSIONED, articles
from tests.pins import Versioned, complaints


@pytest.mark.parametrize("versioned", VERSIONED, ids=lambda versioned: versioned.name)
def test_results_are_those_of_their_version(versioned: Versioned) -> None:
    """If not, the message says what to do."""
    assert complaints(versioned) == []


def test_kinds() -> None:
    """Articles of many kinds are pinned, and each refusal that needs no server."""
    codes = {result.get("refused") for case in articles().values() for result in case.result}
    assert codes == {None, "no_text", "consent", "index_page", "paywall", "not_html", "robot_check"}


def test_changed_article_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that now give another article are named, with what to raise and what to run."""
    monkeypatch.setattr(extract, "without_headline", lambda text, title: text)
    (said,) = complaints(VERSIONED[0])
    assert "the results of json-ld, no-date, paid-in-part changed" in said
    assert "raise REVISION in ingest/page/extract.py, then run: make pins" in said
