"""The three days of the demo newsroom through the real DAG files, once into a folder and once onto a bucket."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.newsroom import Newsroom
from tests.dags.conftest import ANCHOR, Desk, airflow_home, dags, three_days
from wirecopy.settings import load_settings
from wirecopy.store.files.columns import CONTENT_COLUMNS
from wirecopy.store.files.layout import Layout, layout_of
from wirecopy.store.query.checking import problems_of
from wirecopy.store.query.read import query

__all__ = ["airflow_home", "dags"]


def content(layout: Layout) -> dict[str, list[dict[str, Any]]]:
    """CONTENT_COLUMNS of every row, as `wirecopy query` gives them, in one order."""
    return {
        table: query(layout, f"SELECT date, {', '.join(columns)} FROM {table} ORDER BY ALL").to_pylist()
        for table, columns in CONTENT_COLUMNS.items()
    }


def desk_of(folder: Path, newsroom: Newsroom, dags: dict[str, Any], patch: pytest.MonkeyPatch) -> Desk:
    """A desk in a folder of its own, and the newsroom as it was at first."""
    folder.mkdir()
    newsroom.now = ANCHOR
    return Desk(newsroom, folder, dags, patch)


def only_a_connection_knows(patch: pytest.MonkeyPatch) -> None:
    """The credentials of the bucket, and where it is: Airflow has them, the environment has not."""
    names = ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "ENDPOINT_URL", "REGION")
    known = {name: os.environ[f"AWS_{name}"] for name in names}
    extra = {"region_name": known["REGION"], "endpoint_url": known["ENDPOINT_URL"]}
    connection = {"conn_type": "aws", "login": known["ACCESS_KEY_ID"], "extra": extra}
    connection["password"] = known["SECRET_ACCESS_KEY"]
    patch.setenv("AIRFLOW_CONN_NEWS_BUCKET", json.dumps(connection))
    patch.setenv("WIRECOPY_STORE_CONNECTION", "news_bucket")
    for name in known:
        patch.delenv(f"AWS_{name}")


def test_three_days_on_a_bucket_are_those_of_a_folder(
    dags: dict[str, Any], bucket_server: Any, postgresql: str, tmp_path: Path
) -> None:
    """Equal in all columns of content; the bucket is sound, and this machine holds no file of the store."""
    with Newsroom(anchor=ANCHOR, slow=timedelta(milliseconds=200)) as newsroom:
        with pytest.MonkeyPatch.context() as patch:
            three_days(desk_of(tmp_path / "folder", newsroom, dags, patch))
            there = content(Layout(tmp_path / "folder" / "data"))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("WIRECOPY_STATE_URL", postgresql)
            patch.setenv("WIRECOPY_STORE_URL", bucket_server.new_url())
            only_a_connection_knows(patch)
            three_days(desk_of(tmp_path / "bucket", newsroom, dags, patch))
            bucket = layout_of(load_settings())
            assert bucket.beside is not None
            here = content(bucket)
            assert list(problems_of(bucket)) == []
    for table, rows in there.items():
        assert here[table] == rows, table
    assert len(there["articles"]) > 50
    assert there["matches"]
    left = [str(path.relative_to(tmp_path)) for path in (tmp_path / "bucket").rglob("*") if path.is_file()]
    assert left == ["bucket/feeds.toml"]
