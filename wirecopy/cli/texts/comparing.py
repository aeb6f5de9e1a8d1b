"""`wirecopy compare`: two texts side by side, with the shared passages in colour."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from dedupe.matching.compare import Comparison
from dedupe.records import ArticleText
from wirecopy.cli import texts
from wirecopy.cli.show.console import ERR, OUT, plain, print_counts, print_json
from wirecopy.cli.show.passages import print_passages, print_removed
from wirecopy.cli.texts.two import Two
from wirecopy.errors import UsageError
from wirecopy.explain import wording
from wirecopy.explain.incontext import InCollection, compare_in
from wirecopy.explain.textfile import read_text

PASSAGES = 12  # all that a match keeps
ALONE = "Compared without any context: with third texts the store may decide a close case otherwise."


def compare(
    left: Annotated[str, Parameter(help="A text file in UTF-8, or an article as `explain` takes it.")],
    right: Annotated[str, Parameter(help="Another one.")],
    /,
    *,
    in_: Annotated[
        Path | None, Parameter(name=["--in"], help="A collection (as for `wirecopy cluster`): both are ids of it.")
    ] = None,
    json: Annotated[
        bool, Parameter(name=["--json"], help="Relation, scores and passages with offsets, as JSON.")
    ] = False,
    html: Annotated[
        Path | None, Parameter(name=["--html"], help="Also write one self-contained page, both texts side by side.")
    ] = None,
) -> int:
    """Compare two texts: relation, scores, and the shared passages side by side in colour.

    Two articles of the store, or of a collection, are compared among the other texts of their days, so that formulas,
    recurring lines and common language are known: it shows what was taken out of each text, and why two reports are no
    copies. Two files are compared alone: the store may decide a close case otherwise.

    ```
    wirecopy compare ours.txt theirs.txt
    wirecopy compare ours.txt theirs.txt --html both.html
    wirecopy compare 2de6a62f 91c07a55
    wirecopy compare row-17 row-40 --in articles.jsonl
    ```
    """
    two: Two = texts.two_in_collection(in_, left, right) if in_ else _named(left, right)
    if html:
        texts.write_comparison(html, two)
        ERR.print(f"written: {plain(html)}", soft_wrap=True)
    print_json(_as_json(two)) if json else _print(two)
    return 0


def _named(left: str, right: str) -> Two:
    if not Path(left).is_file() and not Path(right).is_file():
        stored: Two = texts.two_in_store(left, right)
        return stored
    both = _read(Path(left)), _read(Path(right))
    files = [ArticleText(id=side, text=text) for side, text in zip(("left", "right"), both, strict=True)]
    found = compare_in(InCollection(files), *files)
    return Two(found=found, texts=both, names=(Path(left).name, Path(right).name), asked=(left, right), reason=ALONE)


def _as_json(two: Two) -> dict[str, Any]:
    removed = [
        [asdict(one) | {"text": text[one.start : one.end]} for one in own]
        for own, text in zip(two.removed, two.texts, strict=True)
    ]
    return asdict(two.found) | {
        "left": two.asked[0],
        "right": two.asked[1],
        "meaning": wording.MEANING[two.found.relation],
        "removed_left": removed[0],
        "removed_right": removed[1],
    }


def _print(two: Two) -> None:
    found = two.found
    OUT.print(f"[bold]{wording.relation_name(found.relation)}[/]: {wording.MEANING[found.relation]}", soft_wrap=True)
    if found.reason:
        OUT.print(f"decided by {wording.decided_by(found.reason)}", soft_wrap=True)
    print_counts("scores", _scores(found))
    print_removed(two.removed, two.texts, two.names)
    if not found.passages:
        OUT.print("no shared passages")
        return
    OUT.print()
    print_passages(found.passages, two.texts, two.asked, title="shared passages, longest first", limit=PASSAGES)


def _scores(found: Comparison) -> dict[str, str]:
    return {
        "score": f"{found.score:.3f}",
        "probability": wording.probable(found.probability),
        "narrative of the first found in the second": f"{found.coverage_left:.0%}",
        "narrative of the second found in the first": f"{found.coverage_right:.0%}",
        "agreement of the quotations": wording.agreement(found),
        "counterparts in the same order": f"{found.ordered_share:.0%}",
        "words": f"{found.words_left} and {found.words_right}",
        "words of narrative that both have": f"{found.shared_words:.0f}",
        **({"numbers beside them that agree": f"{found.numbers_shared:.0%}"} if found.numbers_shared < 1 else {}),
    }


def _read(path: Path) -> str:
    try:
        return read_text(path)
    except FileNotFoundError as error:
        raise UsageError(f"{path} does not exist.") from error
