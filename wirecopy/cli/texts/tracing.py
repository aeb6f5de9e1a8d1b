"""`wirecopy trace`: who printed this text?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from wirecopy.cli.days import days_of
from wirecopy.cli.show.clusters import match_as_json, member_as_json, print_view, say
from wirecopy.cli.show.console import ERR, plain, print_json, progress_bar
from wirecopy.cli.show.pagefile import write_page
from wirecopy.errors import UsageError
from wirecopy.explain import wording
from wirecopy.explain.lookup import stored_at
from wirecopy.explain.textfile import no_utf8, read_text
from wirecopy.explain.tracing import GivenText, Trace, TracedArticle
from wirecopy.explain.tracing import trace as trace_text
from wirecopy.feeds.onepage import get_article
from wirecopy.pages.selfcontained import cluster_page
from wirecopy.schedule import parse_instant
from wirecopy.settings import Settings, load_settings
from wirecopy.store.files.layout import layout_of

STDIN = "-"
LEFT_OUT = frozenset(("left_id", "right_id", "removed_left", "removed_right"))  # of a match as JSON


def trace(
    text: Annotated[
        str,
        Parameter(allow_leading_hyphen=True, help="A text file in UTF-8, the address of an article, or - for stdin."),
    ],
    /,
    *,
    from_: Annotated[str | None, Parameter(name=["--from"], help="First day to look through; default: all.")] = None,
    to: Annotated[str | None, Parameter(name=["--to"], help="Last day to look through.")] = None,
    publisher: Annotated[
        str | None, Parameter(help="Whose text it is: its other articles are versions then, no copies.")
    ] = None,
    published: Annotated[
        str | None, Parameter(help="When it was released, in UTC unless it has a zone: delays count from then.")
    ] = None,
    html: Annotated[
        Path | None, Parameter(name=["--html"], help="Also write one self-contained page, all texts side by side.")
    ] = None,
    json: Annotated[bool, Parameter(name=["--json"], help="All of it as one JSON document on stdout.")] = False,
) -> int:
    """Find who printed a text: a press release, an agency's report, an article of your own.

    Looks through all stored articles, or those of some days, and shows each that is a copy of it, reworded ones too,
    with relation, score, probability, delay and shared passages. Decided as in the store, had the text been an article
    of that time. Without --published, delays count from the first copy. An address is taken from the store if it is
    there, and fetched otherwise.

    ```
    wirecopy trace press-release.txt
    wirecopy trace press-release.txt --from 2026-11-01 --published 2026-11-20T08:00 --html printed.html
    pdftotext release.pdf - | wirecopy trace -
    ```
    """
    settings = load_settings()
    first, last = days_of(from_, to)
    given = _given(settings, text, publisher, published)
    with progress_bar() as report:
        found = trace_text(layout_of(settings), given, first=first, last=last, progress=report)
    if html:
        write_page(html, cluster_page(found.view()))
    print_json(_as_json(found)) if json else _print(found)
    if html:
        ERR.print(f"written: {plain(html)}", soft_wrap=True)
    return 0


def _given(settings: Settings, text: str, publisher: str | None, published: str | None) -> GivenText:
    when = parse_instant(published) if published else None
    if text.startswith(("http://", "https://")):
        return _at_address(settings, text, publisher, published)
    if text == STDIN:
        return GivenText(text=_read(STDIN), name="the text from stdin", publisher=publisher, published_at=when)
    return GivenText(text=_read(text), name=text, publisher=publisher, published_at=when)


def _at_address(settings: Settings, address: str, publisher: str | None, published: str | None) -> GivenText:
    """A stored article, else the page as it is now."""
    found = stored_at(layout_of(settings), address) or get_article(settings, address)
    return GivenText(
        text=found.text,
        name=address,
        title=found.title,
        publisher=publisher or found.publisher,
        published_at=parse_instant(published) if published else found.published_at,
        url=found.url,
    )


def _read(name: str) -> str:
    if name.startswith("-") and name != STDIN:
        raise UsageError(f"{name} is no option of trace: `wirecopy trace --help` shows them. A file is ./{name}.")
    try:
        return _of_stdin() if name == STDIN else read_text(Path(name))
    except FileNotFoundError as error:
        raise UsageError(f"{name} does not exist. Name a text file, an address (https://…), or - for stdin.") from error
    except UnicodeDecodeError as error:
        raise UsageError(no_utf8(Path("stdin"), error)) from error


def _of_stdin() -> str:
    if sys.stdin is None:
        raise UsageError("stdin is closed: there is no text in it. Name a file, or pipe a text into it.")
    return sys.stdin.buffer.read().decode("utf-8-sig")


def _print(found: Trace) -> None:
    view = found.view()
    say(f"[bold]{plain(wording.headline(view.origin))}[/]")
    range_ = f"of {found.first} to {found.last}" if found.first else "(the store has none of these dates)"
    copies = wording.counted(len(found.copies), "copy", "copies")
    say(plain(f"{copies} among {wording.counted(found.looked_through, 'article')} {range_}"))
    print_view(view)


def _as_json(found: Trace) -> dict[str, Any]:
    return {
        "given": {"name": found.given.name, "title": found.given.title, "published_at": found.given.published_at},
        "first": found.first,
        "last": found.last,
        "looked_through": found.looked_through,
        "copies": [_article_as_json(found, one) for one in found.copies],
        "related": [_article_as_json(found, one) for one in found.related],
        "remarks": list(found.remarks),
    }


def _article_as_json(found: Trace, one: TracedArticle) -> dict[str, Any]:
    match = match_as_json(found.view(), one.match)
    kept = {name: value for name, value in match.items() if name not in LEFT_OUT}
    article = {name: value for name, value in member_as_json(one.article).items() if name not in ("role", *kept)}
    return article | {"delay_seconds": one.delay.total_seconds() if one.delay is not None else None} | kept
