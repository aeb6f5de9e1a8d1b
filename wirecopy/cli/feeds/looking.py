"""Polls of feeds before they are added, and for `wirecopy feeds check`: with a progress bar, shown as a table."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from ingest.feedlist.feededit import with_feeds
from ingest.feedlist.feedlist import parse_feed_list
from ingest.records import Feed
from wirecopy.cli.feeds.feedfile import change_feed_list
from wirecopy.cli.show.console import ERR, OUT, plain, print_rows, progress_bar
from wirecopy.explain.wording import instant_or_none
from wirecopy.feeds.checking import FeedCheck, check_feeds
from wirecopy.settings import Settings

SHOWN: Final = 3  # pages without text that are named per feed


def look_at_feeds(settings: Settings, chosen: Sequence[Feed]) -> list[FeedCheck]:
    """Ask each of *chosen* now, with a bar on a terminal."""
    with progress_bar() as report:
        so_far = 0

        def done(count: int) -> None:
            nonlocal so_far
            so_far += count
            report("asking feeds", so_far, len(chosen))

        return check_feeds(settings, chosen, done)


def add_those_well(
    settings: Settings, old: str, tables: Sequence[dict[str, Any]], *, unchecked: bool
) -> tuple[list[dict[str, Any]], set[str]]:
    """Add *tables* to the feed list, which reads *old*, each after a look at it, which is printed, unless *unchecked*;
    those added, and the ids of the others. A wrong address or key is told before anything is asked.
    """
    name = str(settings.feed_list)
    listed = parse_feed_list(with_feeds(old, tables, name=name))
    checks = [] if unchecked else look_at_feeds(settings, [listed.feed(table["id"]) for table in tables])
    bad = {one.feed_id for one in checks if one.problems}
    good = [table for table in tables if table["id"] not in bad]
    if good:
        change_feed_list(settings, lambda text: with_feeds(text, good, name=name))
    print_checks(checks)
    return good, bad


def print_left_out(bad: Collection[str]) -> int:
    """Print the feeds that were not added; returns the exit code."""
    for feed_id in sorted(bad):
        ERR.print(f"[yellow]not added[/] {plain(feed_id)} (--unchecked adds it all the same)", soft_wrap=True)
    return 1 if bad else 0


def print_checks(found: Sequence[FeedCheck]) -> None:
    """A table, then the problems in sentences."""
    if not found:
        return
    columns = ("feed", "answer", "entries", "newest (UTC)", "ms", "pages without text")
    print_rows(
        "feeds, as they are now",
        columns,
        [
            (one.feed_id, one.code, one.entries, instant_or_none(one.newest), one.milliseconds, len(one.no_text))
            for one in found
        ],
        numbers="entries ms",
    )
    for one in found:
        for problem in one.problems:
            OUT.print(f"[red]{plain(one.feed_id)}[/] {plain(problem)}", soft_wrap=True)
        for note in one.notes:
            OUT.print(f"[yellow]{plain(one.feed_id)}[/] {plain(note)}", soft_wrap=True)
        for page in one.no_text[:SHOWN]:
            OUT.print(f"{plain(one.feed_id)} no text on {plain(page)}", soft_wrap=True)
