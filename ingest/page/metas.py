"""The meta elements of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement


class Metas:
    """The meta elements of a page by name, property or itemprop, lower case."""

    def __init__(self, tree: HtmlElement) -> None:
        self.values: dict[str, list[str]] = {}
        for meta in tree.iter("meta"):
            content = (meta.get("content") or meta.get("value") or "").strip()
            for key in {meta.get(attribute) for attribute in ("property", "name", "itemprop", "http-equiv")}:
                if key and content:
                    self.values.setdefault(key.strip().lower(), []).append(content)

    def all(self, *names: str) -> list[str]:
        """Every value of the first of *names* that has one."""
        return next((self.values[name] for name in names if name in self.values), [])

    def get(self, *names: str) -> str | None:
        """The first value of the first of *names* that has one."""
        return next(iter(self.all(*names)), None)
