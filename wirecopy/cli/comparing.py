"""`wirecopy compare`: two texts side by side, with the shared passages in colour."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from dedupe.matching.compare import Comparison, compare_closely
from dedupe.records import ArticleText
from wirecopy.cli.show.console import ERR, OUT, plain, print_counts, print_json
from wirecopy.cli.show.pagefile import write_page
from wirecopy.cli.show.passages import print_passages
from wirecopy.errors import UsageError
from wirecopy.explain import wording
from wirecopy.pages.selfcontained import comparison_page

PASSAGES = 12  # all that a match keeps


def compare(
    left: Annotated[Path, Parameter(help="A text file in UTF-8.")],
    right: Annotated[Path, Parameter(help="Another one.")],
    /,
    *,
    json: Annotated[
        bool, Parameter(name=["--json"], help="Relation, scores and passages with offsets, as JSON.")
    ] = False,
    html: Annotated[
        Path | None, Parameter(name=["--html"], help="Also write one self-contained page, both texts side by side.")
    ] = None,
) -> int:
    """Compare two texts: relation, scores, and the shared passages side by side in colour.

    Without a context there are no third texts: the store may decide a close case otherwise.

    ```
    wirecopy compare ours.txt theirs.txt
    wirecopy compare ours.txt theirs.txt --html both.html
    ```
    """
    texts = _read(left), _read(right)
    found = compare_closely(ArticleText(id="left", text=texts[0]), ArticleText(id="right", text=texts[1]))
    if html:
        write_page(html, comparison_page(found, texts, (left.name, right.name)))
        ERR.print(f"written: {plain(html)}", soft_wrap=True)
    if json:
        print_json(asdict(found) | {"left": str(left), "right": str(right), "meaning": wording.MEANING[found.relation]})
        return 0
    OUT.print(f"[bold]{wording.relation_name(found.relation)}[/]: {wording.MEANING[found.relation]}", soft_wrap=True)
    if found.reason:
        OUT.print(f"decided by {wording.decided_by(found.reason)}", soft_wrap=True)
    print_counts("scores", _scores(found))
    if found.passages:
        OUT.print()
        print_passages(
            found.passages, texts, (str(left), str(right)), title="shared passages, longest first", limit=PASSAGES
        )
    else:
        OUT.print("no shared passages")
    return 0


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
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(f"{path} does not exist.") from error
    except (UnicodeDecodeError, OSError) as error:
        raise UsageError(f"{path} cannot be read as UTF-8 text ({error}).") from error
