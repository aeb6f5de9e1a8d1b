"""`wirecopy feeds world`: the shipped list of news feeds, to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from cyclopts import Parameter

from ingest.feedlist.catalogue import chosen
from ingest.feedlist.feededit import id_for
from ingest.records import Feed
from ingest.text.urls import host_of, without_www
from wirecopy.cli.feeds.feedfile import feeds_in, read_feed_list
from wirecopy.cli.feeds.looking import add_those_well, print_left_out
from wirecopy.cli.show.console import ERR, Json, plain, print_json, print_rows
from wirecopy.settings import load_settings

COLUMNS = ("id", "publisher", "continent", "country", "language", "address")


def world(
    *ids: str,
    language: Annotated[str | None, Parameter(help="Only feeds in this language, such as es.")] = None,
    continent: Annotated[
        str | None, Parameter(help="Only of africa, asia, europe, north-america, oceania or south-america.")
    ] = None,
    country: Annotated[str | None, Parameter(help="Only of publishers in this country, such as NG.")] = None,
    add: Annotated[bool, Parameter(name=["--add"], help="Put them into the feed list, after a look at each.")] = False,
    unchecked: Annotated[bool, Parameter(name=["--unchecked"], help="Add them without a look.")] = False,
    json: Json = False,
) -> int:
    """Show the shipped list of news feeds from all continents, or add them to the feed list.

    A feed that does not answer well now is not added and named: exit 1 then. Feeds that are in the list are left.

    ```
    wirecopy feeds world --language es
    wirecopy feeds world --continent africa --add
    wirecopy feeds world bbc-world le-monde --add
    ```
    """
    found = chosen(ids=ids, language=language, continent=continent, country=country)
    if add:
        return _add([one.table() for one in found], unchecked=unchecked)
    if json:
        print_json([asdict(one) for one in found])
        return 0
    rows = [(one.id, one.publisher, one.continent, one.country, one.language, one.url) for one in found]
    print_rows("news feeds of the world", COLUMNS, rows)
    ERR.print(f"{len(found)} feeds; --add puts them into the feed list", soft_wrap=True)
    return 0


def _add(tables: list[dict[str, Any]], *, unchecked: bool) -> int:
    """Those that are well, at the end of the feed list."""
    settings = load_settings()
    name, old = plain(settings.feed_list), read_feed_list(settings)
    mine = feeds_in(settings, old)
    new = [_beside(mine, one) for one in tables if one["url"] not in {feed.url for feed in mine}]
    if not new:
        ERR.print(f"nothing to add: all {len(tables)} are in {name}", soft_wrap=True)
        return 0
    good, bad = add_those_well(settings, old, new, unchecked=unchecked)
    ERR.print(f"{len(good)} feeds added to {name}, {len(tables) - len(new)} were there", soft_wrap=True)
    return print_left_out(bad)


def _beside(mine: Sequence[Feed], table: dict[str, Any]) -> dict[str, Any]:
    """*table* under an id of its own; a host that the user's list gives a publisher keeps that one."""
    taken = {feed.id for feed in mine}
    named = {without_www(host_of(feed.url)) for feed in mine if feed.publisher}
    own_id = table["id"] if table["id"] not in taken else id_for(table["id"], taken)
    publisher = None if without_www(host_of(table["url"])) in named else table["publisher"]
    return table | {"id": own_id, "publisher": publisher}
