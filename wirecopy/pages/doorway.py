"""What stands before the pages when they are served alone: the path prefix, the names of the host, and the token."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from wirecopy.errors import UsageError

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
COOKIE: Final = "wirecopy_token"
REFUSED: Final = (
    "These pages want the token: open the address that `wirecopy serve` printed, or send it as a bearer token."
)
ELSEWHERE: Final = (
    "These pages answer to 127.0.0.1 and localhost only. Behind a proxy of another name they need --token-file."
)


def clean_base(text: str) -> str:
    """`/desk` of "desk/", "/desk" and so on; "" of "/" and "". Raises UsageError."""
    parts = [part for part in text.split("/") if part]
    if any(part in (".", "..") or not part.isascii() or set(part) & set("?#% ") for part in parts):
        raise UsageError(f"--base-path {text!r} is no path. Write it like /desk.")
    return "".join(f"/{part}" for part in parts)


def behind(app: App, *, base: str = "", token: str | None = None) -> App:
    """*app* at the path *base*, whether or not a proxy in front has cut it off; with *token* for its holders only,
    without one for this machine only.
    """

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        path = scope["path"]
        whole = path if not base or path == base or path.startswith(f"{base}/") else base + path
        inner = dict(scope) | {"root_path": base, "path": whole if whole != base else f"{base}/"}
        refused = _refusal(Request(inner), base, token)
        await (refused or app)(inner, receive, send)

    return serve


def _refusal(request: Request, base: str, token: str | None) -> Response | None:
    """What to answer instead of a page; None: the page."""
    if token is None:
        return None if _host(request) in LOOPBACK else PlainTextResponse(ELSEWHERE, 421)
    query = parse_qsl(request.url.query, keep_blank_values=True)
    given = dict(query).get("token")
    if given is not None and _same(given, token):
        rest = urlencode([pair for pair in query if pair[0] != "token"])
        answer = RedirectResponse(request.url.path + (f"?{rest}" if rest else ""), 303)
        answer.set_cookie(COOKIE, token, path=base or "/", httponly=True, samesite="strict")
        return answer
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    known = any(_same(one, token) for one in (request.cookies.get(COOKIE, ""), bearer))
    return None if known else PlainTextResponse(REFUSED, 401)


def _host(request: Request) -> str:
    """The name by which the browser called: another site's name that leads here must read nothing."""
    host = request.headers.get("host", "")
    return host.rsplit(":", 1)[0].strip("[]").lower() if not host.endswith("]") else host.strip("[]").lower()


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode(), token.encode())
