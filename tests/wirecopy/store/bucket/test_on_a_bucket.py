"""What a store on a bucket adds: versions that readers are held to, homes that are claimed, writers who meet."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import PurePath

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import create_engine, text

from tests.wirecopy.builders import at, capture, commit, name
from wirecopy.errors import StateUnreachable, StoreConflict, StoreError
from wirecopy.store.articles import commit as articles_commit
from wirecopy.store.articles.homes import homes_of
from wirecopy.store.articles.numbers import finish, watermark
from wirecopy.store.copies.derived import out_of_date
from wirecopy.store.files.bucket.database import number_of
from wirecopy.store.files.bucket.objects import Bucket
from wirecopy.store.files.layout import Beside, Layout
from wirecopy.store.files.partition import read_partition

DAY = date(2026, 11, 22)


def slugs(layout: Layout) -> list[str]:
    """Of all articles of DAY, those that are stored twice twice."""
    return sorted(url.rpartition("/")[2] for url in read_partition(layout, "articles", DAY, ["url"])["url"].to_pylist())


def sql(layout: Layout, statement: str, **values: object) -> None:
    """Something that happens to the database."""
    engine = create_engine(layout.beside.database)
    with engine.begin() as connection:
        connection.execute(text(statement), {"store": number_of(str(layout.root)), **values})
    engine.dispose()


def test_a_reader_is_held_to_one_version(bucket_layout):
    """A file that is read in pieces and replaced meanwhile: an error, never rows of two versions."""
    path = bucket_layout.store / "t.parquet"
    for number in range(2):
        with bucket_layout.files.replacing(path) as staged:
            rows = pa.table({"n": [number] * 50_000, "text": [f"{number}{n * 7919}" for n in range(50_000)]})
            pq.write_table(rows, staged, row_group_size=10_000, compression="none")
        if number == 0:
            old = bucket_layout.files.parquet(path)
    with old, pytest.raises(StoreConflict, match="was replaced"):
        old.read()


def test_writers_of_one_date_lose_nothing(bucket_layout):
    """Six at once, without any lock: each object is replaced over its version, and who is late begins anew."""
    commit(bucket_layout, capture("first"))
    with ThreadPoolExecutor(6) as pool:
        list(
            pool.map(lambda n: articles_commit.commit_articles(bucket_layout, [capture(f"s{n}")], now=at(12)), range(6))
        )
    assert slugs(bucket_layout) == ["first", *(f"s{n}" for n in range(6))]


def test_one_article_has_one_date(bucket_layout, monkeypatch):
    """Two writers bring one page with two dates: the home that was claimed first holds for both."""
    merge, between = articles_commit.merge_article, iter([capture("tram", published_at=at(9, 21))])

    def merge_late(*args):
        for row in between:
            articles_commit.commit_articles(bucket_layout, [row], now=at(12))
        return merge(*args)

    monkeypatch.setattr(articles_commit, "merge_article", merge_late)
    articles_commit.commit_articles(bucket_layout, [capture("tram", published_at=at(9, 22))], now=at(12))
    assert [
        (day.day, len(read_partition(bucket_layout, "articles", day))) for day in bucket_layout.dates("articles")
    ] == [(22, 1)]


def test_homes_are_learnt_from_the_store(bucket_layout):
    """A database that is new, and what other hands replace on the bucket."""
    commit(bucket_layout, *(capture(f"a{day}", published_at=at(9, day)) for day in range(1, 13)))
    sql(bucket_layout, "DELETE FROM article_homes WHERE store = :store")
    sql(bucket_layout, "DELETE FROM article_homes_read WHERE store = :store")
    sql(bucket_layout, "DELETE FROM store_commits WHERE store = :store")
    assert watermark(bucket_layout) == 1
    again = commit(
        bucket_layout, capture("a3", "another text", published_at=at(9, 25)), capture("b", published_at=at(9, 3))
    )
    assert [one.code for one in again.placements] == ["revised", "stored"]
    assert (again.seq, [day.day for day in again.changed]) == (2, [3])
    with homes_of(bucket_layout) as homes:
        assert homes.find([name("https://gazette.example/a7")], [])[0] == {
            name("https://gazette.example/a7"): date(2026, 11, 7)
        }


def test_a_commit_that_was_taken_for_dead_gets_a_later_number(bucket_layout):
    """A reader of changes(since) who has seen the other's commit must see its rows too."""
    first = articles_commit.commit_articles(bucket_layout, [capture("slow")], now=at(12))
    commit(bucket_layout, capture("fast"))
    assert watermark(bucket_layout) > first.seq
    with pytest.raises(StoreConflict):
        finish(bucket_layout, first.seq)
    commit(bucket_layout, capture("slow"))
    rows = {
        row["url"].rpartition("/")[2]: row["commit_seq"]
        for row in read_partition(bucket_layout, "articles", DAY).to_pylist()
    }
    assert rows["slow"] == watermark(bucket_layout) > rows["fast"]


def test_what_is_out_of_date_costs_a_listing_per_table(bucket_layout, monkeypatch):
    """No request for each date, once its footer is known."""
    commit(bucket_layout, *(capture(f"a{day}", published_at=at(9, day)) for day in range(1, 13)))
    assert len(out_of_date(bucket_layout, "p", days=7)) == 12
    asked: list[str] = []
    for method in ("head", "get", "below"):
        real = getattr(Bucket, method)
        monkeypatch.setattr(Bucket, method, lambda *a, name=method, real=real: asked.append(name) or real(*a))
    assert len(out_of_date(bucket_layout, "p", days=7)) == 12
    assert asked == ["below"] * 4


def test_a_log_stays_its_owner_s_though_its_connection_is_cut(bucket_layout):
    """The owner takes it again with its next line, and nothing of it is lost, whatever others did meanwhile."""
    path = bucket_layout.staging / "x.journal"
    with bucket_layout.files.own(path) as log:
        log.write("one\n")
        log.flush()
        number = number_of(str(bucket_layout.root), "state/staging/x.journal")
        sql(
            bucket_layout,
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND :store <> 0"
            " AND CAST(classid AS bigint) = :high AND CAST(objid AS bigint) = :low",
            high=(number >> 32) & 0xFFFFFFFF,
            low=number & 0xFFFFFFFF,
        )
        with bucket_layout.files.claimed(path) as left:  # as a publish does with the journal of a dead attempt
            assert left.read() == b"one\n"
            bucket_layout.files.remove(path)
        log.write("two\n")
        log.flush()
        with bucket_layout.files.claimed(path) as left:
            assert left is None
    with bucket_layout.files.claimed(path) as left:
        assert left.read() == b"one\ntwo\n"


def test_what_killed_processes_left_on_a_machine_goes(tmp_path, bucket_layout):
    """After a day, when the next process begins; what may be in use stays."""
    folder = tmp_path / "other"
    for age in ("old", "new"):
        (folder / f"spill-{age}").mkdir(parents=True)
        (folder / f"{age}.tmp").write_text("x")
    for left in ("spill-old", "old.tmp"):
        os.utime(folder / left, (time.time() - 100_000,) * 2)
    Layout(bucket_layout.root, Beside(database=bucket_layout.beside.database, folder=folder)).make()
    assert sorted(path.name for path in folder.iterdir()) == ["new.tmp", "spill-new"]


@pytest.mark.parametrize("grows", [True, False], ids=["log", "object"])
def test_a_file_is_moved_by_one_of_many(bucket_layout, grows):
    """The others are told that it is gone."""
    path, targets = bucket_layout.state / "note", [bucket_layout.staging / f"taken-{n}" for n in range(6)]
    if grows:
        with bucket_layout.files.append(path) as file:
            file.write("x")
    else:
        bucket_layout.files.write_text(path, "x")

    def move(target: PurePath) -> bool:
        try:
            bucket_layout.files.move(path, target)
        except FileNotFoundError:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(move, targets)) == 1
    assert [bucket_layout.files.read_text(one) for one in targets if bucket_layout.files.exists(one)] == ["x"]


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        pytest.param(
            "AWS_ENDPOINT_URL", "http://127.0.0.1:1", "does not answer.*Start it.*AWS_ENDPOINT_URL", id="down"
        ),
        pytest.param("AWS_SECRET_ACCESS_KEY", "wrong", "refuses the credentials.*set AWS_ACCESS_KEY_ID", id="key"),
    ],
)
def test_a_bucket_that_cannot_be_used_says_why(bucket_layout, monkeypatch, variable, value, says):
    """The thing, the reason, the next step; and no password."""
    monkeypatch.setenv(variable, value)
    bucket = Bucket(str(bucket_layout.root), retries=1)
    with pytest.raises(StoreError, match=says):
        list(bucket.below("store"))


def test_a_database_that_does_not_answer_says_why(bucket_layout):
    """Without its password."""
    beside = Beside(database="postgresql+psycopg2://u:hush@127.0.0.1:1/x", folder=bucket_layout.beside.folder)
    with pytest.raises(StateUnreachable, match=r"state_url postgresql.*does not answer") as raised:  # noqa: SIM117
        with Layout(bucket_layout.root, beside).files.locked_now(bucket_layout.locks / "x"):
            pass
    assert "hush" not in str(raised.value)
