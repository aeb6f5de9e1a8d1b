"""Trace: who printed a text that is pasted."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from wirecopy.errors import StoreError
from wirecopy.explain.tracing import GivenText, Trace, TracedArticle
from wirecopy.explain.wording import headline, publisher
from wirecopy.pages.asking import FIRST, LAST, NoStoreYet, desk_of, today, window
from wirecopy.pages.frame import csv_file, page
from wirecopy.pages.sidebyside import apart_pairs, cluster_pairs
from wirecopy.pages.traceprocess import trace_apart
from wirecopy.store.files.layout import layout_of

router = APIRouter()

LARGEST: Final = 400_000  # bytes of a form: a text of 100,000 characters in any script
SHOWN_DAYS, MOST_DAYS = 7, 31
COLUMNS: Final = (
    "article_id", "date", "published_at", "delay_minutes", "publisher", "title", "relation", "probability", "url",
)  # fmt: skip
SIDE_BY_SIDE: Final = 8
APART: Final = 4


@router.get("/trace")
def asking(request: Request) -> Response:
    """The empty form."""
    return _page(request, {}, None, "")


@router.post("/trace")
async def answering(request: Request) -> Response:
    """The stored articles of the chosen days that copy the text."""
    if int(request.headers.get("content-length") or LARGEST + 1) > LARGEST:
        return _page(request, {}, None, "The text is too long: paste 100,000 characters at most.")
    form = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    given = {name: values[0].strip() for name, values in form.items()}
    return await run_in_threadpool(_answer, request, given)


def _answer(request: Request, given: dict[str, str]) -> Response:
    settings = desk_of(request).load()
    layout = layout_of(settings)
    if not layout.files.exists(layout.store):
        raise NoStoreYet(f"{layout.store} does not exist.")
    days = _days(given.get("days", ""))
    last = _date(given.get("day", "")) or max(layout.dates("articles"), default=today(request))
    first, _ = window(last, days)
    text = GivenText(text=given.get("text", ""), name="The text", publisher=given.get("publisher") or None)
    if not text.text:
        return _page(request, given, None, "Paste a text first.")
    try:
        found = trace_apart(layout, text, first, last)
    except StoreError as error:
        return _page(request, given, None, str(error))
    if given.get("as") == "csv":
        return csv_file(f"trace-{first}-{last}", COLUMNS, map(_row, found.copies))
    return _page(request, given, found, "")


def _row(copy: TracedArticle) -> dict[str, Any]:
    article, match = copy.article, copy.match
    delay = copy.delay.total_seconds() / 60 if copy.delay is not None else None
    return {
        "article_id": article.id, "date": article.date, "published_at": article.published_at,
        "delay_minutes": delay, "publisher": publisher(article), "title": headline(article),
        "relation": match.relation, "probability": match.probability, "url": article.url,
    }  # fmt: skip


def _page(request: Request, given: dict[str, str], found: Trace | None, remark: str) -> Response:
    context: dict[str, Any] = {"view": None, "pairs": [], "apart": []}
    if found:
        view = found.view()
        context = {
            "view": view,
            "pairs": list(cluster_pairs(view))[:SIDE_BY_SIDE],
            "apart": list(apart_pairs(view))[:APART],
        }
    return page(
        request,
        "trace.html",
        given=given,
        found=found,
        remark=remark,
        days=_days(given.get("days", "")),
        day=_date(given.get("day", "")),
        most_days=MOST_DAYS,
        **context,
    )


def _days(text: str) -> int:
    return min(max(int(text), 1), MOST_DAYS) if text.isascii() and text.isdigit() else SHOWN_DAYS


def _date(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST <= day <= LAST else None
