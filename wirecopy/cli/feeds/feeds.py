"""`wirecopy feeds`: the feed list and how its feeds are."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from ingest.feedlist.feededit import id_for, with_feeds, without_feed
from ingest.feedlist.feedlist import load_feeds, parse_feed_list
from ingest.feedlist.opml import read_opml, write_opml
from ingest.records import Feed
from wirecopy.cli.feeds.feedfile import change_feed_list, feeds_in, read_feed_list
from wirecopy.cli.feeds.history import look_for_history, print_history
from wirecopy.cli.feeds.looking import add_those_well, look_at_feeds, print_checks, print_left_out
from wirecopy.cli.show.console import ERR, OUT, Json, plain, print_json, print_rows
from wirecopy.cli.show.targets import refuse_data_folder
from wirecopy.errors import UsageError
from wirecopy.explain.wording import largest_unit
from wirecopy.feeds.checking import pages_without_text
from wirecopy.feeds.digest import FeedHealth, feed_healths
from wirecopy.settings import Settings, load_settings
from wirecopy.store.files.layout import layout_of

feeds = App(name="feeds", help="Look after the feed list: find feeds, add, remove, how they are, OPML.")
feeds.command(
    "wirecopy.cli.feeds.discovering:discover",
    name="discover",
    help="Find the feeds of a site, and add those that you choose to the feed list.",
)
feeds.command(
    "wirecopy.cli.feeds.world:world",
    name="world",
    help="Show the shipped list of news feeds from all continents, or add them to the feed list.",
)


@feeds.command(name="list")
def list_(*ids: str, json: Json = False) -> int:
    """Show how feeds are: last success, next poll, failures in a row, rhythm, and what is odd about them.

    new: never polled. well: the last poll was read. failing: it was not, and the pause grows. outage: most hosts failed
    at once, which counts against nobody. resting: gone (410), asked once a month.

    ```
    wirecopy feeds list
    wirecopy feeds list bbc-world --json
    ```
    """
    settings = load_settings()
    chosen = {feed.id for feed in _chosen(settings, ids)}
    found = [one for one in feed_healths(settings, layout_of(settings)) if one.feed_id in chosen]
    if json:
        print_json([_plain(asdict(one)) for one in found])
        return 0
    columns = ("feed", "condition", "last read", "next poll", "failures", "every", "rhythm", "odd")
    print_rows(str(settings.feed_list), columns, [_row(one, settings.clock()) for one in found], numbers="failures")
    for one in found:
        for notice in one.notices:
            ERR.print(f"[yellow]{plain(one.feed_id)}[/] {plain(notice)}", soft_wrap=True)
    return 0


@feeds.command
def check(
    *ids: str,
    no_history: Annotated[bool, Parameter(name=["--no-history"], help="Look for no sources of their past.")] = False,
    json: Json = False,
) -> int:
    """Ask feeds now, as a run would, and say what is wrong and what to do. Takes and stores no article.

    Also finds the sources of each feed's past (sitemaps, WordPress, …) and how far back they reach: backfills use what
    is found for a month. Names pages that gave no article text, from the store's outcomes. Exit 1 if a feed is wrong.

    ```
    wirecopy feeds check
    wirecopy feeds check bbc-world --json
    wirecopy feeds check --no-history
    ```
    """
    settings = load_settings()
    pages = pages_without_text(layout_of(settings))
    found = [
        replace(one, no_text=tuple(pages.get(one.feed_id, ())))
        for one in look_at_feeds(settings, _chosen(settings, ids))
    ]
    places = {} if no_history else look_for_history([one.feed_id for one in found if not one.problems])
    if json:
        print_json([asdict(one) | {"history": places.get(one.feed_id, [])} for one in found])
    else:
        print_checks(found)
        print_history(places)
    return 1 if any(one.problems for one in found) else 0


@feeds.command
def add(
    *urls: str,
    id_: Annotated[str | None, Parameter(name=["--id"], help="Feed id (of a single address).")] = None,
    publisher: Annotated[str | None, Parameter(help="Whose feed it is; default: the domain.")] = None,
    language: Annotated[str | None, Parameter(help="Language code, such as en.")] = None,
    tag: Annotated[list[str] | None, Parameter(name=["--tag"], help="A tag for its articles; may be repeated.")] = None,
    every: Annotated[str | None, Parameter(help="Shortest time between two polls, such as 15m or 1h.")] = None,
    first_poll: Annotated[str | None, Parameter(help="What it brings at first: all, new, or such as 2d.")] = None,
    unchecked: Annotated[bool, Parameter(name=["--unchecked"], help="Add it without a look at it.")] = False,
) -> int:
    """Add feeds to the feed list, each after a look at it. What stands there stays as it is, comments too.

    Exit 1 if one of them is no good feed: that one is not added.

    ```
    wirecopy feeds add https://feeds.bbci.co.uk/news/world/rss.xml --id bbc-world --publisher BBC
    ```
    """
    if not urls or (id_ and len(urls) > 1):
        raise UsageError("Name one or more addresses of feeds; --id goes with a single one.")
    settings = load_settings()
    old = read_feed_list(settings)
    there = {feed.url: feed.id for feed in feeds_in(settings, old)}
    tables: list[dict[str, Any]] = []
    for url in dict.fromkeys(urls):
        if url in there:
            raise UsageError(f"{url} is in {settings.feed_list} already, as {there[url]}.")
        feed_id = id_ or id_for(url, {*there.values(), *(table["id"] for table in tables)})
        tables.append({
            "id": feed_id, "url": url, "publisher": publisher, "language": language, "tags": tag, "every": every,
            "first_poll": first_poll,
        })  # fmt: skip
    good, bad = add_those_well(settings, old, tables, unchecked=unchecked)
    for table in good:
        OUT.print(f"added {plain(table['id'])} to {plain(settings.feed_list)}", soft_wrap=True)
    return print_left_out(bad)


@feeds.command
def remove(*ids: str) -> int:
    """Take feeds out of the feed list. Their articles stay; what stands around them stays too.

    ```
    wirecopy feeds remove bbc-world
    ```
    """
    if not ids:
        raise UsageError("Name the feeds to remove: `wirecopy feeds list` shows their ids.")
    settings = load_settings()

    def cut(text: str) -> str:
        for feed_id in ids:
            text = without_feed(text, feed_id, name=str(settings.feed_list))
        return text

    _chosen(settings, ids)  # names the near ones
    change_feed_list(settings, cut)
    OUT.print(f"removed {plain(', '.join(ids))} from {plain(settings.feed_list)}", soft_wrap=True)
    return 0


@feeds.command(name="import")
def import_(
    file: Annotated[Path, Parameter(help="An OPML file of any feed reader.")],
    /,
    *,
    dry_run: Annotated[bool, Parameter(name=["--dry-run"], help="Only say what would be added.")] = False,
) -> int:
    """Add the feeds of an OPML file to the feed list, unchecked (`wirecopy feeds check` looks at them). Folders become
    tags; feeds that are there already, and other lists that it includes, are left.

    ```
    wirecopy feeds import subscriptions.opml --dry-run
    ```
    """
    settings = load_settings()
    old = read_feed_list(settings)
    known = parse_feed_list(old, name=str(settings.feed_list)).feeds if old else ()
    try:
        found = read_opml(file.read_bytes(), known=known, name=str(file))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error}.") from error
    if found.feeds and not dry_run:
        change_feed_list(settings, lambda text: with_feeds(text, found.feeds, name=str(settings.feed_list)))
    print_rows(str(file), ("feed", "address", "tags"), [(f["id"], f["url"], ", ".join(f["tags"])) for f in found.feeds])
    for url, reason in found.left:
        ERR.print(f"left {plain(url or 'an outline without an address')}: {plain(reason)}", soft_wrap=True)
    for other in found.lists:
        ERR.print(f"left {plain(other)}: another list, get it and import it by itself", soft_wrap=True)
    ERR.print(f"{len(found.feeds)} feeds {'would be ' if dry_run else ''}added, {len(found.left)} left")
    return 0


@feeds.command
def export(file: Annotated[Path | None, Parameter(help="Where to; default: stdout.")] = None, /) -> int:
    """Write the feed list as OPML 2.0, for feed readers. Headers and intervals stay behind.

    ```
    wirecopy feeds export feeds.opml
    ```
    """
    settings = load_settings()
    listed = _chosen(settings, ())
    body = write_opml(listed, now=settings.clock())
    if file is None:
        sys.stdout.buffer.write(body)
        return 0
    refuse_data_folder(file)
    try:
        file.write_bytes(body)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error}.") from error
    ERR.print(f"written: {plain(file)}, {len(listed)} feeds", soft_wrap=True)
    return 0


def _chosen(settings: Settings, ids: Sequence[str]) -> list[Feed]:
    """The named feeds of the list, or all; FeedListError names the near ones."""
    listed = load_feeds(settings.feed_list)
    return [listed.feed(feed_id) for feed_id in dict.fromkeys(ids)] if ids else list(listed.feeds)


def _row(one: FeedHealth, now: datetime) -> tuple[object, ...]:
    odd = [name for name, is_so in (("silent", one.silent), ("gap", one.gap)) if is_so]
    odd += ["moved"] if any("moved" in notice or "redirected" in notice for notice in one.notices) else []
    due = "now" if one.next_due is None or one.next_due <= now else f"in {largest_unit(one.next_due - now)}"
    read = f"{largest_unit(now - one.last_success_at)} ago" if one.last_success_at else "never"
    rhythm = largest_unit(timedelta(minutes=one.median_minutes)) if one.median_minutes is not None else ""
    return one.feed_id, one.condition, read, due, one.failures, largest_unit(one.every), rhythm, ", ".join(odd)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Lengths as seconds, for programs."""
    return row | {"every": row["every"].total_seconds()}
