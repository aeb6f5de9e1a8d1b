"""Logging: one event per unit of work with its counts, on stderr."""

from __future__ import annotations

import logging
import sys


def get_log(name: str) -> logging.Logger:
    """The logger of a module."""
    return logging.getLogger(name)


def log_to_stderr(level: int = logging.INFO) -> None:
    """Set up logging for the command and for scripts (Airflow sets up its own)."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S"))
    for name in ("wirecopy", "ingest", "dedupe"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(level)
        logger.propagate = False
