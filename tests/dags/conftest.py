"""The DAG files under Airflow, with SQLite metadata in a temporary home, against a served newsroom."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.newsroom import Newsroom
from wirecopy.store.files.layout import Layout

DAGS = Path(__file__).parents[2] / "dags"
ANCHOR = datetime(2026, 11, 25, tzinfo=UTC)  # the newsroom's third day ends here
DAY = timedelta(days=1)


@pytest.fixture(scope="session")
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """AIRFLOW_HOME with a migrated database; set before the first import of airflow."""
    assert "airflow" not in sys.modules, "airflow was imported before these tests could name its home"
    home = tmp_path_factory.mktemp("airflow")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AIRFLOW_HOME": home, "AIRFLOW__CORE__DAGS_FOLDER": DAGS, "AIRFLOW__CORE__LOAD_EXAMPLES": False,
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING", "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": False,
        }.items():  # fmt: skip
            patch.setenv(name, str(value))
        patch.syspath_prepend(str(DAGS))
        from airflow.utils.db import initdb

        initdb()
        yield home


@pytest.fixture(scope="session")
def dags(airflow_home: Path) -> dict[str, Any]:
    """Every DAG by its id."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(DAGS))
    assert bag.import_errors == {}
    return dict(bag.dags)


@pytest.fixture(scope="session")
def served() -> Iterator[Newsroom]:
    """One newsroom for all tests of this folder."""
    with Newsroom(anchor=ANCHOR, slow=timedelta(milliseconds=200)) as newsroom:
        yield newsroom


class Desk:
    """One data folder, the newsroom, and the DAGs that work on them; the clock stands where it is set."""

    def __init__(self, newsroom: Newsroom, folder: Path, dags: dict[str, Any], patch: pytest.MonkeyPatch) -> None:
        self.newsroom, self.folder, self.dags, self.patch = newsroom, folder, dags, patch
        self.feeds = newsroom.write_feeds(folder / "feeds.toml")
        patch.chdir(folder)
        sys.modules["wirecopy_tasks"].open_store.cache_clear()  # in a real Airflow each task has a process of its own
        for name, value in {
            "WIRECOPY_ALLOW_NETWORKS": "127.0.0.0/8",
            "WIRECOPY_HOST_GAP": "0",
            "WIRECOPY_EXTRACT_WORKERS": "1",  # each pull starts its own, and each costs most of a second
            "WIRECOPY_FEEDS": self.feeds,
        }.items():
            patch.setenv(name, str(value))
        self.use("data")

    def use(self, name: str) -> Layout:
        """Work on the data folder *name* from here on."""
        self.layout = Layout(self.folder / name)
        self.patch.setenv("WIRECOPY_DATA", str(self.layout.root))
        return self.layout

    def at(self, now: datetime) -> Desk:
        """Set the clock of the desk and of the newsroom."""
        self.newsroom.now = now
        self.patch.setenv("WIRECOPY_NOW", now.isoformat())
        return self

    def run(self, dag: str, end: datetime | None = None, **conf: Any) -> Run:
        """Run a DAG for the last complete interval before *end*; without one it has no interval."""
        return Run(self.dags[dag].test(logical_date=end, run_conf=conf or None))

    @contextmanager
    def switched_off(self, *publishers: str) -> Iterator[None]:
        """Some publishers answer 503."""
        for publisher in publishers:
            self.newsroom.fault(publisher)
        try:
            yield
        finally:
            for publisher in publishers:
                self.newsroom.fault(publisher, off=False)


class Run:
    """A finished DAG run."""

    def __init__(self, dag_run: Any) -> None:
        from airflow.models.xcom import XComModel
        from airflow.utils.session import create_session

        self.state = str(dag_run.state)
        with create_session() as session:
            self.tasks = {
                (ti.task_id, ti.map_index): str(ti.state) for ti in dag_run.get_task_instances(session=session)
            }
            rows = session.scalars(XComModel.get_many(run_id=dag_run.run_id, dag_ids=dag_run.dag_id)).all()
            self.results = {(row.task_id, row.key): XComModel.deserialize_value(row) for row in rows}

    @property
    def report(self) -> dict[str, Any]:
        """What publish returned."""
        found: dict[str, Any] = self.results["publish", "return_value"]
        return found


LIVE = [ANCHOR - 2 * DAY, ANCHOR - 1.5 * DAY, ANCHOR - DAY, ANCHOR]  # the tram article is corrected between two of them


def three_days(desk: Desk) -> None:
    """Live runs, and at the end of each day dedupe and the completion of the day, as a scheduler would."""
    for now in LIVE:
        assert desk.at(now).run("wirecopy_live", now).state == "success"
        if now.hour == 0:
            assert desk.run("wirecopy_dedupe").state == "success"
            assert desk.run("wirecopy_day", now).state == "success"
    assert desk.run("wirecopy_dedupe").state == "success"


@pytest.fixture(scope="session")
def three_days_ago(served: Newsroom, tmp_path_factory: pytest.TempPathFactory, dags: dict[str, Any]) -> Path:
    """A data folder with three days in it. Nobody writes into it: take a copy."""
    with pytest.MonkeyPatch.context() as patch:
        desk = Desk(served, tmp_path_factory.mktemp("filled"), dags, patch)
        three_days(desk)
    return desk.layout.root


@pytest.fixture
def desk(served: Newsroom, tmp_path: Path, dags: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk with an empty data folder; everybody is on, everything is published."""
    for publisher in served.addresses:
        served.fault(publisher, off=False)
    return Desk(served, tmp_path, dags, monkeypatch).at(ANCHOR)


@pytest.fixture
def filled(desk: Desk, three_days_ago: Path) -> Desk:
    """A desk with three days in its data folder."""
    shutil.copytree(three_days_ago, desk.layout.root)
    return desk
