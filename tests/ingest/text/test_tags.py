"""ingest.text.tags: the language of a tag."""

from __future__ import annotations

import pytest

from ingest.text.tags import primary_tag


@pytest.mark.parametrize(
    ("tag", "primary"), [("de-AT", "de"), ("EN_us", "en"), ("fil", "fil"), ("english", None), ("", None), (None, None)]
)
def test_primary_tag(tag: str | None, primary: str | None) -> None:
    """The language of a BCP 47 tag."""
    assert primary_tag(tag) == primary
