"""feeds.toml: which feeds to read, and which host belongs to which publisher.

All problems of a file are reported at once, each with its line and the next step.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from ingest.errors import FeedListError
from ingest.feedlist.feedkeys import KEYS, REQUIRED, duration
from ingest.feedlist.tomllines import TomlLines
from ingest.records import Feed
from ingest.text.secrets import hide_secrets
from ingest.text.urls import host_of, registered_domain, without_www

TOP_KEYS: Final = ("feed", "publishers", "agencies")
EXAMPLE: Final = '[[feed]]\nid = "bbc-world"\nurl = "https://feeds.bbci.co.uk/news/world/rss.xml"'


@dataclass(frozen=True, slots=True)
class FeedList:
    """The feeds of one file, and the publisher of each host."""

    feeds: tuple[Feed, ...]
    publishers: Mapping[str, str] = field(default_factory=dict)  # host without port → name
    agencies: Mapping[str, str] = field(default_factory=dict)  # another name of an agency, case levelled → its name
    _by_host: Mapping[str, str] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        own = {without_www(host_of(feed.url)): feed.publisher for feed in self.feeds if feed.publisher}
        named = {without_www(host): name for host, name in self.publishers.items()}
        object.__setattr__(self, "_by_host", {**own, **named})

    def publisher_of(self, host: str) -> str:
        """The publisher of pages on *host*: by [publishers], else by a feed on that host, else its registered domain.

        It never depends on the feed that led there.
        """
        bare = without_www(host)
        return self._by_host.get(bare) or registered_domain(bare)

    def agency_of(self, credited: str | None) -> str | None:
        """The name of the agency that a page credits as *credited*: by [agencies], else as it is credited."""
        return self.agencies.get(credited.casefold(), credited) if credited else credited

    def feed(self, feed_id: str) -> Feed:
        """The feed of that id; FeedListError names the near ones."""
        for feed in self.feeds:
            if feed.id == feed_id:
                return feed
        near = _suggestion(feed_id, [feed.id for feed in self.feeds])
        raise FeedListError(f"there is no feed {feed_id!r} in the feed list.{near}")


def load_feeds(path: Path | str) -> FeedList:
    """The feeds of the TOML file *path*; FeedListError lists every problem with its line and the next step."""
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        advice = f"Create it, or name another file in WIRECOPY_FEEDS. A feed looks like this:\n{EXAMPLE}"
        raise FeedListError(f"{path} does not exist. {advice}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise FeedListError(f"{path} cannot be read ({error}). It must be a readable file in UTF-8.") from error
    return parse_feed_list(text, name=str(path))


def parse_feed_list(text: str, *, name: str = "feeds.toml") -> FeedList:
    """The feeds of the TOML *text*; errors name it *name*."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problem = str(error).replace(
            "at end of document", f"at line {text.count(chr(10)) + 1}, the end of the document"
        )
        raise FeedListError(f"{name} is not valid TOML: {problem}. Correct that line and run again.") from error
    reader = _Reader(text)
    result = reader.read(data)
    if reader.problems:
        raise FeedListError(_message(name, reader.problems))
    return result


class _Reader:
    """Turns parsed TOML into a FeedList and collects (line, problem) on the way."""

    def __init__(self, text: str) -> None:
        self._lines = TomlLines(text, "feed")
        self.problems: list[tuple[int, str]] = []

    def read(self, data: dict[str, Any]) -> FeedList:
        for key in data:
            if key not in TOP_KEYS:
                self._problem(self._lines.top(key), f"unknown table {key!r}.{_suggestion(key, TOP_KEYS)}")
        tables = self._tables(data)
        feeds = [feed for index, table in enumerate(tables) if (feed := self._feed(index, table))]
        self._check_unique(tables)
        self._check_hosts(tables)
        return FeedList(
            tuple(feeds), self._publishers(data.get("publishers", {})), self._agencies(data.get("agencies", {}))
        )

    def _tables(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        tables = data.get("feed", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self._problem(self._lines.top("feed"), "each feed is a table headed [[feed]], with two brackets.")
            return []
        if not tables:
            self._problem(1, f"there is no feed. Add one:\n{EXAMPLE}")
        return tables

    def _feed(self, index: int, table: dict[str, Any]) -> Feed | None:
        """The feed of one table, or None with its problems noted."""
        before = len(self.problems)
        for key, value in table.items():
            if key not in KEYS:
                self._at(index, key, f"unknown key {key!r}.{_suggestion(key, KEYS)}")
            elif problem := KEYS[key](value):
                self._at(index, key, f"{key} {problem}")
        for key, example in REQUIRED.items():
            if key not in table:
                self._at(index, None, f"{key} is missing. Add {key} = {example}.")
        if len(self.problems) > before:
            return None
        every = {"every": duration(table["every"])} if "every" in table else {}
        names = ("tags", "secret", "history", "section")
        lists: dict[str, Any] = {key: tuple(table[key]) for key in names if key in table}
        return Feed(**{**table, **lists, **every})

    def _check_unique(self, tables: list[dict[str, Any]]) -> None:
        """No two feeds of one id or one URL."""
        for key, advice in (("id", "Rename one of the two."), ("url", "Remove one of the two.")):
            first: dict[str, int] = {}
            for index, table in enumerate(tables):
                value = table.get(key)
                if isinstance(value, str) and (other := first.setdefault(value, index)) != index:
                    line = self._lines.key(other, key)
                    self._at(index, key, f"{key} {hide_secrets(value)!r} stands on line {line} too. {advice}")

    def _check_hosts(self, tables: list[dict[str, Any]]) -> None:
        """A publisher is a function of the host, so feeds of one host cannot name two."""
        first: dict[str, int] = {}
        for index, table in enumerate(tables):
            publisher, url = table.get("publisher"), table.get("url")
            if not isinstance(publisher, str) or KEYS["url"](url):
                continue
            host = (urlsplit(str(url)).hostname or "").removeprefix("www.")
            other = first.setdefault(host, index)
            if publisher != tables[other]["publisher"]:
                line = self._lines.key(other, "publisher")
                advice = "Remove both and name the hosts of their pages in [publishers]."
                self._at(
                    index, "publisher", f"publisher {publisher!r} differs from line {line}, also of {host}. {advice}"
                )

    def _publishers(self, table: Any) -> dict[str, str]:
        if not isinstance(table, dict):
            self._problem(self._lines.top("publishers"), '[publishers] is a table of "host" = "name".')
            return {}
        flat = dict(_flattened(table))
        for host, name in flat.items():
            if problem := _publisher_problem(host, name):
                self._problem(self._lines.top(host), f"[publishers] {host!r} {problem}")
        return {host: name for host, name in flat.items() if isinstance(name, str)}

    def _agencies(self, table: Any) -> dict[str, str]:
        if not isinstance(table, dict):
            self._problem(self._lines.top("agencies"), '[agencies] is a table of "name" = ["other name", …].')
            return {}
        found: dict[str, str] = {}
        for name, others in table.items():
            if not isinstance(others, list) or not all(isinstance(other, str) and other.strip() for other in others):
                advice = f'must be a list of names, such as "{name}" = ["Agence Exemple", "AEX"].'
                self._problem(self._lines.top(name), f"[agencies] {name!r} {advice}")
                continue
            found |= {other.casefold(): name for other in others}
        return found

    def _at(self, index: int, key: str | None, problem: str) -> None:
        self._problem(self._lines.key(index, key), f"feed {index + 1}: {problem}")

    def _problem(self, line: int, problem: str) -> None:
        self.problems.append((line, problem))


def _publisher_problem(host: str, name: object) -> str:
    if not isinstance(name, str) or not name.strip():
        return f'must be a name in quotes, such as "{host}" = "The Daily Example".'
    if "/" in host or not (any(sign in host for sign in ".:") or host == "localhost"):
        return "is no host. Write the host only, without http:// and path."
    return ""


def _flattened(table: dict[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    """`bbc.co.uk = "BBC"` without quotes is a table within a table to TOML."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flattened(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _suggestion(word: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    return f" Did you mean {close[0]!r}?" if close else f" Known: {', '.join(names[:12])}."


def _message(name: str, problems: list[tuple[int, str]]) -> str:
    many = f"{len(problems)} problems" if len(problems) > 1 else "one problem"
    told = "\n".join(f"  line {line}: {problem}" for line, problem in sorted(problems))
    return f"{name} has {many}:\n{told}\nCorrect the file and run again."
