"""Rows of users' own files: what is missing in them, and how they are encoded."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
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
    with pytest.raises(UsageError, match=r"texts\.jsonl is no text in UTF-8"):
        read_collection(file)


def test_rows_without_ids_are_numbered(tmp_path):
    """By their rows, and of several files with the file's name; what a file calls otherwise is mapped."""
    one, two = tmp_path / "one.csv", tmp_path / "two.jsonl"
    one.write_text("headline,body\nWall,The sea wall rises\nChoir,They sing\n", encoding="utf-8")
    two.write_text('{"headline": "Bridge", "body": "It is closed"}\n', encoding="utf-8")
    names = {"title": "headline", "text": "body"}
    found = read_collection(one, names=names)
    assert [(row.id, row.title, row.text) for row in found] == [
        ("row-1", "Wall", "The sea wall rises"),
        ("row-2", "Choir", "They sing"),
    ]
    assert [row.id for row in read_collection(one, two, names=names)] == [
        "one.csv:row-1",
        "one.csv:row-2",
        "two.jsonl:row-1",
    ]


def test_parquet_with_other_names(tmp_path):
    """The same as CSV; an id of its own stays."""
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table({"key": [7], "body": ["It is closed"], "extra": [[1]]}), path)
    assert [(row.id, row.text) for row in read_collection(path, names={"id": "key", "text": "body"})] == [
        ("7", "It is closed")
    ]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_a_missing_text_names_the_columns_that_are_there(tmp_path, suffix):
    """And the option that says which one it is."""
    path = tmp_path / f"in{suffix}"
    if suffix == ".parquet":
        pq.write_table(pa.table({"headline": ["x"], "body": ["y"]}), path)
    else:
        path.write_text(
            '{"headline": "x", "body": "y"}' if suffix == ".jsonl" else "headline,body\nx,y", encoding="utf-8"
        )
    with pytest.raises(UsageError, match="headline, body: `--map text=body`"):
        read_collection(path)
    with pytest.raises(UsageError, match="no column headline"):
        read_collection(path, names={"headline": "title"})


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_spreadsheet_of_any_country(tmp_path, delimiter):
    """The head says what stands between the columns; a mark of the byte order is no part of it."""
    path = tmp_path / "texts.csv"
    lines = [["id", "text", "title"], ["a", '"One, two; three | four."', "T"]]
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(map(delimiter.join, lines)).encode())
    (found,) = read_collection(path)
    assert (found.id, found.text, found.title) == ("a", "One, two; three | four.", "T")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        pytest.param("a.csv", "id,text\n1,Über".encode("latin-1"), "iconv -f WINDOWS-1252", id="latin"),
        pytest.param("a.txt", "Über".encode("utf-16"), "iconv -f UTF-16", id="utf-16"),
        pytest.param("a.jsonl", b'[{"id": "a", "text": "b"}]', "jq -c", id="array"),
        pytest.param("a.json", b"[]", "jq -c", id="json"),
        pytest.param("a.csv", b"id,text\n1,One\n2\n", "the text of row 2 is missing", id="short-row"),
        pytest.param("a.csv", b"body,headline\nOne,Two\n", "Its columns are body, headline:", id="other-names"),
    ],
)
def test_the_message_names_the_next_step(tmp_path, name, content, words):
    """What can be converted is told with the command."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=words):
        read_collection(tmp_path / name)
