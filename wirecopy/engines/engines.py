"""Which engine a process uses, by the name that settings and command have for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from wirecopy.engines.ahead import Engine
from wirecopy.engines.spark import SparkEngine
from wirecopy.errors import SettingsError
from wirecopy.settings import DedupeEngine, Settings


@contextmanager
def open_engine(name: DedupeEngine, settings: Settings) -> Iterator[Engine | None]:
    """The engine *name*, closed in the end; None where this process computes: `local`, and `airflow`, whose tasks have
    run before this one. Raises SettingsError.
    """
    if name != "spark":
        yield None
        return
    if settings.spark_remote is None:
        raise SettingsError(
            "The engine spark needs the address of a Spark: set spark_remote (WIRECOPY_SPARK_REMOTE) to "
            "sc://host:15002 (Spark Connect) or spark://host:7077 (a master), or take --engine local."
        )
    engine = SparkEngine(settings.spark_remote, settings.root, settings.dedupe_threads)
    try:
        yield engine
    finally:
        engine.close()
