"""A look at feeds before they are added, and by `wirecopy feeds check`: asked with a bar, told as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from wirecopy.cli.console import OUT, plain, print_rows, progress_bar
from wirecopy.cli.wording import instant_or_none
from wirecopy.settings import Settings

if TYPE_CHECKING:
    from ingest.records import Feed
    from wirecopy.steps.checking import FeedCheck

SHOWN: Final = 3  # pages without text that are named per feed


def look_at_feeds(settings: Settings, chosen: Sequence[Feed]) -> list[FeedCheck]:
    """Ask each of *chosen* now, with a bar on a terminal."""
    from wirecopy.steps.checking import check_feeds

    with progress_bar() as report:
        so_far = 0

        def done(count: int) -> None:
            nonlocal so_far
            so_far += count
            report("asking feeds", so_far, len(chosen))

        return check_feeds(settings, chosen, done)


def print_checks(found: Sequence[FeedCheck]) -> None:
    """A table, then what is wrong in sentences."""
    if not found:
        return
    columns = ("feed", "answer", "entries", "newest (UTC)", "ms", "pages without text")
    print_rows("feeds, as they are now", columns, [
        (one.feed_id, one.code, one.entries, instant_or_none(one.newest), one.milliseconds, len(one.no_text))
        for one in found
    ], numbers="entries ms")  # fmt: skip
    for one in found:
        for problem in one.problems:
            OUT.print(f"[red]{plain(one.feed_id)}[/] {plain(problem)}", soft_wrap=True)
        for note in one.notes:
            OUT.print(f"[yellow]{plain(one.feed_id)}[/] {plain(note)}", soft_wrap=True)
        for page in one.no_text[:SHOWN]:
            OUT.print(f"{plain(one.feed_id)} no text on {plain(page)}", soft_wrap=True)
