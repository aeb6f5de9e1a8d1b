"""The meta elements of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

_MARKS: Final = str.maketrans("", "", ":_.- ")

if TYPE_CHECKING:
    from lxml.html import HtmlElement


class Metas:
    """The meta elements of a page by name, property or itemprop. Case and the marks `:_.-` make no other name:
    `article_published_time` is `article:published_time`.
    """

    def __init__(self, tree: HtmlElement) -> None:
        self.values: dict[str, list[str]] = {}
        for meta in tree.iter("meta"):
            content = (meta.get("content") or meta.get("value") or "").strip()
            for key in {meta.get(attribute) for attribute in ("property", "name", "itemprop", "http-equiv")}:
                if key and content:
                    self.values.setdefault(_plain(key), []).append(content)

    def all(self, *names: str) -> list[str]:
        """Every value of the first of *names* that has one."""
        return next((self.values[plain] for name in names if (plain := _plain(name)) in self.values), [])

    def get(self, *names: str) -> str | None:
        """The first value of the first of *names* that has one."""
        return next(iter(self.all(*names)), None)


def _plain(name: str) -> str:
    return name.lower().translate(_MARKS)
