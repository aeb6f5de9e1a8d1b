"""`wirecopy cluster` and `wirecopy compare`."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.wirecopy.cli import samples

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


@pytest.mark.slow
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


def test_every_kind_of_file_gives_the_same(call, collection, tmp_path):
    """Rows of .csv, .tsv and several .jsonl files, .txt files of a folder, and an export of the store."""
    rows = [json.loads(line) for line in collection.read_text().splitlines()]
    (tmp_path / "texts").mkdir()
    for row in rows:
        (tmp_path / f"{row['id']}.jsonl").write_text(json.dumps(row), encoding="utf-8")
        (tmp_path / "texts" / row["id"]).with_suffix(".txt").write_text(row["text"], encoding="utf-8")
    for suffix, delimiter in ((".csv", ","), (".tsv", "\t")):
        with (tmp_path / f"in{suffix}").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, ["id", "text", "publisher"], delimiter=delimiter)
            writer.writeheader()
            writer.writerows(rows)
    store = [{"article_id": row["id"], "text": row["text"], "publisher": row.get("publisher")} for row in rows]
    pq.write_table(pa.Table.from_pylist(store), tmp_path / "store.parquet")
    three = [tmp_path / f"{row['id']}.jsonl" for row in rows]
    forms = [[tmp_path / name] for name in ("in.jsonl", "in.csv", "in.tsv", "store.parquet")] + [three]
    answers = [json.loads(call("cluster", *form, "--json").out) for form in forms]
    assert answers == [answers[0]] * len(forms)
    assert answers[0]["copies"] == 1
    assert [one["origin_id"] for one in json.loads(call("cluster", tmp_path / "texts", "--json").out)["largest"]] == [
        "a.txt"
    ]


def test_only_probable_matches(call, harbour, tmp_path):
    """--min-probability drops the others, and clusters follow from what is left; files in CSV if one likes."""
    whole = json.loads(call("cluster", harbour, "--json").out)
    strict = json.loads(
        call(
            "cluster", harbour, "--min-probability", "0.999", "--out", tmp_path / "out", "--format", "csv", "--json"
        ).out
    )
    assert (whole["copies"], whole["matches"]) == (3, 4)
    assert (strict["copies"], strict["matches"], strict["alone"]) == (0, 0, 5)
    rows = list(csv.DictReader((tmp_path / "out/clusters.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["role"] for row in rows] == ["alone"] * 5
    assert call("cluster", harbour, "--min-probability", "90").code == 2


def test_the_summary_names_the_largest_clusters(call, harbour):
    """Sums, relations, and each large cluster with its origin and publishers; a pipe gets tabs, no colour, no files."""
    answer = call("cluster", harbour)
    assert "\x1b" not in answer.out
    lines = answer.out.splitlines()
    table = [line.split("\t") for line in lines if "\t" in line]
    assert table == [
        ["articles", "origin", "publishers", "origin_id"],
        ["4", "Northern basin to close for eleven weeks", "Meridian Wire, Harbor Gazette, Courier", "wire"],
    ]
    assert any(line.split() == ["near", "duplicate", "1"] for line in lines)


@pytest.mark.skipif(not SEEDS.is_dir(), reason="needs ../shared/seeds, which is not part of the repository")
def test_the_seeds(call, tmp_path):
    """000 and 001 are one report reworded; 002, 003 and 004 are independent reports on the same events."""
    rows = [{"id": path.name[:3], "text": path.read_text(encoding="utf-8")} for path in sorted(SEEDS.glob("*.txt"))]
    call("cluster", samples.write(tmp_path / "seeds.jsonl", rows), "--out", tmp_path / "out")
    clusters = pq.read_table(tmp_path / "out/clusters.parquet").to_pylist()
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
        pytest.param('{"id": "a", "text": 5}', "text of row 1 is int", id="no-string"),
    ],
)
def test_bad_collections_are_named(call, tmp_path, text, says):
    """File, row and what is wrong, exit 2."""
    (tmp_path / "in.jsonl").write_text(text, encoding="utf-8")
    answer = call("cluster", tmp_path / "in.jsonl", "--out", tmp_path / "out")
    assert answer.code == 2
    assert says in answer.err
    assert not (tmp_path / "out").exists()


def test_compare_shows_what_two_texts_share(empty):
    """Relation and scores for people, offsets for programs."""
    for name, text in (("a.txt", WIRE), ("b.txt", REWORDED), ("c.txt", OTHER)):
        (empty.folder / name).write_text(text, encoding="utf-8")
    found = empty.json("compare", "a.txt", "b.txt")
    assert found["relation"] in ("copy", "near_duplicate")
    best = found["passages"][0]
    assert "sluice" in WIRE[best["left_start"] : best["left_end"]] or best["words"] >= 8
    assert "left_start" in empty("compare", "a.txt", "b.txt").stdout
    assert empty.json("compare", "a.txt", "c.txt")["relation"] is None


@pytest.mark.parametrize(
    ("name", "says"),
    [
        pytest.param("nowhere.jsonl", "is not a file", id="missing"),
        pytest.param("book.pdf", "only .jsonl, .ndjson, .parquet, .csv, .tsv, .txt are read", id="unknown-kind"),
        pytest.param("hollow", "has no file of the kinds", id="hollow-folder"),
        pytest.param("broken.parquet", "is no parquet file", id="no-parquet"),
        pytest.param("latin.txt", "is no text in UTF-8", id="no-utf8"),
    ],
)
def test_files_that_cannot_be_read_are_named(call, tmp_path, name, says):
    """Exit 2, and what can be."""
    (tmp_path / "hollow").mkdir()
    for broken in ("book.pdf", "broken.parquet", "latin.txt"):
        (tmp_path / broken).write_bytes(b"caf\xe9")
    answer = call("cluster", tmp_path / name)
    assert answer.code == 2
    assert says in answer.err
    assert call("cluster").code == 2


def test_compare_names_a_missing_file(empty):
    """Exit 2, and which file."""
    done = empty("compare", "a.txt", "b.txt")
    assert done.returncode == 2
    assert "a.txt does not exist" in done.stderr
