"""How the values of settings are written: a text in a variable, a value of its own kind in TOML.

pydantic reads them. pydantic-settings would also merge variables and file, but costs every command more CPU than all
else of the settings: docs/decisions/imports.md.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, ByteSize, Field, PositiveInt

UNITS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}


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


def read_list(value: object) -> object:
    """A comma-separated variable, or a TOML array. Raises ValueError."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list | tuple):
        raise ValueError("write a list of texts, in a variable with commas between them")
    return value


def read_tables(value: object) -> object:
    """Tables of TOML; in a variable a JSON list of objects. Raises ValueError."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError(f"write a list of objects in JSON ({error})") from error


def no_flag(value: object) -> object:
    """*value*, unless it is TOML's true or false, which Python takes for 1 and 0. Raises ValueError."""
    if isinstance(value, bool):
        raise ValueError("write a whole number")
    return value


def no_negative(value: timedelta) -> timedelta:
    """Raises ValueError for a length below zero."""
    if value < timedelta(0):
        raise ValueError("write a length of time from 0")
    return value


Count = Annotated[PositiveInt, BeforeValidator(no_flag)]
Duration = Annotated[timedelta, BeforeValidator(read_duration), AfterValidator(no_negative)]
Bytes = Annotated[ByteSize, Field(gt=0), BeforeValidator(no_flag)]
Names = Annotated[tuple[str, ...], BeforeValidator(read_list)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(read_list)]
Tables = Annotated[tuple[dict[str, Any], ...], BeforeValidator(read_tables)]
