"""`wirecopy revisions`: what changed in an article."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter

from wirecopy.cli.show.console import OUT, Json, plain, print_json
from wirecopy.explain.revising import Change, History, history_of
from wirecopy.explain.wording import counted, duration, instant
from wirecopy.settings import load_settings
from wirecopy.store.files.layout import layout_of

COLOURS = {"-": "red", "+": "green"}


def revisions(
    article: Annotated[str, Parameter(help="An article_id or how it begins, an address, or words of a headline.")],
    /,
    *,
    json: Json = False,
) -> int:
    """Show what changed in an article: all its texts in their order, and the lines that differ.

    A line that begins with - went, one with + came; headlines count too.

    ```
    wirecopy revisions "tram extension"
    wirecopy query "SELECT publisher, title, count(*) FROM revisions_shown GROUP BY ALL"
    ```
    """
    found = history_of(layout_of(load_settings()), article)
    print_json(asdict(found)) if json else _print(found)
    return 0


def _print(found: History) -> None:
    last = found.versions[-1]
    OUT.print(f"[bold]{plain(last.title or found.article_id)}[/]", soft_wrap=True)
    OUT.print(
        plain(f"{found.publisher}, published {instant(found.published_at)}: {counted(len(found.versions), 'text')}"),
        soft_wrap=True,
    )
    if len(found.versions) == 1:
        OUT.print("It has not changed since it was first captured.")
    for before, version in zip(found.versions, found.versions[1:], strict=False):
        later = duration(version.captured_at - before.captured_at)
        OUT.print(f"\n[bold]{instant(version.captured_at)}[/], {later} after the text before it", soft_wrap=True)
        for change in version.changes:
            _print_change(change)


def _print_change(change: Change) -> None:
    OUT.print(f"[{COLOURS[change.sign]}]{change.sign} {plain(change.line)}[/]", soft_wrap=not OUT.is_terminal)
