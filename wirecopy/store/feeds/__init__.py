"""State that is no parquet, in an SQL database: validators, polls due, well-known files.

`State` is imported when it is asked for: SQLAlchemy is a quarter of what a look at the store costs.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

_MODULES: Final = {"State": "state"}


def __getattr__(name: str) -> Any:
    """The class *name* (https://peps.python.org/pep-0562/)."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
