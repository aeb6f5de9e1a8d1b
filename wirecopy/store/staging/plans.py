"""The plan of a run: the work of each shard, as parquet in state/staging, so that XComs stay small."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wirecopy.errors import StoreError
from wirecopy.store.files.layout import Layout

COLUMNS: dict[str, pa.DataType] = {
    "shard": pa.int32(),
    **dict.fromkeys(("kind", "feed_id", "payload", "fetch_id", "source"), pa.string()),
}
PLAN = pa.schema(COLUMNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One thing to do.

    feed: poll it, *payload* is its Validators as JSON; entry: fetch its page, *payload* is the Entry. If a *source* of
    history (wirecopy.history) is named the payload is that source's own: feed and document stand for documents of the
    feed, page for a page that the source has whole, history for a search: *payload* is the Place as JSON, or empty if
    it is looked for first. Raw captures have the raw file, relative to raw/, and *fetch_id*.
    """

    kind: Literal["feed", "entry", "document", "page", "history"]
    feed_id: str
    payload: str
    fetch_id: str | None = None
    source: str | None = None  # HistorySource.name
    host: str = ""  # jobs of one host go to one shard; not stored


def write_plan(layout: Layout, plan: str, shards: Iterable[tuple[int, Job]]) -> None:
    """Keep the jobs of every shard of *plan*."""
    rows = [{"shard": shard, **asdict(job)} for shard, job in shards]
    with layout.files.replacing(_path(layout, plan)) as staged:
        pq.write_table(pa.Table.from_pylist(rows, schema=PLAN), staged, compression="zstd")


def read_plan(layout: Layout, plan: str, shard: int) -> list[Job]:
    """The jobs of one shard, in the order of the plan. Raises StoreError if the plan is gone: it is published then."""
    path = _path(layout, plan)
    try:
        with layout.files.parquet(path) as file:
            rows = file.read()
    except FileNotFoundError as error:
        raise StoreError(
            f"{path} is gone: this run was published. Clear its `plan` task with all that follows; "
            "`pull` alone has nothing to go by."
        ) from error
    own = rows.filter(pc.equal(rows["shard"], pa.scalar(shard, pa.int32())))
    return [Job(**row) for row in own.drop_columns(["shard"]).to_pylist()]


def delete_plan(layout: Layout, plan: str) -> None:
    """Every shard has been worked off."""
    layout.files.remove(_path(layout, plan))


def _path(layout: Layout, plan: str) -> PurePath:
    return layout.staging / f"{plan}.plan.parquet"
