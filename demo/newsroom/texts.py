"""How an article's text is put together: own paragraphs, paragraphs of its source, a template's blanks, a dateline."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from string import Template
from typing import Final

# "@source" alone is the whole source; "@source 2-4" its paragraphs two to four; "@source 3" the third.
SOURCE_LINE: Final = re.compile(r"@source(?: (\d+)(?:-(\d+))?)?")


class TextError(Exception):
    """A body refers to something that does not exist."""


def compose(body: str, *, source: Sequence[str] = (), values: Mapping[str, object] | None = None) -> tuple[str, ...]:
    """The paragraphs of *body*: what stands between blank lines, with `@source` lines and `$blanks` filled in."""
    if values is not None:
        body = _fill(body, values)
    blocks = (" ".join(block.split()) for block in re.split(r"\n\s*\n", body.strip()))
    paragraphs = [paragraph for block in blocks for paragraph in _expand(block, source)]
    if not paragraphs:
        raise TextError("the body is empty")
    return tuple(paragraphs)


def printed(paragraphs: Sequence[str], *, dateline: str | None, credit: str | None) -> tuple[str, ...]:
    """The *paragraphs* as a page prints them: a dateline before the first, a credit after the last."""
    lines = list(paragraphs)
    if dateline:
        lines[0] = f"{dateline} – {lines[0]}"
    if credit:
        lines[-1] = f"{lines[-1]} ({credit})"
    return tuple(lines)


def _expand(block: str, source: Sequence[str]) -> Sequence[str]:
    match = SOURCE_LINE.fullmatch(block)
    if match is None:
        return (block,)
    first = int(match[1] or 1)
    last = int(match[2] or match[1] or len(source))
    if not 1 <= first <= last <= len(source):
        raise TextError(f"{block!r}: the source has {len(source)} paragraphs")
    return source[first - 1 : last]


def _fill(body: str, values: Mapping[str, object]) -> str:
    try:
        return Template(body).substitute({name: str(value) for name, value in values.items()})
    except (KeyError, ValueError) as error:
        raise TextError(f"template: {error}") from error
