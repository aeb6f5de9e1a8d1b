"""How the values of settings are written: a text in a variable, a value of its own kind in TOML.

Every command reads the settings, and the libraries that could (pydantic with pydantic-settings) cost more CPU than all
else that `wirecopy query` does: docs/decisions/imports.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import field, fields
from datetime import datetime, timedelta
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, NewType, get_args, get_origin, get_type_hints

Read = Callable[[Any], Any]
"""From what is written to the value; raises ValueError whose words go on after "WIRECOPY_SHARDS: "."""

Bytes = NewType("Bytes", int)
UNITS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}
SIZES: Final = {"": 1, "b": 1} | {
    prefix + end: base**power
    for power, prefix in enumerate("kmgtp", start=1)
    for end, base in (("b", 1000), ("", 1000), ("ib", 1024))
}
FLAGS: Final = dict.fromkeys(("true", "yes", "on", "1"), True) | dict.fromkeys(("false", "no", "off", "0"), False)


def Field(default: Any, *, description: str, ge: int | None = None, le: int | None = None) -> Any:  # noqa: N802
    """One setting of a dataclass: its default, what it is for, and between what a number lies (both inclusive)."""
    return field(default=default, metadata={"description": description, "ge": ge, "le": le})


def read_duration(value: object) -> timedelta:
    """The timedelta of "500ms", "30s", "15m", "6h", "7d", or of a number of seconds."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{value}"
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?", value.strip()) if isinstance(value, str) else None
    try:
        if match:
            return timedelta(seconds=float(match[1]) * UNITS[match[2] or "s"])
    except OverflowError:
        pass
    raise ValueError('write a duration, such as "500ms", "30s", "15m", "6h" or "7d"')


def write_duration(value: timedelta) -> str:
    """The shortest text that `read_duration` reads as *value*."""
    milliseconds = round(value.total_seconds() * 1000)
    unit = next(unit for unit in reversed(UNITS) if milliseconds % round(UNITS[unit] * 1000) == 0)
    return f"{milliseconds // round(UNITS[unit] * 1000)}{unit}"


def read_list(value: object) -> tuple[str, ...]:
    """A comma-separated variable, or a TOML array."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        raise ValueError("write a list of texts, in a variable with commas between them")
    return tuple(part.strip() for part in parts if part.strip())


def read_bytes(value: object) -> int:
    """A size such as "2GB", "512 MiB", or a number of bytes; more than none."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]*)", str(value).strip().lower())
    if match and match[2] in SIZES and (size := int(float(match[1]) * SIZES[match[2]])):
        return size
    raise ValueError('write a size, such as "2GB" or "512MiB"')


def read_networks(value: object) -> tuple[IPv4Network | IPv6Network, ...]:
    """Networks such as 10.1.0.0/16, written as `read_list` takes them."""
    return tuple(ip_network(one) for one in read_list(value))


def read_tables(value: object) -> tuple[dict[str, Any], ...]:
    """Tables of TOML; in a variable a JSON list of objects."""
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError(f"write a list of objects in JSON ({error})") from error
    if not isinstance(found, list | tuple) or not all(isinstance(one, dict) for one in found):
        raise ValueError("write tables in TOML, or a list of objects in JSON")
    return tuple(found)


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if (found := FLAGS.get(str(value).strip().lower())) is None:
        raise ValueError("write true or false")
    return found


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d+", value.strip()):
        return int(value)
    raise ValueError("write a whole number")


def at_least_one(value: int) -> int:
    """Raises ValueError for zero and below."""
    if value < 1:
        raise ValueError("write a number from 1")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("write a text, in TOML between quotes")
    return value


def _instant(value: object) -> datetime:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    if not isinstance(found, datetime) or found.tzinfo is None:
        raise ValueError("write an instant with its zone, such as 2026-11-22T08:00:00+00:00")
    return found


_READERS: Final[dict[Any, Read]] = {
    bool: _flag,
    int: _whole,
    str: _text,
    Path: lambda value: Path(_text(value)),
    datetime: _instant,
    timedelta: read_duration,
    Bytes: read_bytes,
}

PositiveInt = Annotated[int, at_least_one]
Duration = timedelta
Names = Annotated[tuple[str, ...], read_list]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], read_networks]


def read_values(kind: type, given: Mapping[str, object]) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of a dataclass whose fields are made by `Field`, as they are *given*, and what is wrong, by name."""
    readers = _readers_of(kind)
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, written in given.items():
        try:
            values[name] = readers[name](written)
        except ValueError as error:
            wrong[name] = str(error)
    return values, wrong


@cache
def _readers_of(kind: type) -> dict[str, Read]:
    hints = get_type_hints(kind, include_extras=True)
    return {one.name: _between(_reader_of(hints[one.name]), one.metadata) for one in fields(kind)}


def _reader_of(hint: Any) -> Read:
    """By the type. What stands beside it in `Annotated` goes on from there; a type without a reader is left to it."""
    if get_origin(hint) is Annotated:
        inner, *more = get_args(hint)
        return _chain([*([_READERS[inner]] if inner in _READERS else []), *more])
    if get_origin(hint) is Literal:
        return _one_of(get_args(hint))
    if isinstance(hint, UnionType) or type(None) in get_args(hint):
        (hint,) = (one for one in get_args(hint) if one is not NoneType)
        return _reader_of(hint)
    return _READERS[hint]


def _chain(reads: list[Read]) -> Read:
    def read(value: Any) -> Any:
        for one in reads:
            value = one(value)
        return value

    return read


def _one_of(words: tuple[Any, ...]) -> Read:
    def read(value: Any) -> Any:
        if value not in words:
            raise ValueError(f"write one of {', '.join(map(str, words))}")
        return value

    return read


def _between(read: Read, bounds: Mapping[str, Any]) -> Read:
    least, most = bounds["ge"], bounds["le"]

    def bounded(value: Any) -> Any:
        found = read(value)
        if (least is not None and found < least) or (most is not None and found > most):
            raise ValueError(f"write a number from {least} to {most}" if most is not None else f"at least {least}")
        return found

    return bounded
