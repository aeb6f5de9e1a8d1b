"""The app of all pages: it stands alone (`wirecopy serve`), and Airflow mounts it (wirecopy/plugin.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wirecopy.errors import SettingsError, StoreError
from wirecopy.log import get_log
from wirecopy.pages.asking import Busy, Desk, NoStoreYet
from wirecopy.pages.frame import page, to_login
from wirecopy.pages.views import articles, clusters, days, feeds, network, publishers, runs, search, trace
from wirecopy.settings import Settings, load_settings
from wirecopy.store.query.reader import TooLong

log = get_log(__name__)

WRONG, FAULT, LATER = 422, 500, 503
HEADINGS: Final = {
    401: "Please log in",
    403: "Not for you",
    404: "There is no such page",
    405: "This page is only read",
    WRONG: "That cannot be asked",
    FAULT: "The page could not be made",
    LATER: "Not now",
}
VIEWS: Final = (days, clusters, articles, network, publishers, feeds, search, trace, runs)


class HeadAsGet:
    """Middleware that answers HEAD like GET, without a body: health checks and link checkers ask so."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope.get("method") != "HEAD":
            await self.app(scope, receive, send)
            return

        async def bodiless(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self.app({**scope, "method": "GET"}, receive, bodiless)


def create_app(
    load: Callable[[], Settings] = load_settings,
    *,
    user: Callable[..., Any] | None = None,
    inside_airflow: bool = False,
) -> FastAPI:
    """The pages over the data folder that *load* names, whenever a page is asked for.

    *user*: a dependency that raises 401 or 403 for whoever may not read; None: everybody may. *inside_airflow*: the app
    is mounted in Airflow, whose API and pages are beside it.
    """
    guards = [Depends(user)] if user else []
    app = FastAPI(title="wirecopy", docs_url=None, redoc_url=None, openapi_url=None, dependencies=guards)
    app.state.desk = Desk(load=load, inside_airflow=inside_airflow)
    app.add_middleware(HeadAsGet)
    for view in VIEWS:
        app.include_router(view.router)
    app.exception_handler(HTTPException)(_refused)
    app.exception_handler(RequestValidationError)(_misunderstood)
    app.exception_handler(StoreError)(_unreadable)
    app.exception_handler(SettingsError)(_unreadable)
    app.exception_handler(Exception)(_fault)
    return app


def error_page(request: Request, status: int, sentence: str) -> Response:
    """A page that says why there is no other one."""
    heading = HEADINGS.get(status, "The page could not be made")
    return page(request, "error.html", status=status, code=status, heading=heading, sentence=sentence)


async def _refused(request: Request, error: HTTPException) -> Response:
    sentence = str(error.detail)
    if error.status_code == 401 and _goes_to_login(request):
        return to_login(request)
    if error.status_code == 404 and sentence == "Not Found":
        sentence = "Nothing is kept at this address. The pages are listed above."
    return error_page(request, error.status_code, sentence)


def _goes_to_login(request: Request) -> bool:
    """Whether a person opened the address in a window: in Airflow's frame the login page would stand in the frame."""
    if not request.app.state.desk.inside_airflow or request.headers.get("sec-fetch-dest") == "iframe":
        return False
    return "text/html" in request.headers.get("accept", "")


async def _misunderstood(request: Request, error: RequestValidationError) -> Response:
    return error_page(request, WRONG, " ".join(_sentence(problem) for problem in error.errors()))


def _sentence(problem: Any) -> str:
    name = str(problem["loc"][-1])
    given = str(problem.get("input", ""))[:80]
    example = " Write a date like 2026-11-23." if "date" in problem["type"] else ""
    return f"“{given}” does not fit as {name}: {problem['msg'].lower()}.{example}"


async def _fault(request: Request, error: Exception) -> Response:
    """What is a bug, or a fault of the machine: the web server logs it after this answer."""
    sentence = f"{type(error).__name__}: the log of the web server says more. `wirecopy doctor` looks at the machine."
    return error_page(request, FAULT, sentence)


async def _unreadable(request: Request, error: Exception) -> Response:
    if isinstance(error, NoStoreYet):
        return page(request, "empty.html", reason=str(error))
    log.warning("no page for %s: %s", request.url.path, error)
    later = isinstance(error, Busy | TooLong)
    return error_page(request, LATER if later else FAULT, str(error))
