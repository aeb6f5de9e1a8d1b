"""Dates as tasks of Spark: the only file that imports pyspark.

Executors get this installation's code as an archive that Spark unpacks for them, and read and write the store
themselves: Spark carries names of dates, and what a task tells in a line. There is no shuffle, and nothing that a lost
executor could take along.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, Final

from wirecopy.engines.ahead import Task
from wirecopy.engines.executor import Handed
from wirecopy.engines.parcel import write_parcel
from wirecopy.errors import EngineError
from wirecopy.log import get_log

log = get_log(__name__)

CODE: Final = "wirecopy_code"  # the folder, in the working folder of a task, that Spark unpacks the archive into
CONNECT: Final = "sc://"
APPLICATION: Final = "wirecopy dedupe"
RAISED: Final = re.compile(r"^(?:[\w.]+\.)?\w*(?:Error|Exception|Killed)\w*: .+", re.MULTILINE)
STEPS: Final = (
    "Look whether it runs and has the packages that docs/scale.md names; `--engine local` computes on this machine. "
    "What was finished is kept: the same call goes on."
)


class SparkEngine:
    """`ahead.Engine` on a Spark. It is connected to at the first task."""

    def __init__(self, remote: str, handed: Handed) -> None:
        self._remote, self._handed = remote, handed
        self._folder = tempfile.TemporaryDirectory(prefix="wirecopy-spark-")
        self._session: Any = None  # pyspark.sql.SparkSession, or its counterpart of Spark Connect

    def run(self, task: Task, days: Sequence[date]) -> None:
        """See Engine. One partition for each date, in their order."""
        try:
            dates = self._connected().range(0, len(days), 1, len(days))
            work = _work(task, [day.isoformat() for day in days], self._handed)
            for row in dates.mapInArrow(work, "told string").collect():
                log.debug("%s %s", task, row["told"])
        except EngineError:
            raise
        except Exception as error:  # pyspark's, py4j's and grpc's have no common ancestor
            raise EngineError(f"Spark at {self._remote} ended with: {_reason(str(error))} {STEPS}") from error

    def cancel(self) -> None:
        """See Engine."""
        with suppress(Exception):  # it is gone, or answers no more: then nothing runs
            if self._remote.startswith(CONNECT):
                self._session.interruptAll()
            else:
                self._session.sparkContext.cancelAllJobs()

    def close(self) -> None:
        """Give the executors back."""
        if self._session is not None:
            with suppress(Exception):
                self._session.stop()
        self._session = None
        self._folder.cleanup()

    def _connected(self) -> Any:
        if self._session is None:
            try:
                from pyspark.sql import SparkSession
            except ImportError as error:
                raise EngineError(
                    f"pyspark is not installed here ({error}): `pip install 'wirecopy[spark]'`, or take --engine local."
                ) from error
            archive = Path(self._folder.name) / f"{CODE}.zip"
            write_parcel(archive)
            self._session = self._connect(SparkSession, f"{archive}#{CODE}")
            log.info("connected to Spark %s at %s", self._session.version, self._remote)
        return self._session

    def _connect(self, spark: Any, archive: str) -> Any:
        if self._remote.startswith(CONNECT):
            session = spark.builder.remote(self._remote).getOrCreate()
            session.addArtifacts(archive, archive=True)
            return session
        builder = spark.builder.master(self._remote).appName(APPLICATION)
        return builder.config("spark.archives", archive).config("spark.ui.showConsoleProgress", "false").getOrCreate()


def _work(task: Task, days: list[str], handed: Handed) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """The function that Spark carries to its executors. It travels whole, as wirecopy is not on their path: so it says
    by itself where that is, and names it in a string.
    """
    given, code = asdict(handed), CODE

    def work(batches: Iterator[Any]) -> Iterator[Any]:
        import os
        import sys
        from importlib import import_module

        from pyspark import TaskContext

        folder = os.path.abspath(code)
        if os.path.isdir(folder) and folder not in sys.path:
            sys.path.insert(0, folder)
        executor = import_module("wirecopy.engines.executor")
        handed_over = executor.Handed(**given)
        context = TaskContext.get()
        cores = context.cpus() if context else 1
        for batch in batches:
            chosen = [days[number] for number in batch.column(0).to_pylist()]
            told = list(executor.run_tasks(task, chosen, handed_over, cores))
            yield type(batch).from_pylist([{"told": one} for one in told])

    return work


def _reason(said: str) -> str:
    """What a task raised last, out of all that Spark tells of it; else the first line."""
    raised = RAISED.findall(said)
    return raised[-1].strip() if raised else said.strip().partition("\n")[0]
