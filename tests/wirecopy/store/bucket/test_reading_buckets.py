"""What reads a store reads it on a bucket too: the same rows, few requests, and never two versions at once."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path, PurePath
from typing import Any

import pyarrow as pa
import pytest

import wirecopy
from tests.bucket import BucketServer, new_database
from tests.wirecopy.builders import capture
from tests.wirecopy.pages.conftest import NOW, client_of, filled_root
from wirecopy.cli.app import run_app
from wirecopy.errors import StoreError, UsageError
from wirecopy.pages.app import create_app
from wirecopy.settings import Settings
from wirecopy.store.files.bucket.objects import Bucket
from wirecopy.store.files.bucket.paths import BucketPath
from wirecopy.store.files.layout import Beside, Layout
from wirecopy.store.files.partition import replace_partition, sort_rows
from wirecopy.store.files.rows import to_table
from wirecopy.store.query.checking import problems_of
from wirecopy.store.query.read import query
from wirecopy.store.query.views import VIEWS

__all__ = ["filled_root"]
pytestmark = pytest.mark.slow

DAY = date(2026, 11, 22)
PAGE = Path(__file__).resolve().parents[4] / "docs" / "store-on-a-bucket.md"


@pytest.fixture(scope="module")
def folder(filled_root: Path) -> Layout:
    """A store with copies, revisions, polls and alerts, in a folder."""
    return Layout(filled_root)


@pytest.fixture(scope="module")
def bucket(
    folder: Layout, bucket_server: BucketServer, postgresql_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Layout:
    """The same on a bucket, below a prefix that a glob would misread."""
    beside = Beside(database=new_database(postgresql_server), folder=tmp_path_factory.mktemp("scratch"))
    layout = Layout(BucketPath(f"{bucket_server.new_url()}/a desk [2026]"), beside).make()
    mirror(folder, layout)
    return layout


def mirror(source: Layout, target: Layout) -> None:
    """The files of store/."""
    for path in source.files.find(source.store, "**/*"):
        with (
            source.files.open(path) as file,
            target.files.replacing(target.root / path.relative_to(source.root)) as new,
        ):
            new.write_bytes(file.read())


def settings_of(layout: Layout, data: Path, **more: object) -> Settings:
    """Settings of a store on a bucket."""
    assert layout.beside
    return Settings(data=data, state_url=layout.beside.database, store_url=str(layout.root), now=NOW, **more)


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, int]]]:
    """What is asked of the bucket from now on: GETs with their bytes, LISTs and HEADs."""
    asked: list[tuple[str, int]] = []
    get, below, head = Bucket.get, Bucket.below, Bucket.head

    def count_get(self: Bucket, key: str, options: object) -> object:
        found = get(self, key, options)  # type: ignore[arg-type]
        asked.append(("GET", len(found[1])))
        return found

    monkeypatch.setattr(Bucket, "get", count_get)
    monkeypatch.setattr(Bucket, "below", lambda self, key: asked.append(("LIST", 0)) or below(self, key))
    monkeypatch.setattr(Bucket, "head", lambda self, key: asked.append(("HEAD", 0)) or head(self, key))
    return asked


def test_every_table_and_view_has_the_rows_of_the_folder(folder, bucket):
    """By `query`, with nothing of the store on this machine; and `store check` finds it sound."""
    for name in ("articles", "revisions", "matches", "clusters", "sketches", "outcomes", "polls", "alerts", *VIEWS):
        here, there = (query(one, f"SELECT * FROM {name} ORDER BY ALL") for one in (folder, bucket))
        assert here.equals(there), name
    assert query(bucket, "SELECT count(*) FROM changes(0)")[0][0].as_py() > 0
    assert query(bucket, "SHOW TABLES").equals(query(folder, "SHOW TABLES"))
    assert list(problems_of(bucket)) == list(problems_of(folder))
    assert bucket.beside
    assert [path for path in bucket.beside.folder.rglob("*") if path.is_file()] == []


def test_python_needs_no_database_to_read(folder, bucket, monkeypatch, tmp_path):
    """`wirecopy.open("s3://…")`: lazily, as frames, traces and clusters; each result sees the bucket as it is then."""
    monkeypatch.chdir(tmp_path)
    here, there = wirecopy.open(folder.root), wirecopy.open(str(bucket.root))
    assert there.copies().rows() == here.copies().rows()
    assert (
        there.articles(unique=True)
        .where("publisher = 'Courier'")
        .order("article_id")
        .pandas()
        .equals(here.articles(unique=True).where("publisher = 'Courier'").order("article_id").pandas())
    )
    frame = pa.table({"publisher": ["Courier"]})
    joined = "SELECT count(*) AS n FROM articles JOIN mine USING (publisher)"
    assert there.sql(joined, mine=frame).rows() == here.sql(joined, mine=frame).rows()
    copy = here.copies().rows()[0]
    assert there.cluster_of(copy["copy_id"]) == here.cluster_of(copy["copy_id"])
    text = here.sql("SELECT text FROM articles WHERE article_id = ?", copy["copy_id"]).rows()[0]["text"]
    assert there.trace(text).articles == here.trace(text).articles != ()
    with pytest.raises(UsageError, match="articles"):
        there.sql("FROM artciles").rows()
    with pytest.raises(StoreError, match="state_url"):
        there.sql("FROM changes(0)").rows()


def test_pages_are_those_of_the_folder(folder, bucket, tmp_path):
    """Days, a cluster and the search, from a reader with bounded memory."""
    there = create_app(lambda: settings_of(bucket, tmp_path))
    from fastapi.testclient import TestClient

    browser, other = TestClient(there, base_url="http://127.0.0.1:8090"), client_of(Path(folder.root))
    for address in ("/", f"/clusters?day={DAY}", f"/feeds?day={DAY}", "/search?q=basin&day=2026-11-22", "/runs"):
        page = browser.get(address)
        assert page.status_code == 200, address
        assert page.text == other.get(address).text, address


def test_commands_say_the_same(folder, bucket, tmp_path, monkeypatch, capsys):
    """With `store_url` and without; an export is written on this machine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WIRECOPY_NOW", NOW.isoformat())
    monkeypatch.setenv("WIRECOPY_STATE_URL", bucket.beside.database)
    article = query(folder, "SELECT copy_id, copy_url FROM copies ORDER BY ALL LIMIT 1").to_pylist()[0]

    def said(name: str, *arguments: object) -> str:
        assert run_app([name, *map(str, arguments)]) in (0, 1), arguments
        return capsys.readouterr().out.replace(str(bucket.root), "PLACE").replace(str(folder.root), "PLACE")

    asked = [
        ("query", "SELECT publisher, count(*) FROM articles GROUP BY ALL ORDER BY ALL"),
        ("explain", article["copy_url"], "--json"),
        ("status", "--json"),
        ("store", "check"),
        ("store", "export", "copies", tmp_path / "copies.csv"),
    ]
    answers = []
    for variables in ({"WIRECOPY_DATA": str(folder.root)}, {"WIRECOPY_STORE_URL": str(bucket.root)}):
        with monkeypatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            answers.append([said(*one) for one in asked] + [(tmp_path / "copies.csv").read_text()])
    for one, here, there in zip([*asked, "export"], *answers, strict=True):
        assert here == there, one
    assert article["copy_id"] in answers[1][1]


def test_a_query_stays_in_the_store_and_only_reads(bucket, bucket_server):
    """Neither another prefix, nor a file of this machine, nor a statement or a filesystem that writes."""
    elsewhere = Layout(BucketPath(bucket_server.new_url()), bucket.beside)
    elsewhere.files.write_text(elsewhere.root / "a.csv", "a,b\n1,2\n")
    for source in (f"{elsewhere.root}/*.csv", f"{bucket.root}/../*.parquet", f"{bucket.state}/*", "/etc/passwd"):
        with pytest.raises((UsageError, StoreError), match=r"Cannot access file|No files found"):
            query(bucket, f"SELECT * FROM read_csv('{source}')")
    target = f"{bucket.store}/articles/date=2026-11-22/x.parquet"
    with pytest.raises(UsageError, match="only read"):
        query(bucket, f"COPY (SELECT 1) TO '{target}'")
    system = bucket.files.filesystem(bucket.store)
    assert system is not None
    with pytest.raises(StoreError, match="only be read"):
        system.open(target, "wb")
    assert system.exists(str(bucket.partition("articles", DAY)))
    assert not system.exists(f"{elsewhere.root}/a.csv")


def test_the_page_tells_how_other_tools_read(folder, bucket_server, postgresql, tmp_path, monkeypatch):
    """Each piece of Python of docs/store-on-a-bucket.md, run as it stands there, gives the articles of its day."""
    plain = Layout(BucketPath(bucket_server.new_url()), Beside(database=postgresql, folder=tmp_path)).make()
    mirror(folder, plain)
    expected = query(folder, f"SELECT count(*) FROM articles WHERE date = '{DAY}'")[0][0].as_py()
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.S)
    for block in blocks:
        names: dict[str, Any] = {}
        exec(block.replace("s3://news/prefix", str(plain.root)), names)
        assert len(names["rows"]) == expected > 5, block
    assert len(blocks) == 5


def large(layout: Layout, day: date, count: int = 3_000) -> PurePath:
    """A file of some megabytes: texts that do not pack."""
    row, generator = capture(), random.Random(1)
    rows = [row | {"article_id": f"{number:032x}", "text": generator.randbytes(500).hex()} for number in range(count)]
    replace_partition(layout, "articles", day, to_table("articles", rows))
    return layout.partition("articles", day)


def test_few_bytes_are_fetched(bucket_layout, requests):
    """A count reads the ends of files, a date its own object, a column no other; what is known is not asked again."""
    days = [date(2026, 11, day) for day in (20, 21, 22)]
    size = min(bucket_layout.files.head(large(bucket_layout, day)).size for day in days)
    assert size > 1_000_000

    def cost(sql: str) -> tuple[object, int, int]:
        requests.clear()
        value = query(bucket_layout, sql)[0][0].as_py()
        return value, sum(kind == "GET" for kind, _ in requests), sum(fetched for _, fetched in requests)

    assert cost("SELECT count(*) FROM articles") == (9_000, 3, 3 * 65_536)
    assert cost("SELECT count(*) FROM articles") == (9_000, 0, 0)  # the ends are still here
    assert len(requests) < 10  # LISTs and HEADs
    value, gets, fetched = cost("SELECT count(DISTINCT article_id) FROM articles WHERE date = '2026-11-21'")
    assert (value, gets) == (3_000, 1)
    assert fetched < size / 5
    value, gets, fetched = cost("SELECT count(DISTINCT text) FROM articles WHERE date = '2026-11-21'")
    assert value == 3_000
    assert gets <= 3
    assert fetched < size * 1.05


def test_no_answer_is_of_two_versions(bucket_layout):
    """One object is replaced without a pause: rows of one version or an error, and asking again gives them."""
    done, told = threading.Event(), {"right": 0, "loud": 0}

    def write() -> None:
        number = 0
        while not done.is_set():
            number += 1
            rows = [
                capture() | {"article_id": f"{one:032x}", "title": str(number), "word_count": 400 + number % 7 * 100}
                for one in range(400 + number % 7 * 100)
            ]
            made = sort_rows("articles", to_table("articles", rows))
            replace_partition(bucket_layout, "articles", DAY, made)

    writer = threading.Thread(target=write)
    large(bucket_layout, DAY, 300)
    replace_partition(
        bucket_layout, "articles", DAY, to_table("articles", [capture() | {"title": "0", "word_count": 1}])
    )
    writer.start()
    try:
        until = time.monotonic() + 5
        while time.monotonic() < until:
            try:
                found = query(
                    bucket_layout,
                    "SELECT count(*), count(DISTINCT article_id), count(DISTINCT title), min(word_count) FROM articles",
                )
            except StoreError as error:
                assert "replaced by another process" in str(error)  # noqa: PT017 - most of them are none
                told["loud"] += 1
                continue
            rows, ids, versions, said = (column[0].as_py() for column in found.columns)
            assert rows == ids == said
            assert versions == 1
            told["right"] += 1
    finally:
        done.set()
        writer.join()
    assert told["right"] > 5 * told["loud"], told
    assert told["right"] > 5, told
