"""The schema.org JSON-LD of a page: the one article that the page is about, even if the JSON is broken.

trafilatura's own reader hangs for over a minute on an unterminated string of 48 KB; everything here is linear in the
script's length. https://schema.org/NewsArticle
https://developers.google.com/search/docs/appearance/structured-data/article
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any, Final

Node = dict[str, Any]

MAX_JSON_CHARS: Final = 1_000_000  # the longest of 130 real pages has 604,863; json.loads needs 1 ms for 550,000
MAX_SCAVENGED: Final = 100_000  # of a script that is no JSON
MAX_NODES: Final = 500
MIN_LETTERS: Final = 8  # of a name that another agrees with
_PAGE_TYPES: Final = ("webpage", "itempage")
_ARTICLE_TYPE: Final = re.compile(
    r"(?:article|blogposting|liveblogposting|report|socialmediaposting|analysis|review)$", re.IGNORECASE
)
_FOLLOWED: Final = ("@graph", "mainEntity", "mainEntityOfPage", "@list", "@set")  # not hasPart: other articles
_FENCE: Final = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>|;)\s*$"
)
_TRAILING_COMMA: Final = re.compile(r",(?=\s*[}\]])")
_STRING_FIELD: Final = re.compile(
    r'"(datePublished|dateModified|headline|isAccessibleForFree|inLanguage|description)"\s*:\s*(?:"((?:[^"\\\n]|\\.){1,2000})"|(true|false))'
)


def main_article(scripts: list[str], urls: tuple[str, ...], names: tuple[str, ...] = ()) -> Node:
    """The article node that is about the page: one that names one of *urls*, or one of *names*; of several the best
    filled. Empty if there is none: a node that names another page and another headline is about that page. A
    WebPage's dates fill gaps.

    Values are as the page wrote them, but references by @id to another node of the page are followed for `author`
    and `publisher`.
    """
    nodes = [node for script in scripts for node in _nodes(script)][:MAX_NODES]
    articles = [node for node in nodes if any(_ARTICLE_TYPE.search(name) for name in types(node))]
    pages = [node for node in nodes if any(name.lower() in _PAGE_TYPES for name in types(node))]
    said = frozenset(key for name in names if (key := letters(name)))
    own = [node for node in articles if not _is_foreign(node, urls, said)]
    best = max(own, key=lambda node: _rank(node, urls, said), default={})
    merged = dict(next((page for page in pages if _names_one(page, urls) or len(pages) == 1), {}))
    for name in ("author", "name", "image", "articleBody", "@type"):  # a WebPage's name is the window title
        merged.pop(name, None)
    merged.update({key: value for key, value in best.items() if value not in (None, "", [], {})})
    return _resolved(merged, {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str)})


def node_text(value: Any) -> str | None:
    """The string in a JSON value: the first of a list, @value or name of an object; None for anything else."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name")
    return value if isinstance(value, str) and value.strip() else str(value) if type(value) in (int, float) else None


def types(node: Node) -> list[str]:
    """The node's schema.org type names."""
    names = node.get("@type")
    return [str(name) for name in (names if isinstance(names, list) else [names]) if name]


def _rank(node: Node, urls: tuple[str, ...], said: frozenset[str]) -> tuple[bool, bool, bool, bool, int]:
    return (
        _names_one(node, urls),
        _is_called(node, said),
        bool(node.get("headline")),
        bool(node.get("datePublished")),
        min(len(node), 8),
    )


def _is_foreign(node: Node, urls: tuple[str, ...], said: frozenset[str]) -> bool:
    """True if *node* names a page, but none of *urls*, and is called otherwise than this page calls itself."""
    return bool(_about(node)) and not _names_one(node, urls) and not _is_called(node, said)


def _names_one(node: Node, urls: tuple[str, ...]) -> bool:
    """True if *node* says that it is about one of *urls*. Queries count where both have one: they may tell pages."""
    for there in _about(node):
        for url in urls:
            (path, query), (own_path, own_query) = _parted(there), _parted(url)
            if path == own_path and (query == own_query or not query or not own_query):
                return True
    return False


def _about(node: Node) -> set[str]:
    """The addresses of pages that *node* says it is about; a front page stands for nothing."""
    said = (node.get("url"), node.get("@id"), _id(node.get("mainEntityOfPage")))
    urls = {value.strip() for value in said if isinstance(value, str) and value.strip().startswith(("http", "//", "/"))}
    return {url for url in urls if "/" in _parted(url)[0].strip("/")}


def _is_called(node: Node, said: frozenset[str]) -> bool:
    names = [
        letters(name) for field in ("headline", "name", "alternativeHeadline") if (name := node_text(node.get(field)))
    ]
    return any(name and (name in one or one in name) for name in names for one in said if len(one) >= MIN_LETTERS)


def letters(text: str) -> str:
    """The letters and digits of *text* alone, in small letters: headlines differ in marks and spaces."""
    return "".join(char for char in text.casefold() if char.isalnum())


def _id(value: object) -> object:
    return value.get("@id") or value.get("url") if isinstance(value, dict) else value


def _parted(url: str) -> tuple[str, str]:
    """(host and path, query) of *url*, in one spelling."""
    bare, _, query = re.sub(r"^(?:https?:)?//(?:www\.|m\.|amp\.)?|#.*$", "", url.strip()).partition("?")
    return bare.rstrip("/"), query


def _resolved(node: Node, by_id: dict[str, Node]) -> Node:
    """*node* with `{"@id": …}` authors replaced by the nodes that they point to."""
    for name in ("author", "creator"):
        values = node.get(name)
        if isinstance(values, (list, dict)):
            listed = values if isinstance(values, list) else [values]
            node[name] = [
                by_id.get(str(v.get("@id")), v) if isinstance(v, dict) and not v.get("name") else v for v in listed
            ]
    return node


def _nodes(script: str) -> Iterator[Node]:
    data = _loads(script)
    if data is None:
        scavenged = _scavenged(script[:MAX_SCAVENGED])
        yield from [scavenged] if scavenged else []
        return
    queue: list[Any] = [data]
    for value in queue:  # grows while it is walked: breadth first, without recursion
        if isinstance(value, list):
            queue.extend(value)
        elif isinstance(value, dict):
            yield value
            queue.extend(value[key] for key in _FOLLOWED if isinstance(value.get(key), (dict, list)))
        if len(queue) > 10 * MAX_NODES:
            return


def _loads(script: str) -> Any:
    """The script's value; None if it is no JSON even after the usual repairs."""
    text = _FENCE.sub("", _FENCE.sub("", script.strip())).strip()
    if not text or len(text) > MAX_JSON_CHARS:
        return None
    for candidate in (text, _TRAILING_COMMA.sub("", text), html.unescape(text) if "&quot;" in text else ""):
        try:
            return json.JSONDecoder(strict=False).raw_decode(candidate.lstrip())[0] if candidate else None
        except (ValueError, RecursionError):
            continue
    return None


def _scavenged(script: str) -> Node:
    """The plain string fields of something that only looks like JSON; the first of each name."""
    node: Node = {}
    for name, text, flag in _STRING_FIELD.findall(script):
        node.setdefault(name, _unescaped(text) if text else flag == "true")
    return {"@type": "Article", **node} if node.get("datePublished") or node.get("headline") else {}


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text
