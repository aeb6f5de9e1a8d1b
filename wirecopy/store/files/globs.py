"""Globs, for places whose files no library of the system lists."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from typing import Final

MAGIC: Final = frozenset("*?[")


def escaped_glob(path: str) -> str:
    """*path* for a glob that means just it: a folder may be called `news [2026]`."""
    return re.sub(r"[*?\[]", lambda found: f"[{found[0]}]", path)


def fits(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether the parts of a path fit those of a pattern; ** stands for folders, as many as there are."""
    if not pattern or not parts:
        return not pattern and not parts
    first, *rest = pattern
    if first == "**":
        return fits(parts, rest) or fits(parts[1:], pattern)
    return fnmatch.fnmatchcase(parts[0], first) and fits(parts[1:], rest)
