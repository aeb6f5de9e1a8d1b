"""Which engine a process uses, by the name that settings and command have for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from wirecopy.engines.ahead import Engine
from wirecopy.engines.executor import Handed
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
    root = settings.store_url or str(settings.root.absolute())
    handed = Handed(root=root, bucket=settings.store_url is not None, threads=settings.dedupe_threads)
    engine = SparkEngine(settings.spark_remote, handed)
    try:
        yield engine
    finally:
        engine.close()
