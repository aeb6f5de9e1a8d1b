"""Rows of users' own files: what is missing in them, and how they are encoded."""

from __future__ import annotations

from pathlib import Path

import pytest

from wirecopy.errors import UsageError
from wirecopy.explain.collection import read_collection


def test_nan_is_missing(tmp_path: Path) -> None:
    """pandas writes a missing publisher as NaN: it is no publisher, least of all everybody's."""
    file = tmp_path / "texts.jsonl"
    file.write_text('{"id": "1", "text": "one", "publisher": NaN}\n{"id": "2", "text": "two", "publisher": "Post"}\n')
    assert [article.publisher for article in read_collection(file)] == [None, "Post"]


def test_a_byte_order_mark_is_no_part_of_the_first_row(tmp_path: Path) -> None:
    """As of csv."""
    file = tmp_path / "texts.jsonl"
    file.write_text('{"id": "1", "text": "one"}\n', encoding="utf-8-sig")
    assert [article.id for article in read_collection(file)] == ["1"]


def test_another_encoding_is_named(tmp_path: Path) -> None:
    """Latin-1 ends with a sentence, not with a traceback."""
    file = tmp_path / "texts.jsonl"
    file.write_bytes('{"id": "1", "text": "größe"}\n'.encode("latin-1"))
    with pytest.raises(UsageError, match=r"texts\.jsonl cannot be read as JSON Lines in UTF-8"):
        read_collection(file)
