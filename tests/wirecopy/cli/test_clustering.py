"""`wirecopy cluster` and `wirecopy compare`."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.xdist_group("command")

SEEDS = Path(__file__).resolve().parents[4] / "shared" / "seeds"
WIRE = """The harbour authority of Port Alden will close its northern basin for eleven weeks while divers
repair the sluice gates that the January storm tore from their hinges, officials said on Tuesday.
Ferries to the outer islands will leave from the grain quay instead, and fishing boats have been
told to land their catch at Skerrow. The repair is expected to cost four million crowns, half of it
paid by insurers."""
REWORDED = """Officials announced on Tuesday that the northern basin of Port Alden will be shut for eleven weeks
while divers repair the sluice gates that the January storm tore from their hinges. Island ferries
will leave from the grain quay instead, and fishing boats have been told to land their catch at
Skerrow. Half of the expected cost of four million crowns will be paid by insurers, the harbour
authority said."""
OTHER = """A record crop of pears has left growers in the Ellmark valley short of crates. The cooperative
rented two barns last week and asked schools for help with the picking. Prices fell by a fifth
within ten days, and the juice works at Lower Ellmark runs through the night."""


@pytest.fixture
def collection(tmp_path):
    rows = [
        {"id": "a", "text": WIRE, "publisher": "Wire"},
        {"id": "b", "text": REWORDED, "publisher": "Gazette"},
        {"id": "c", "text": OTHER},
    ]
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def test_a_collection_in_two_files(empty, collection):
    """matches.parquet has the pair with its evidence, clusters.parquet a row per article."""
    summary = empty.json("cluster", collection, "--out", empty.folder / "out")
    matches = pq.read_table(empty.folder / "out/matches.parquet").to_pylist()
    clusters = pq.read_table(empty.folder / "out/clusters.parquet").to_pylist()
    assert [(row["left_id"], row["right_id"]) for row in matches] == [("a", "b")]
    assert 0 < matches[0]["probability"] <= 1
    start, end = json.loads(matches[0]["passages"])[0][:2]
    assert WIRE[start:end].strip()
    assert [(row["article_id"], row["cluster_id"], row["role"]) for row in clusters] == [
        ("a", "a", "origin"),
        ("b", "a", "copy"),
        ("c", "c", "alone"),
    ]
    assert summary["copies"] == 1


def test_parquet_gives_what_jsonl_gives(empty, collection):
    """The form of the input does not matter."""
    rows = [json.loads(line) for line in collection.read_text().splitlines()]
    pq.write_table(pa.Table.from_pylist(rows), empty.folder / "in.parquet")
    first = empty.json("cluster", collection, "--out", empty.folder / "one")
    second = empty.json("cluster", empty.folder / "in.parquet", "--out", empty.folder / "two")
    assert {**first, "files": None} == {**second, "files": None}


@pytest.mark.skipif(not SEEDS.is_dir(), reason="needs ../shared/seeds, which is not part of the repository")
def test_the_seeds(empty):
    """000 and 001 are one report reworded; 002, 003 and 004 are independent reports on the same events."""
    rows = [{"id": path.name[:3], "text": path.read_text(encoding="utf-8")} for path in sorted(SEEDS.glob("*.txt"))]
    (empty.folder / "seeds.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    empty.json("cluster", "seeds.jsonl", "--out", "out")
    clusters = pq.read_table(empty.folder / "out/clusters.parquet").to_pylist()
    assert {row["article_id"]: row["cluster_id"] for row in clusters} == {
        "000": "000",
        "001": "000",
        "002": "002",
        "003": "003",
        "004": "004",
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param('{"id": "a"}', "row 1 has no text", id="no-text"),
        pytest.param('{"id": "a", "text": "x"}\nnonsense', ":2 is no JSON", id="no-json"),
        pytest.param('["a"]', ":1 is no object", id="no-object"),
        pytest.param(
            '{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}', "rows 1 and 2 have the same id", id="same-id"
        ),
        pytest.param('{"id": "a", "text": "x", "published_at": "soon"}', "published_at of row 1", id="no-instant"),
        pytest.param("", "has no rows", id="empty"),
    ],
)
def test_bad_collections_are_named(empty, text, says):
    """File, row and what is wrong, exit 2."""
    (empty.folder / "in.jsonl").write_text(text, encoding="utf-8")
    done = empty("cluster", "in.jsonl", "--out", "out")
    assert done.returncode == 2
    assert says in done.stderr
    assert not (empty.folder / "out").exists()


def test_compare_shows_what_two_texts_share(empty):
    """Relation and scores for people, offsets for programs."""
    for name, text in (("a.txt", WIRE), ("b.txt", REWORDED), ("c.txt", OTHER)):
        (empty.folder / name).write_text(text, encoding="utf-8")
    found = empty.json("compare", "a.txt", "b.txt")
    assert found["relation"] in ("copy", "near_duplicate")
    best = found["passages"][0]
    assert "sluice" in WIRE[best["left_start"] : best["left_end"]] or best["words"] >= 8
    assert "shared passages" in empty("compare", "a.txt", "b.txt").stdout
    assert empty.json("compare", "a.txt", "c.txt")["relation"] is None


def test_compare_names_a_missing_file(empty):
    """Exit 2, and which file."""
    done = empty("compare", "a.txt", "b.txt")
    assert done.returncode == 2
    assert "a.txt does not exist" in done.stderr
