"""Checks of the values of feeds.toml: each returns the rest of a sentence about the problem, empty if there is none."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from ingest.text.secrets import hide_secrets

_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
_BEGINNING: Final = re.compile(r"(?:[\w-]+(?:\.[\w-]+)+)?/[^\s?#]*$")  # a path, or a host and its path
_OUR_HEADERS: Final = frozenset(("host", "content-length", "transfer-encoding", "connection", "accept-encoding"))


def duration(text: str) -> timedelta:
    """`15m`, `1h` or `1d`, at least a minute; ValueError for anything else."""
    match = re.fullmatch(r"\s*(\d{1,6})\s*([mhd])\s*", text)
    if not match or int(match[1]) == 0:
        raise ValueError(text)
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def reach_back(first_poll: str) -> timedelta | None:
    """How far before its first poll a new feed's entries are taken: None for `all`, zero for `new`, else as written.

    Raises ValueError for anything else.
    """
    word = first_poll.strip()
    return None if word == "all" else timedelta() if word == "new" else duration(word)


def _id(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"[a-z0-9][a-z0-9._-]*", value):
        return ""
    return f"must consist of a-z, 0-9, '.', '_' and '-' and begin with a letter or digit, but it is {value!r}."


def _url(value: object) -> str:
    if not isinstance(value, str):
        return _text(value)
    try:
        parts = urlsplit(value)
        if parts.username is not None:
            return 'holds a password. Send it as a header: headers = { Authorization = "Basic …" }.'
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not re.search(r"\s", value):
            return ""
    except ValueError:
        pass  # a port beyond 65535, a bracket that opens no address
    return f"must be a whole http:// or https:// URL, but it is {hide_secrets(value)!r}."


def _text(value: object) -> str:
    return "" if isinstance(value, str) and value.strip() else f"must be text in quotes, but it is {value!r}."


def _language(value: object) -> str:
    good = isinstance(value, str) and re.fullmatch(r"[a-z]{2,3}", value)
    return "" if good else f'must be a language code of two or three letters such as "en", but it is {value!r}.'


def _tags(value: object) -> str:
    good = isinstance(value, list) and all(isinstance(tag, str) and tag.strip() for tag in value)
    return "" if good else f'must be a list of texts such as ["world", "politics"], but it is {value!r}.'


def _read_by(read: Callable[[str], object], must: str) -> Callable[[object], str]:
    """A check that accepts texts which *read* accepts; *read* raises ValueError otherwise."""

    def check(value: object) -> str:
        try:
            read(value if isinstance(value, str) else "")
        except ValueError:
            return f"must be {must}, but it is {value!r}."
        return ""

    return check


def _headers(value: object) -> str:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        return 'must be a table of texts such as { "X-Key" = "…" }; what it is is not shown, as it may hold a key.'
    for name, text in value.items():
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) or re.search(r"[\x00-\x08\x0a-\x1f\x7f]", text):
            return f"holds {name!r}, which is no header that can be sent."
        if name.lower() in _OUR_HEADERS:
            return f"holds {name!r}, which is ours to set. Remove it."
    return ""


def _secret(value: object) -> str:
    good = isinstance(value, list) and all(isinstance(name, str) and name.strip() for name in value)
    return "" if good else 'must be a list of names of parameters such as ["token"].'


HISTORY: Final = ("sitemap", "wordpress", "paging", "template", "wayback", "warc")
"""Names of the sources of history that a feed may name."""


def _history(value: object) -> str:
    known = ", ".join(f'"{name}"' for name in HISTORY)
    good = isinstance(value, list) and all(name in HISTORY for name in value)
    return "" if good else f"must be a list of sources of history, of {known} ([]: none), but it is {value!r}."


def _archive(value: object) -> str:
    problem = _url(re.sub(r"\{\w*\}", "1", value) if isinstance(value, str) else value)
    fields = set(re.findall(r"\{(.*?)\}", value)) if isinstance(value, str) else set()
    if problem or "yyyy" not in fields or fields - {"yyyy", "mm", "m", "dd", "d"}:
        return (
            "must be an address with {yyyy}, and {mm} and {dd} (or {m} and {d}, without zeros) where they stand, such "
            f'as "https://gazette.example/archive/{{yyyy}}/{{mm}}/{{dd}}/", but it is {value!r}.'
        )
    return ""


def _section(value: object) -> str:
    good = isinstance(value, list) and value and all(isinstance(one, str) and _BEGINNING.match(one) for one in value)
    if good:
        return ""
    return (
        'must be a list of beginnings of paths, such as ["/sport/", "/football/"] (["/"]: the whole site), '
        f"but it is {value!r}."
    )


KEYS: Final[dict[str, Callable[[object], str]]] = {
    "id": _id,
    "url": _url,
    "publisher": _text,
    "language": _language,
    "tags": _tags,
    "every": _read_by(duration, 'minutes, hours or days in quotes such as "15m", "1h" or "1d"'),
    "first_poll": _read_by(reach_back, '"all", "new", or how far back in quotes such as "12h" or "2d"'),
    "headers": _headers,
    "history": _history,
    "archive": _archive,
    "section": _section,
    "secret": _secret,
}
REQUIRED: Final = {"id": '"bbc-world"', "url": '"https://…"'}  # with an example
