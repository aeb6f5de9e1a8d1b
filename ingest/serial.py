"""Records as JSON and back: for other processes, for files, and for a column.

A record is a dataclass of ingest.records. Times are written in ISO 8601 with their zone, bytes are not written at all.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Record = TypeVar("Record")


def to_json(record: object) -> str:
    """One line of JSON that `from_json` reads."""
    return _adapter(cast(Hashable, type(record))).dump_json(record).decode()


def from_json(kind: type[Record], text: str | bytes) -> Record:
    """The record of *kind* that `to_json` wrote; unknown fields are left out. Raises ValueError."""
    record: Record = _adapter(cast(Hashable, kind)).validate_json(text)
    return record


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter  # .1 s of CPU, and many importers of records write none

    return TypeAdapter(cast(Any, kind))
