"""What runs on the machine of an engine: tasks of dates, from what was handed over, to what is told."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dedupe.backends import limit_threads
from dedupe.params import Params
from wirecopy.engines.dates import match_task, sketch_task
from wirecopy.errors import EngineError
from wirecopy.store.files.layout import Layout

TASKS = {"sketch": sketch_task, "match": match_task}


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """All that a task needs to know of the settings of the step that started it."""

    root: str  # data folder, absolute
    threads: int | None  # of a task; None: the engine's word


def run_tasks(task: str, days: Iterable[str], handed: Handed, cores: int) -> Iterator[str]:
    """The results of *task* (a name of TASKS) for each of *days* (ISO), as JSON. *cores*: what the engine gives a task.
    Raises EngineError if the store is not here.
    """
    limit_threads(handed.threads or cores)
    layout = Layout(Path(handed.root))
    if not layout.files.exists(layout.store):
        raise EngineError(
            f"The data folder {handed.root} is not on {socket.gethostname()}, where this task runs. Executors need it "
            "at the same place: mount the shared volume there too."
        )
    for day in days:
        yield json.dumps(TASKS[task](layout, date.fromisoformat(day), Params()))
