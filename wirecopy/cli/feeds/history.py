"""The sources of feeds' past, for `wirecopy feeds check`: with a progress bar, shown as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wirecopy import steps
from wirecopy.cli.show.console import OUT, plain, print_rows, progress_bar
from wirecopy.records import FoundPlace


def look_for_history(feed_ids: Sequence[str]) -> dict[str, list[FoundPlace]]:
    """What a look now finds for each of the feeds, with a bar on a terminal."""
    if not feed_ids:
        return {}
    with progress_bar() as report:
        so_far = 0

        def done(count: int) -> None:
            nonlocal so_far
            so_far += count
            report("looking for their past", so_far, len(feed_ids))

        return steps.find_places(feeds=feed_ids, progress=done)


def print_history(places: Mapping[str, Sequence[FoundPlace]]) -> None:
    """A table of what was found; a feed without any source is named with the reasons."""
    found = [(feed_id, one) for feed_id, of_feed in places.items() for one in of_feed if one["url"]]
    if found:
        print_rows(
            "sources of their past",
            ("feed", "source", "reaches back to", "takes", "address"),
            [
                (feed_id, one["source"], one["reaches"] or "unknown", " ".join(one["section"]) or "all", one["url"])
                for feed_id, one in found
            ],
        )
    for feed_id, one in found:
        if one["why"]:
            OUT.print(f"{plain(feed_id)}, {one['source']}: {plain(one['why'])}", soft_wrap=True)
    for feed_id, of_feed in places.items():
        if of_feed and not any(one["url"] for one in of_feed):
            why = "; ".join(f"{one['source']}: {one['why']}" for one in of_feed)
            OUT.print(f"[yellow]{plain(feed_id)}[/] has no source of its past ({plain(why)})", soft_wrap=True)
