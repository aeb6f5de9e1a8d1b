"""`wirecopy feeds discover`: what feeds a site has, and the chosen ones into the feed list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from cyclopts import Parameter

from ingest.feedlist.feededit import id_for, with_feeds
from wirecopy.cli.feeds.feedfile import change_feed_list, feeds_in, read_feed_list
from wirecopy.cli.show.console import ERR, Json, plain, print_json, print_rows, progress_bar
from wirecopy.errors import UsageError
from wirecopy.explain.wording import instant_or_none
from wirecopy.feeds.discovering import Discovery, FoundFeed
from wirecopy.feeds.discovering import discover as search
from wirecopy.feeds.nextsteps import NEXT_STEPS
from wirecopy.settings import Settings, load_settings

SHOWN = 5  # reasons of one kind that are spelt out


def discover(
    site: Annotated[str, Parameter(help="A site, or one of its pages: bbc.com, https://www.lemonde.fr/planete/.")],
    /,
    *,
    add: Annotated[
        list[str] | None,
        Parameter(
            name=["--add"],
            consume_multiple=True,
            help="Put feeds into the feed list: the only one, or those of these numbers, or all.",
        ),
    ] = None,
    json: Json = False,
) -> int:
    """Find the feeds of a site, and add those that you choose to the feed list.

    Found are those that its page names, news sitemaps of its robots.txt, else those at the usual places. Each is
    read as a run would read it. Exit 1 if there is none.

    ```
    wirecopy feeds discover bbc.com/news
    wirecopy feeds discover bbc.com/news --add 1 3
    ```
    """

    settings = load_settings()
    listed = _listed(settings)
    with progress_bar() as report:
        found = search(settings, site, lambda done, total: report("asking addresses", done, total))
    if json:
        print_json(asdict(found) | {"feeds": [asdict(one) | {"listed_as": listed.get(one.url)} for one in found.feeds]})
    elif found.feeds:
        _print_found(found, listed)
    if not found.feeds:
        _print_none(found)
        return 1
    return 0 if add is None else _add(settings, found, add, listed)


def _listed(settings: Settings) -> dict[str, str]:
    """Address → id of the feeds in the list; empty if there is none yet."""
    return {feed.url: feed.id for feed in feeds_in(settings, read_feed_list(settings))}


def _print_found(found: Discovery, listed: dict[str, str]) -> None:
    columns = ("no", "address", "kind", "title", "entries", "newest (UTC)", "language", "in your list as")
    print_rows(f"feeds of {found.site}", columns, [
        (number, one.url, one.kind, one.title or "", one.entries, instant_or_none(one.newest), one.language or "",
         listed.get(one.url, ""))
        for number, one in enumerate(found.feeds, 1)
    ], numbers="no entries")  # fmt: skip
    for number, one in enumerate(found.feeds, 1):
        for problem in one.problems:
            ERR.print(f"[yellow]{number}[/] {plain(problem)}", soft_wrap=True)
        for other in one.also:
            ERR.print(f"{number} shows the same entries at {plain(other)}", soft_wrap=True)


def _print_none(found: Discovery) -> None:
    """The reason, and the next step."""
    ERR.print(f"[yellow]no feed found[/] on {plain(found.site)}: {found.asked} addresses were asked", soft_wrap=True)
    told: Counter[str] = Counter()
    for url, reason in found.refused:
        code = reason.partition(":")[0]
        told[code] += 1
        if told[code] <= SHOWN and code != "http_4xx":  # a missing page was only a guess
            ERR.print(f"  {plain(url)}: {plain(reason)}", soft_wrap=True)
    if told["robots"]:
        ERR.print(f"robots.txt forbids {told['robots']} of them. Next: {NEXT_STEPS['robots']}", soft_wrap=True)
    ERR.print(
        "Next: look for a page called RSS or Feeds on the site and name that one, or the feed itself: "
        "`wirecopy feeds add ADDRESS`",
        soft_wrap=True,
    )


def _add(settings: Settings, found: Discovery, numbers: Sequence[str], listed: dict[str, str]) -> int:
    """Append the chosen feeds to the feed list; feeds that are there already are reported, not doubled."""
    tables: list[dict[str, Any]] = []
    for one in _chosen(found, numbers):
        if one.url in listed:
            ERR.print(f"{plain(one.url)} is in {plain(settings.feed_list)} as {listed[one.url]}", soft_wrap=True)
            continue
        taken = {*listed.values(), *(table["id"] for table in tables)}
        tables.append({"id": id_for(one.url, taken), "url": one.url, "language": one.language})
    if tables:
        change_feed_list(settings, lambda text: with_feeds(text, tables, name=str(settings.feed_list)))
    for table in tables:
        ERR.print(f"added {plain(table['id'])} to {plain(settings.feed_list)}", soft_wrap=True)
    return 0


def _chosen(found: Discovery, numbers: Sequence[str]) -> list[FoundFeed]:
    """By number; without one the only feed that is well."""
    good = [one for one in found.feeds if not one.problems]
    if list(numbers) == ["all"]:
        return good
    if not numbers and len(good) == 1:
        return good
    wrong = [number for number in numbers if not (number.isdecimal() and 1 <= int(number) <= len(found.feeds))]
    if wrong or not numbers:
        what = f"There is no number {', '.join(wrong)}" if wrong else f"{len(good)} of the feeds are well"
        raise UsageError(f"{what}. Say which: --add takes numbers of the table (1 to {len(found.feeds)}), or all.")
    return [found.feeds[number - 1] for number in sorted({int(number) for number in numbers})]
