"""What a WordPress feed stands for: the whole site, or one category, tag or author of it.

The address of such a feed is that of the site or of an archive, and /feed/ behind it. The API names the address of each
archive, whatever words the site uses for them, so the two are compared; nothing is read out of the words of a path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from ingest.errors import HttpStatus, ParseError
from ingest.feed.formats.document import read_document
from ingest.feed.formats.wordpressposts import ROUTE
from ingest.text.urls import host_of, registered_domain, without_www
from ingest.work import Getter
from wirecopy.history.asking import ask

_FEED_PATH: Final = re.compile(r"/(?:feed(?:/(?:rss2?|atom|rdf))?|wp-(?:rss2?|atom|rdf|feed)\.php|index\.php)/*$", re.I)
_COMMENTS: Final = re.compile(r"/comments(?:/|$)", re.IGNORECASE)
# Collection of the API → the parameter of the list of posts that limits it to a member of that collection.
COLLECTIONS: Final = {"categories": "categories", "tags": "tags", "users": "author"}
LIMITS: Final = frozenset(("categories[terms]", "tags", "author"))
"""Parameters by which `scope_of` limits a list."""
# Parameters of a feed's address that hold an id, and the one of the list of posts.
_IDS: Final = {"cat": "categories", "tag_id": "tags", "author": "author"}
_SLUGS: Final = {"category_name": "categories", "tag": "tags", "author_name": "users"}
# Parameters that limit a feed to what the API cannot be asked for in the same words.
_OTHERS: Final = frozenset(("s", "p", "page_id", "post_type", "year", "monthnum", "m", "day", "w", "taxonomy", "term"))


class NotToldError(Exception):
    """The feed stands for a part of the site that cannot be told; the message says so."""


async def scope_of(fetch: Getter, url: str, *, home: str, root: str) -> dict[str, str]:
    """The parameters that limit the list of posts to those of the feed at *url*; none for the feed of a whole site.

    *home* is the site's page as the feed names it, *root* the root of its API. A feed that another site serves says
    nothing by its address: what the list names has to decide. Raises NotToldError, FetchError.
    """
    own, site = _place(url), _place(home)
    query = dict(parse_qsl(urlsplit(url).query))
    if _COMMENTS.search(own) or _OTHERS & query.keys():
        raise NotToldError("the feed is one of comments, of a search or of a kind that the API cannot be asked for")
    for name, limit in _IDS.items():
        if query.get(name, "").isdigit():
            return _limit(limit, query[name])
    for name, collection in _SLUGS.items():
        if name in query:
            return _limit(COLLECTIONS[collection], await _id(fetch, root, collection, query[name], None))
    if own == site or "/" not in own:
        return {}
    if registered_domain(host_of(url)) != registered_domain(host_of(home)):  # a service that serves feeds of others
        return {}
    slug = own.rpartition("/")[2]
    for collection in _likely_first(own):
        try:
            found = await _id(fetch, root, collection, slug, own)
        except NotToldError:
            continue
        return _limit(COLLECTIONS[collection], found)
    raise NotToldError(f"the API names no category, tag or author at {own}: the posts of the site are not this feed's")


def _place(url: str) -> str:
    """Host and path of the page that a feed belongs to: one spelling for all that lead there."""
    parts = urlsplit(url)
    path = _FEED_PATH.sub("", unquote(parts.path).rstrip("/"))
    port = f":{parts.port}" if parts.port else ""
    return f"{without_www(parts.hostname or '')}{port}{path.rstrip('/')}"


def _likely_first(path: str) -> list[str]:
    """The words of a path only decide what is asked first."""
    first = "tags" if "/tag/" in path else "users" if "/author/" in path else "categories"
    return [first, *(one for one in COLLECTIONS if one != first)]


def _limit(parameter: str, number: str) -> dict[str, str]:
    """The feed of a category shows its sub-categories too."""
    if parameter == "categories":
        return {"categories[terms]": number, "categories[include_children]": "true"}
    return {parameter: number}


async def _id(fetch: Getter, root: str, collection: str, slug: str, place: str | None) -> str:
    """The id of the member called *slug*, at *place* if that is given. A closed collection has none."""
    glue = "&" if "?" in root else "?"
    url = f"{root}{ROUTE[1:]}{collection}{glue}slug={quote(slug)}&per_page=100&_fields=id,link,slug"
    try:
        members = json.loads(read_document(await ask(fetch, url, kind="json")).text)
    except HttpStatus as error:
        if error.status >= 500 or error.status == 429:
            raise
        members = []
    except (ValueError, RecursionError, ParseError):
        members = []
    for member in members if isinstance(members, list) else []:
        if isinstance(member, Mapping) and (place is None or _place(str(member.get("link", ""))) == place):
            return str(member.get("id", ""))
    raise NotToldError(f"the API has no {collection} called {slug}")
