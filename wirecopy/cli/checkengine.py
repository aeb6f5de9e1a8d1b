"""Whether the engine of dedupe that is set can be used from here: a check of `wirecopy doctor`."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from wirecopy.cli.findings import Finding
from wirecopy.settings import Settings

WAIT: Final = 3.0  # seconds for a connection: a Spark in the same network answers in milliseconds
PORTS: Final = {"sc": 15002, "spark": 7077, "k8s": 443}  # where one listens if its address names none
WHAT: Final = "dedupe engine"
LOCAL: Final = "or set dedupe_engine to local"


def check_engine(settings: Settings) -> Iterator[Finding]:
    """Findings about `dedupe_engine`. A Spark is connected to, and nothing is asked of it."""
    if settings.dedupe_engine == "spark":
        yield from _spark(settings)
    elif settings.dedupe_engine == "airflow" and os.environ.get("WIRECOPY_DEDUPE_ENGINE") != "airflow":
        yield Finding(
            what=WHAT, state="problem",
            says="is airflow in the settings file, and DAG files read only the variable: one task does all dates",
            next_step="set WIRECOPY_DEDUPE_ENGINE=airflow for dag-processor, scheduler and workers",
        )  # fmt: skip
    else:
        yield Finding(what=WHAT, state="ok", says=settings.dedupe_engine)


def _spark(settings: Settings) -> Iterator[Finding]:
    remote = settings.spark_remote
    if remote is None:
        mend = f"set spark_remote (WIRECOPY_SPARK_REMOTE) to sc://host:15002 or spark://host:7077, {LOCAL}"
        yield Finding(what=WHAT, state="problem", says="is spark, which has no address", next_step=mend)
        return
    try:
        version = importlib.metadata.version("pyspark")
    except importlib.metadata.PackageNotFoundError:
        mend = f"`pip install 'wirecopy[spark]'`, {LOCAL}"
        yield Finding(what=WHAT, state="problem", says="is spark, and pyspark is not installed", next_step=mend)
        return
    shown = remote.partition("/;")[0]  # Spark Connect takes parameters after it, a token among them
    if not remote.startswith("sc://") and not _java():
        mend = "install a Java, set JAVA_HOME, or use Spark Connect (sc://), which needs none here"
        yield Finding(what=WHAT, state="problem", says=f"is spark, and {shown} needs a Java", next_step=mend)
        return
    if "://" not in remote:  # "yarn", "local[4]": Spark itself knows where
        yield Finding(what=WHAT, state="ok", says=f"pyspark {version}, {shown}")
        return
    if why := _unreachable(remote):
        mend = f"start it, or mend spark_remote, {LOCAL}"
        yield Finding(what=WHAT, state="problem", says=f"{shown} does not answer: {why}", next_step=mend)
        return
    yield Finding(what=WHAT, state="ok", says=f"pyspark {version}, and {shown} answers")


def _java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return bool(shutil.which("java") or (home and (Path(home) / "bin" / "java").is_file()))


def _unreachable(remote: str) -> str:
    """Why nobody listens at any of the addresses (masters may be several, separated by commas); "" if one does."""
    why, usual = "", PORTS[remote.partition("://")[0]]
    for place in remote.rpartition("://")[2].partition("/")[0].split(","):
        parts = urlsplit(f"//{place}")
        try:
            with socket.create_connection((parts.hostname or "", parts.port or usual), timeout=WAIT):
                return ""
        except (OSError, ValueError) as error:
            why = str(error)
    return why
