"""How much of a text a page shows, and what stands for a blank one: a feed may give a megabyte as a headline."""

from __future__ import annotations

import re
from typing import Final

from wirecopy.explain.wording import LONGEST_NAME

LONGEST_LINE: Final = 200  # characters of a headline
LONGEST_TEXT: Final = 4_000  # of the rest that is not marked as whole; addresses of pages have up to 1,500
LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # BCP 47, as far as browsers want it


class Whole(str):
    """A text that is shown whole: the paragraphs of an article."""

    __slots__ = ()


def line(value: str) -> str:
    """*value* where a headline stands."""
    return _cut(value, LONGEST_LINE) if value.strip() else "(blank)"


def name(value: str) -> str:
    """*value* where the name of a publisher, a feed or an agency stands; "" for none."""
    return _cut(value, LONGEST_NAME) if value.strip() or not value else "(blank)"


def is_language(value: str | None) -> bool:
    """Whether *value* may stand in the attribute `lang`."""
    return bool(value and LANGUAGE.fullmatch(value))


def _cut(value: str, most: int) -> str:
    return value if len(value) <= most else value[: most - 1] + "…"


def bounded(value: str) -> str:
    """*value*, no longer than a text that nobody has marked as whole may be."""
    return value if type(value) is Whole or len(value) <= LONGEST_TEXT else value[:LONGEST_TEXT] + "…"
