"""Answers: a page in its frame, a list as CSV, and the headers that keep a page from doing anything but being read."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from wirecopy.explain import wording
from wirecopy.pages.asking import LONGEST_NAME, desk_of, missing
from wirecopy.pages.csvfiles import csv_text
from wirecopy.pages.lengths import Whole, bounded, is_language, line, name
from wirecopy.pages.sidebyside import HUES, safe_url

MOUNT: Final = "/wirecopy"  # where Airflow has the pages, below its own prefix
ROUTE: Final = "/plugin/wirecopy"  # where Airflow shows them in its frame; the whole path of a page follows it
SCRIPT: Final = files("wirecopy.pages").joinpath("templates/parts/frame.js").read_text(encoding="utf-8")
SCRIPT_HASH: Final = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
# One script, ours, by its hash; no page asks for anything but itself. Airflow shows the pages in a frame of its own.
POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'self'; "
    f"frame-ancestors 'self'; script-src 'sha256-{SCRIPT_HASH}'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-cache",
}
LIST: Final = "list"  # in an address: the list that is wanted as a file
IN_A_FILE: Final = 10_000
TABS: Final = (
    ("/", "Days"),
    ("/clusters", "Clusters"),
    ("/network", "Who copies whom"),
    ("/publishers", "Publishers"),
    ("/feeds", "Feeds"),
    ("/search", "Search"),
    ("/trace", "Trace"),
)
# Control characters, and marks that turn the direction of all that follows. Isolates end with their paragraph.
STEERING: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    lists: Mapping[str, Sequence[dict[str, Any]]] | None = None,
    **context: Any,
) -> Response:
    """The page that *template* makes of *context*, in the frame. If the address asks for one of *lists*, which the
    context has too, that one as CSV.
    """
    if lists and (name := list_asked(request)):
        return _list_file(request, name, lists)
    base = base_of(request)
    here = request.url.path.removeprefix(base) or "/"
    desk = desk_of(request)
    shown = {
        "base": base,
        "here": here,
        "tabs": TABS,
        "script": SCRIPT,
        "inside_airflow": desk.inside_airflow,
        "airflow": base.removesuffix(MOUNT),
        "address_inside": address_inside(request),
        "as_csv": lambda name: f"?{urlencode([*request.query_params.multi_items(), (LIST, name)])}",
    }
    html = environment().get_template(template).render(shown | context)
    return HTMLResponse(html.encode("utf-8", "replace"), status, headers=HEADERS)


def csv_file(name: str, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> Response:
    """A list as a file called *name*.csv."""
    text = csv_text(columns, rows).encode("utf-8", "replace")
    safe = re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII)
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{safe}.csv"'}
    return Response(text, headers=headers, media_type="text/csv; charset=utf-8")


def list_asked(request: Request) -> str:
    """The list of a page that is asked for as a file; "" for the page itself."""
    return request.query_params.get(LIST, "")


def most(request: Request, shown: int) -> int:
    """How many rows a list of a page may have: *shown*, or in a file many more."""
    return IN_A_FILE if list_asked(request) else shown


def _list_file(request: Request, name: str, lists: Mapping[str, Sequence[dict[str, Any]]]) -> Response:
    if name not in lists:
        raise missing(f"This page has no list “{name[:40]}” as a file. It has: {', '.join(lists)}.")
    place = request.url.path.removeprefix(base_of(request)).strip("/") or "days"
    rows = lists[name]
    return csv_file(f"{name}-{place}", list(rows[0]) if rows else [], rows)


def redirect(request: Request, path: str) -> Response:
    """To another page of ours."""
    return RedirectResponse(f"{base_of(request)}{path}", 303, headers=HEADERS)


def to_login(request: Request) -> Response:
    """Airflow's login page, which leads back to this page inside of Airflow."""
    login = f"{base_of(request).removesuffix(MOUNT)}/api/v2/auth/login"
    return RedirectResponse(f"{login}?{urlencode({'next': address_inside(request)})}", 307, headers=HEADERS)


def address_inside(request: Request) -> str:
    """Where Airflow shows the requested page in its frame. A path prefix stands there twice: Airflow has it before its
    route, and the page before the mount.
    """
    airflow = base_of(request).removesuffix(MOUNT)
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{airflow}{ROUTE}{request.url.path}{query}"


def wants_csv(request: Request) -> bool:
    """Whether the list was asked for as a file."""
    return request.url.path.endswith(".csv")


def base_of(request: Request) -> str:
    """What stands before all our addresses: Airflow's prefix and mount, or --base-path."""
    return str(request.scope.get("root_path", "")).rstrip("/")


@cache
def environment() -> Environment:
    """The templates, with everything escaped."""
    made = Environment(
        loader=PackageLoader("wirecopy.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,  # an update of the package does not change half of a running app
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )
    made.globals.update(
        hues=HUES, headline=wording.headline, publisher=wording.publisher, meaning=wording.MEANING, query_of=query_of
    )
    made.tests.update(language=is_language)
    made.filters.update(
        segment=segment,
        line=line,
        name=name,
        whole=Whole,
        number=lambda value: f"{value:,}",
        when=wording.instant,
        clock=lambda value: f"{value:%H:%M}" if value else "",
        long_day=lambda value: f"{value:%A, %-d %B %Y}",
        short_day=lambda value: f"{value:%-d %b}",
        duration=_length,
        percent=lambda value: "" if value is None else f"{value:.0%}",
        probable=wording.probable,
        relation=lambda value: wording.relation_name(value) if value else "",
        safe_url=safe_url,
        shift=lambda value, days: value + timedelta(days=days),
    )
    return made


def segment(value: object) -> str:
    """*value* as one piece of an address; no page is asked for with a longer name."""
    return quote(str(value)[: LONGEST_NAME + 1], safe="")


def query_of(**values: object) -> str:
    """`?a=1&b=2` of the values that are something; "" of none."""
    given = {name: value for name, value in values.items() if value not in (None, "", 0)}
    return f"?{urlencode(given)}" if given else ""


def _length(value: timedelta | float | None) -> str:
    if value is None:
        return ""
    return wording.duration(value if isinstance(value, timedelta) else timedelta(seconds=value))


def _harmless(value: Any) -> Any:
    """What a template writes; only texts can steer."""
    if value is None:
        return ""
    if type(value) in (str, Whole):
        return STEERING.sub("\ufffd", bounded(value))
    return (
        f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value) if isinstance(value, date) else value
    )
