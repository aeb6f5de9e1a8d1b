"""Numbers as places in a drawing: what the templates draw as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

LANES: Final = 9  # of dots that would lie on each other
WIDTH: Final = 1000.0  # units of a drawing
CLOSE: Final = 12.0  # units between two dots of one lane


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One article on a line of time."""

    x: float  # 0 .. WIDTH
    lane: int  # 0 is on the line
    label: str
    first: bool  # the origin
    name: str  # its id


def dots_of(points: Sequence[tuple[datetime, str, bool, str]]) -> list[Dot]:
    """(when, label, whether it is the origin, id) as dots, in order of time; each in the lowest lane that is free."""
    if not points:
        return []
    ordered = sorted(points)
    begin, length = ordered[0][0], (ordered[-1][0] - ordered[0][0]).total_seconds()
    ends = [-CLOSE] * LANES
    dots = []
    for when, label, first, name in ordered:
        x = WIDTH * (when - begin).total_seconds() / length if length else WIDTH / 2
        lane = next((one for one, end in enumerate(ends) if x - end >= CLOSE), ends.index(min(ends)))
        ends[lane] = x
        dots.append(Dot(x=x, lane=lane, label=f"{label}, {when:%Y-%m-%d %H:%M}", first=first, name=name))
    return dots


def bars_of(values: Sequence[float], *, tall: float) -> str:
    """*values* as bars that share WIDTH, the largest *tall* units: the `d` of one SVG path. A nought is a thin line."""
    top = max(values, default=0) or 1
    step = WIDTH / max(len(values), 1)
    wide = f"{0.8 * step:.0f}"
    heights = (1 + (tall - 1) * value / top for value in values)
    return "".join(
        f"M{number * step:.0f},{tall:.0f}v-{height:.1f}h{wide}v{height:.1f}z" for number, height in enumerate(heights)
    )
