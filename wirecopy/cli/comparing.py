"""`wirecopy compare`: two texts side by side, with what they share in colour."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.table import Table
from rich.text import Text

from wirecopy.cli.console import OUT, print_counts, print_json
from wirecopy.errors import UsageError

if TYPE_CHECKING:
    from dedupe.compare import Comparison

COLOURS = ("green", "cyan", "magenta", "yellow", "blue", "bright_green", "bright_cyan", "bright_magenta")
QUOTATION = "dim"
MEANING = {
    "identical": "the same text",
    "near_duplicate": "nearly the same text",
    "copy": "one report, cut, lengthened or reworded",
    "derived": "one report, heavily reworded",
    "update": "the same publisher carries its text on",
    "contains": "a round-up that holds the other",
    "same_source": "two short rewrites of one named report",
    None: "independent: what they share does not make one a copy of the other",
}


def compare(
    left: Annotated[Path, Parameter(help="A text file in UTF-8.")],
    right: Annotated[Path, Parameter(help="Another one.")],
    /,
    *,
    json: Annotated[
        bool, Parameter(name=["--json"], help="Relation, scores and passages with offsets, as JSON.")
    ] = False,
) -> int:
    """Compare two texts: relation, scores, and the shared passages side by side in colour.

    Without a context there are no third texts: the store may decide a close case otherwise.

    ```
    wirecopy compare ours.txt theirs.txt
    ```
    """
    from dedupe.compare import compare_closely
    from dedupe.records import ArticleText

    texts = {"left": _read(left), "right": _read(right)}
    found = compare_closely(ArticleText(id="left", text=texts["left"]), ArticleText(id="right", text=texts["right"]))
    if json:
        print_json(asdict(found) | {"left": str(left), "right": str(right), "meaning": MEANING[found.relation]})
        return 0
    OUT.print(f"[bold]{found.relation or 'independent'}[/]: {MEANING[found.relation].removeprefix('independent: ')}")
    print_counts("scores", _scores(found))
    if found.passages:
        OUT.print(_side_by_side(texts, found, (str(left), str(right))))
    else:
        OUT.print("no shared passages")
    return 0


def _scores(found: Comparison) -> dict[str, str]:
    return {
        "score": f"{found.score:.3f}",
        "probability": f"{found.probability:.2f}",
        "narrative of the left found right": f"{found.coverage_left:.0%}",
        "narrative of the right found left": f"{found.coverage_right:.0%}",
        "quotations agree": f"{found.quotation_agreement:.0%}",
        "counterparts in the same order": f"{found.ordered_share:.0%}",
        "words": f"{found.words_left} and {found.words_right}",
    }


def _side_by_side(texts: dict[str, str], found: Comparison, titles: tuple[str, str]) -> Table:
    """One row a passage, longest first: the same words stand in the same colour, shared quotations are dim."""
    table = Table(title="shared passages, longest first", title_justify="left", show_lines=True)
    table.add_column("words", justify="right")
    for title in titles:
        table.add_column(title, ratio=1)
    for number, passage in enumerate(found.passages):
        style = QUOTATION if passage.quotation else COLOURS[number % len(COLOURS)]
        left = _excerpt(texts["left"], passage.left_start, passage.left_end, style)
        right = _excerpt(texts["right"], passage.right_start, passage.right_end, style)
        table.add_row(f"{passage.words}{' (quoted)' if passage.quotation else ''}", left, right)
    return table


def _excerpt(text: str, start: int, end: int, style: str) -> Text:
    """The passage with some words around it."""
    before = text[max(0, start - 40) : start].split("\n")[-1]
    after = text[end : end + 40].split("\n")[0]
    return Text.assemble(
        ("…" if start > 40 else "") + before, (" ".join(text[start:end].split()), f"bold {style}"), after
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(f"{path} does not exist.") from error
    except (UnicodeDecodeError, OSError) as error:
        raise UsageError(f"{path} cannot be read as UTF-8 text ({error}).") from error
