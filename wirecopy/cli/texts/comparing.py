"""`wirecopy compare`: two texts side by side, with the shared passages in colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from dedupe.matching.compare import Comparison
from dedupe.records import ArticleText, Removed
from wirecopy.cli.show.console import ERR, OUT, plain, print_counts, print_json
from wirecopy.cli.show.pagefile import write_page
from wirecopy.cli.show.passages import print_passages, print_removed
from wirecopy.errors import StoreError, UsageError
from wirecopy.explain import wording
from wirecopy.explain.clusterview import Member
from wirecopy.explain.collection import read_collection
from wirecopy.explain.examining import InCollection, InStore, compare_in
from wirecopy.explain.lookup import member_of
from wirecopy.pages.selfcontained import comparison_page
from wirecopy.settings import load_settings
from wirecopy.store.files.layout import Layout, layout_of

PASSAGES = 12  # all that a match keeps
ALONE = "Compared without any context: with third texts the store may decide a close case otherwise."
IN_CONTEXT = "Compared among the other texts of its eight days, as the store does."
IN_FILE = "Compared among the other texts of the collection."


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
    two = _in_collection(in_, left, right) if in_ else _named(left, right)
    if html:
        write_page(html, comparison_page(two.found, two.texts, two.names, two.reason))
        ERR.print(f"written: {plain(html)}", soft_wrap=True)
    print_json(_as_json(two)) if json else _print(two)
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Two:
    """Two texts that were compared, the left one of *found* first."""

    found: Comparison
    texts: tuple[str, str]
    names: tuple[str, str]
    asked: tuple[str, str]  # as the arguments named them, in the same order
    reason: str  # in which context

    @property
    def removed(self) -> tuple[Sequence[Removed], Sequence[Removed]]:
        return self.found.removed_left, self.found.removed_right


def _named(left: str, right: str) -> _Two:
    if not Path(left).is_file() and not Path(right).is_file():
        return _in_store(left, right)
    texts = _read(Path(left)), _read(Path(right))
    files = [ArticleText(id=side, text=text) for side, text in zip(("left", "right"), texts, strict=True)]
    found = compare_in(InCollection(files), *files)
    return _Two(found=found, texts=texts, names=(Path(left).name, Path(right).name), asked=(left, right), reason=ALONE)


def _in_store(left: str, right: str) -> _Two:
    layout = layout_of(load_settings())
    one, two = _article(layout, left), _article(layout, right)
    _two_of(one.id, two.id)
    return _ordered(compare_in(InStore(layout), one, two), {one.id: (left, one), two.id: (right, two)}, IN_CONTEXT)


def _in_collection(path: Path, left: str, right: str) -> _Two:
    articles = read_collection(path)
    known = {one.id: one for one in articles}
    for name in (left, right):
        if name not in known:
            raise UsageError(f"{path} has no id {name!r}. Ids there: {', '.join(map(repr, list(known)[:5]))} …")
    _two_of(left, right)
    found = compare_in(InCollection(articles), known[left], known[right])
    return _ordered(found, {left: (left, known[left]), right: (right, known[right])}, IN_FILE)


def _article(layout: Layout, name: str) -> Member:
    if not layout.files.exists(layout.store):
        raise UsageError(f"{name} does not exist, and there is no store yet in which it could name an article.")
    try:
        return member_of(layout, name)
    except StoreError as error:
        raise UsageError(f"{name} does not exist as a file. {error}") from error


def _two_of(one: str, two: str) -> None:
    if one == two:
        raise UsageError(f"Both are {one}: name two.")


def _ordered(found: Comparison, ends: dict[str, tuple[str, Member | ArticleText]], reason: str) -> _Two:
    (one, left), (two, right) = ends[found.left_id], ends[found.right_id]
    names = (left.publisher or one, right.publisher or two)
    names = names if names[0] != names[1] else (one, two)
    return _Two(found=found, texts=(left.text, right.text), names=names, asked=(one, two), reason=reason)


def _as_json(two: _Two) -> dict[str, Any]:
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


def _print(two: _Two) -> None:
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
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(f"{path} does not exist.") from error
    except (UnicodeDecodeError, OSError) as error:
        raise UsageError(f"{path} cannot be read as UTF-8 text ({error}).") from error
