"""A data folder for each test."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from tests.bucket import BucketServer
from tests.wirecopy.lived import live_once
from wirecopy.store.files.bucket.paths import BucketPath
from wirecopy.store.files.layout import Beside, Layout


@pytest.fixture
def form(tmp_path: Path, request: pytest.FixtureRequest) -> Layout:
    """An empty store: a data folder, and of a test that is marked `BOTH` also one on a bucket."""
    if getattr(request, "param", "folder") == "bucket":
        return cast(Layout, request.getfixturevalue("bucket_layout"))
    return Layout(tmp_path / "data").make()


@pytest.fixture
def layout(form: Layout) -> Layout:
    """An empty data folder (or, see `form`)."""
    return form


@pytest.fixture
def bucket_layout(tmp_path: Path, bucket_server: BucketServer, postgresql: str) -> Layout:
    """An empty store on a bucket."""
    beside = Beside(database=postgresql, folder=tmp_path / "scratch")
    return Layout(BucketPath(bucket_server.new_url()), beside).make()


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one live run in it; tests work on copies."""
    folder: Path = tmp_path_factory.mktemp("made")
    live_once(folder)
    return folder
