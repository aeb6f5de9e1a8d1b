"""One test's desk in the Airflow that a group of tests shares: no run but its own, a data folder of its own, and a
newsroom whose clock stands where it is set. So tests know nothing of each other, and nothing of the time of day.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import psutil

from demo.newsroom.truth import Truth
from tests.airflow.api import Api, until
from tests.airflow.stack import Stack, holds
from tests.wirecopy.builders import content
from wirecopy.store.files.layout import Layout

DAGS = ("wirecopy_live", "wirecopy_day", "wirecopy_dedupe", "wirecopy_maintain", "wirecopy_alarms")
DAY = timedelta(days=1)
TABLES = ("articles", "revisions", "matches", "clusters")
CAPTURES = {"fetched_at", "last_fetched_at"}  # when a page was fetched is a fact of the capture


@dataclass(frozen=True)
class Desk:
    """A data folder of the stack, and the DAGs that work on it."""

    stack: Stack
    api: Api
    layout: Layout

    @property
    def midnight(self) -> datetime:
        """The end of the newsroom's second day, the last one that is complete."""
        return self.stack.site.anchor - DAY

    @property
    def days(self) -> list[str]:
        """Three past days, the last one ends at `midnight`; the newsroom has nothing on the first one."""
        return [f"{self.midnight - n * DAY:%Y-%m-%d}" for n in (3, 2, 1)]

    @property
    def settings(self) -> Path:
        """The file that every task reads anew."""
        return self.stack.home / "demo" / "wirecopy.toml"

    @classmethod
    def cleared(cls, stack: Stack, api: Api, folder: str, **settings: Any) -> Desk:
        """Nothing runs or has run, everybody is on, the data folder *folder* is empty; only dedupe is unpaused."""
        for dag_id in DAGS:
            api.pause(dag_id, paused=True)
        for dag_id in DAGS:
            api.idle(dag_id)
            api.delete_runs(dag_id)
        api.close_backfills()
        stack.poison.unlink(missing_ok=True)
        stack.switch(off=False)
        desk = cls(stack, api, Layout(stack.home / "demo" / folder))
        desk.set(data=folder, share_feed_for="1s", max_age="30d", **settings)
        desk.at(desk.midnight)
        api.pause("wirecopy_dedupe", paused=False)
        return desk

    def set(self, **settings: Any) -> None:
        """Change settings for all tasks that start from now on."""
        found = tomllib.loads(self.settings.read_text()) | settings
        lines = [f"{name} = {json.dumps(value)}\n" for name, value in found.items()]
        self.settings.write_text("".join(lines))

    def at(self, now: datetime) -> None:
        """Set the newsroom's clock. Tasks have the machine's: to them the desk's days are past, whatever the hour."""
        self.stack.set_newsroom_clock(now.isoformat())

    def due(self, day: str, now: datetime) -> set[str]:
        """What a past run can find of *day*: all that was out at *now* and whose entry tells its date."""
        return {one.url for one in self.dated(day) if one.published_at <= now}

    def dated(self, day: str) -> list[Truth]:
        """The articles of *day* whose entries tell their dates."""
        articles = self.stack.site.world.articles
        return [one for one in self.stack.truth(day) if "no-date" not in articles[one.slug].quirks]

    def expected(self, now: datetime) -> dict[str, list[str]]:
        """What the store should hold of the three days, and nothing else."""
        wanted = {day: sorted(self.due(day, now)) for day in self.days}
        return {day: urls for day, urls in wanted.items() if urls}

    def of_before(self) -> dict[str, list[str]]:
        """The newsroom's two weeks of before: what its archives hold of each day."""
        found: dict[str, list[str]] = {}
        for one in self.stack.site.old_truth():
            if one.published_at >= self.stack.site.start - 16 * DAY:
                found.setdefault(f"{one.published_at:%Y-%m-%d}", []).append(one.url)
        return {day: sorted(urls) for day, urls in found.items()}

    def holds(self) -> dict[str, list[str]]:
        """URLs by date, by a naive glob; a double would show."""
        rows = self.query("SELECT date, list(canonical_url ORDER BY canonical_url) FROM {articles} GROUP BY date")
        return {str(day): urls for day, urls in rows}

    def settled(self) -> None:
        """Wait until copies are found in every date."""
        until(self._is_clustered, seconds=120, what="clusters of every article")
        self.api.quiet("wirecopy_dedupe")

    def _is_clustered(self) -> bool:
        return bool(self.files("clusters")) and self.unclustered() == 0

    def unclustered(self) -> int:
        """Articles of which no copies have been sought."""
        found = "SELECT count(*) FROM {articles} ANTI JOIN {clusters} USING (article_id)"
        return int(self.query(found)[0][0])

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """What the store holds, without the times of capture."""
        return {
            table: [{name: value for name, value in row.items() if name not in CAPTURES} for row in rows]
            for table, rows in content(self.layout).items()
        }

    def attempts(self) -> dict[str, int]:
        """How many attempts of each run are in the ledger: one per shard and try."""
        return dict(self.query("SELECT run_id, count(DISTINCT attempt) FROM {polls} GROUP BY run_id"))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query; `{articles}` and so on are naive globs over the parquet files."""
        names = (*TABLES, "outcomes", "polls")
        globs = {table: f"read_parquet('{self.layout.store}/{table}/**/*.parquet')" for table in names}
        with duckdb.connect() as connection:
            return connection.execute(sql.format(**globs)).fetchall()

    def files(self, *tables: str) -> dict[str, bytes]:
        """The bytes of the files of *tables*, of all that are a function of what was captured if none is named."""
        folders = [self.layout.store / table for table in tables or TABLES]
        paths = [path for folder in folders for path in sorted(folder.rglob("*.parquet"))]
        return {str(path.relative_to(self.layout.store)): path.read_bytes() for path in paths}

    def pulling(self, day: str = "", run_id: str = "") -> psutil.Process | None:
        """The process of a pull task of *day*, or of a run, that has entries in work."""
        for journal in self.layout.staging.glob("*.journal"):
            text = _text(journal)
            if f'"start": "{day}' in text and run_id in text and '"took"' in text:
                return next(_holders(journal), None)
        return None


def _holders(path: Path) -> Iterator[psutil.Process]:
    return (process for process in psutil.process_iter() if holds(process, path))


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""
