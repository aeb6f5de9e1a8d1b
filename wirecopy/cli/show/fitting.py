"""Tables that fit a terminal: long values are cut, then columns in the middle are left out, and where not even two
columns fit, each row is a block of lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from rich.cells import cell_len, set_cell_size

WIDEST: Final = 60  # cells of one column, if there is room for more than that
LEAST: Final = 12  # cells to which a text may be cut before columns are left out
GAP: Final = 2  # blanks between two columns
ELIDED: Final = "…"
BLOCK_LINES: Final = 4  # of one value in a block


Kind = Literal["text", "number", "firm"]
"""A number stands right-aligned, and like what is firm (a day, an instant, a length) it is not cut."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """Lines to print, and the columns that are not among them."""

    lines: tuple[str, ...]  # of a table the first is its head
    is_table: bool
    left_out: tuple[str, ...] = ()


def fit(names: Sequence[str], rows: Sequence[Sequence[str]], kinds: Sequence[Kind], width: int) -> Fitted:
    """*rows* of cells without line breaks as a table of *width*; a kind for each column."""
    natural = [_natural(name, column) for name, column in zip(names, _columns(names, rows), strict=True)]
    least = [min(own, LEAST) if kind == "text" else own for own, kind in zip(natural, kinds, strict=True)]
    kept = _kept(least, width)
    if kept is None:
        return Fitted(tuple(blocks(names, rows, width)), is_table=False)
    room = _room(len(kept), names, width)
    widths = _widths([natural[place] for place in kept], [least[place] for place in kept], room)
    gap = next((place for place in range(1, len(kept)) if kept[place] != kept[place - 1] + 1), None)
    lines = [
        _line([_sized(row[at], size, right=kinds[at] == "number") for at, size in zip(kept, widths, strict=True)], gap)
        for row in (names, *rows)
    ]
    left_out = tuple(name for place, name in enumerate(names) if place not in set(kept))
    return Fitted(tuple(lines), is_table=True, left_out=left_out)


def blocks(names: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """A block for each row: a line for each column, long values over some lines."""
    edge = max((cell_len(name) for name in names), default=0)
    room = max(width - edge - GAP, LEAST)
    lines: list[str] = []
    for number, row in enumerate(rows, 1):
        lines.append(f"── row {number} ".ljust(width, "─"))
        for name, value in zip(names, row, strict=True):
            first, *rest = _folded(value, room)
            lines.append(f"{_sized(name, edge, right=True)}{' ' * GAP}{first}".rstrip())
            lines += [" " * (edge + GAP) + line for line in rest]
    return lines


def _columns(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [[row[place] for row in rows] for place in range(len(names))]


def _natural(name: str, column: Sequence[str]) -> int:
    return min(max(cell_len(name), *map(cell_len, column), 1), WIDEST) if column else max(cell_len(name), 1)


def _room(shown: int, names: Sequence[str], width: int) -> int:
    """Cells for the values of so many columns, beside gaps and the sign that some are left out."""
    sign = GAP + len(ELIDED) if shown < len(names) else 0
    return width - GAP * (shown - 1) - sign


def _kept(least: Sequence[int], width: int) -> list[int] | None:
    """The places of the columns that fit, from both ends; None if not even two do."""
    count = len(least)
    for shown in range(count, 0, -1):
        left = -(-shown // 2)
        kept = [*range(left), *range(count - (shown - left), count)]
        if sum(least[place] for place in kept) <= width - GAP * (shown - 1) - (GAP + len(ELIDED)) * (shown < count):
            return kept if shown > 1 or count == 1 else None
    return None


def _widths(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """What each column gets: all it wants if there is room, else the widest are cut first."""
    widths = list(natural)
    while (over := sum(widths) - room) > 0:
        widest = max(size for size, low in zip(widths, least, strict=True) if size > low)
        places = [place for place, size in enumerate(widths) if size == widest and size > least[place]]
        lower = max(
            [size for size, low in zip(widths, least, strict=True) if size < widest and size > low]
            + [least[place] for place in places]
        )
        step = max(1, min(widest - lower, -(-over // len(places))))
        for place in places:
            widths[place] = max(widths[place] - step, least[place])
    return widths


def _sized(value: str, size: int, *, right: bool) -> str:
    """*value* in just *size* cells."""
    length = cell_len(value)
    if length > size:
        return set_cell_size(value, size - 1) + ELIDED
    return " " * (size - length) + value if right else value + " " * (size - length)


def _line(cells: Sequence[str], gap: int | None) -> str:
    parts = [*cells] if gap is None else [*cells[:gap], ELIDED, *cells[gap:]]
    return (" " * GAP).join(parts).rstrip()


def _folded(value: str, room: int) -> list[str]:
    """*value* over at most BLOCK_LINES lines of *room* cells."""
    lines: list[str] = []
    rest = value
    while rest and len(lines) < BLOCK_LINES:
        size = len(rest)
        while cell_len(rest[:size]) > room:
            size -= max(1, (cell_len(rest[:size]) - room) // 2)
        lines.append(rest[:size])
        rest = rest[size:]
    if rest:
        lines[-1] = set_cell_size(lines[-1], min(cell_len(lines[-1]), room - 1)) + ELIDED
    return lines or [""]
