"""What runs on the machine of an engine: tasks of dates, from what was handed over, to what is told."""

from __future__ import annotations

import json
import socket
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dedupe.backends import limit_threads
from dedupe.params import Params
from wirecopy.engines.dates import match_task, sketch_task
from wirecopy.errors import EngineError
from wirecopy.store.files.bucket.paths import BucketPath
from wirecopy.store.files.layout import Beside, Layout

TASKS = {"sketch": sketch_task, "match": match_task}


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """All that a task needs to know of the settings of the step that started it."""

    root: str  # the data folder, absolute, or the address of a bucket
    bucket: bool
    threads: int | None  # of a task; None: the engine's word


def layout_there(handed: Handed) -> Layout:
    """The store as an executor sees it. On a bucket it needs no database: its tasks take no lock, and their files do
    not grow. Credentials are those that the executor finds itself.
    """
    if not handed.bucket:
        return Layout(Path(handed.root))
    folder = Path(tempfile.gettempdir()) / "wirecopy-scratch"
    return Layout(BucketPath(handed.root), Beside(database="postgresql://not-handed-over", folder=folder))


def run_tasks(task: str, days: Iterable[str], handed: Handed, cores: int) -> Iterator[str]:
    """The results of *task* (a name of TASKS) for each of *days* (ISO), as JSON. *cores*: what the engine gives a task.
    Raises EngineError if the store is not here.
    """
    limit_threads(handed.threads or cores)
    layout = layout_there(handed)
    if not layout.files.exists(layout.store):
        raise EngineError(
            f"There is no store at {handed.root} for {socket.gethostname()}, where this task runs. Mount the shared "
            "volume there at the same place, or put the store on a bucket (docs/scale.md)."
        )
    for day in days:
        yield json.dumps(TASKS[task](layout, date.fromisoformat(day), Params()))
