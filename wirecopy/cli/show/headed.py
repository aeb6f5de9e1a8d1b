"""Tables of articles: a line of short columns for each, and below it what is long, as its headline, cut at the edge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size

from wirecopy.cli.show.console import OUT, plain
from wirecopy.cli.show.fitting import ELIDED, Kind, fit

INDENT: Final = "    "


def print_headed(
    names: Sequence[str], rows: Sequence[Sequence[str]], kinds: Sequence[Kind], below: Sequence[Sequence[str]]
) -> None:
    """*rows* as `fit` lays them out; under each its lines of *below*, one line of the terminal each."""
    clean = [[" ".join(cell.split()) for cell in row] for row in rows]
    head, lines = _laid_out(names, clean, kinds)
    for line in head:
        OUT.print(f"[bold]{plain(line)}[/]", soft_wrap=True)
    for own, more in zip(lines, below, strict=True):
        for line in own:
            OUT.print(plain(line), soft_wrap=True)
        for text in more:
            OUT.print(f"[dim]{plain(_cut(INDENT + ' '.join(text.split())))}[/]", soft_wrap=True)


def _laid_out(
    names: Sequence[str], rows: Sequence[Sequence[str]], kinds: Sequence[Kind]
) -> tuple[list[str], list[list[str]]]:
    """The head, and the lines of each row; where no table fits, a row is its values, each cut to a line."""
    fitted = fit(names, rows, kinds, OUT.width)
    if not fitted.is_table:
        return [], [[_cut("  ".join(filter(None, row)))] for row in rows]
    head, *lines = fitted.lines
    return [head, "─" * min(max(map(cell_len, fitted.lines)), OUT.width)], [[line] for line in lines]


def _cut(text: str) -> str:
    """*text* in a line of the terminal."""
    return text if cell_len(text) <= OUT.width else set_cell_size(text, OUT.width - 1) + ELIDED
