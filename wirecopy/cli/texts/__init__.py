"""Commands about texts: whom a text copies, and why.

What a command needs for some of its questions only is imported when it is asked for: `wirecopy compare` of two files
would take twice the CPU with all that the store needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

_MODULES: Final = {
    "two_in_collection": "compared",
    "two_in_store": "compared",
    "write_comparison": "compared",
}


def __getattr__(name: str) -> Any:
    """The function *name* (https://peps.python.org/pep-0562/)."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
