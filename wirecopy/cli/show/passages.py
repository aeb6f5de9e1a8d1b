"""Shared passages in a terminal: side by side, with a few words around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.table import Table
from rich.text import Text

from dedupe.records import Passage, Removed
from wirecopy.cli.show.console import OUT, harmless, plain, print_rows
from wirecopy.explain import wording

COLOURS: Final = ("green", "cyan", "magenta", "yellow", "blue", "bright_green", "bright_cyan", "bright_magenta")
QUOTATION: Final = "dim"
AROUND: Final = 40  # characters of context on each side
LONGEST: Final = 360  # characters of one passage; of a longer one the middle is left out


def print_passages(
    passages: Sequence[Passage], texts: tuple[str, str], titles: tuple[str, str], *, title: str, limit: int
) -> None:
    """The first *limit* of *passages*, a row each: the same words in the same colour, shared quotations dim.

    In a pipe all of them, in whole, with their offsets.
    """
    if not OUT.is_terminal:
        _print_lines(passages, texts, titles)
        return
    table = Table(title=plain(title), title_justify="left", title_style="", show_lines=True, expand=True)
    table.add_column("words", justify="right", min_width=8)
    for name in titles:
        table.add_column(plain(name), ratio=1)
    for number, passage in enumerate(passages[:limit]):
        style = QUOTATION if passage.quotation else COLOURS[number % len(COLOURS)]
        left = _excerpt(texts[0], passage.left_start, passage.left_end, style)
        right = _excerpt(texts[1], passage.right_start, passage.right_end, style)
        table.add_row(f"{passage.words:,}{' quoted' if passage.quotation else ''}", left, right)
    OUT.print(table)


def print_removed(removed: Sequence[Sequence[Removed]], texts: tuple[str, str], titles: tuple[str, str]) -> None:
    """What was taken out of each of two texts before they were compared, a line for each reason."""
    if any(removed):
        OUT.print("taken out before they were compared, as it is no narrative:")
    for own, text, title in zip(removed, texts, titles, strict=True):
        for line in wording.taken_out(own, text):
            OUT.print(f"  {plain(title)}: {plain(line)}", soft_wrap=True)


def _print_lines(passages: Sequence[Passage], texts: tuple[str, str], titles: tuple[str, str]) -> None:
    print_rows(
        "",
        ("words", "quoted", "left_start", "left_end", "right_start", "right_end", *titles),
        [
            (
                one.words,
                "yes" if one.quotation else "no",
                one.left_start,
                one.left_end,
                one.right_start,
                one.right_end,
                texts[0][one.left_start : one.left_end],
                texts[1][one.right_start : one.right_end],
            )
            for one in passages
        ],
    )


def _excerpt(text: str, start: int, end: int, style: str) -> Text:
    """The passage with some words around it, cut at the ends of its lines."""
    before = harmless(text[max(0, start - AROUND) : start].split("\n")[-1])
    after = harmless(text[end : end + AROUND].split("\n")[0])
    shared = harmless(" ".join(text[start:end].split()))
    if len(shared) > LONGEST:
        shared = f"{shared[: LONGEST // 2]} […] {shared[-LONGEST // 2 :]}"
    return Text.assemble(
        "…" if len(before) == AROUND else "",
        before,
        (shared, f"bold {style}"),
        after,
        "…" if len(after) == AROUND else "",
    )
