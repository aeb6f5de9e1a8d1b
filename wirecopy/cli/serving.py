"""`wirecopy serve`: the pages in a browser, without Airflow."""

from __future__ import annotations

import errno
import secrets
import socket
from pathlib import Path
from typing import Annotated

import uvicorn
from cyclopts import Parameter

from wirecopy.cli.show.console import ERR, OUT, plain
from wirecopy.errors import UsageError
from wirecopy.pages.app import create_app
from wirecopy.pages.doorway import LOOPBACK, behind, clean_base
from wirecopy.settings import load_settings

PORT = 8090
HOST = "127.0.0.1"
BACKLOG = 100  # calls that wait
SHORTEST = 16  # characters of a token: 2^64 guesses and more, if they are of the usual random kind
GRACE_SECONDS = 3  # for pages that are on their way when Ctrl-C comes


def serve(
    *,
    port: Annotated[int, Parameter(help=f"Default: {PORT}; 0: any free one.")] = PORT,
    host: Annotated[str, Parameter(help=f"Address to listen on; default: {HOST}, this machine only.")] = HOST,
    base_path: Annotated[str, Parameter(help="Path before all pages, as a proxy has it, such as /desk.")] = "",
    token_file: Annotated[
        Path | None, Parameter(help="Only who has the token in this file may read; it is made if it is not there.")
    ] = None,
) -> int:
    """Show the store as pages in a browser: days, clusters, who copies whom, publishers, feeds, search.

    The pages only read, and listen on this machine alone. Any other address demands a token; put a proxy with TLS
    before it, because the token travels with each request. Ctrl-C ends it. Airflow has the same pages in its menu.

    ```
    wirecopy serve
    wirecopy serve --port 8091 --base-path /desk
    wirecopy serve --host 0.0.0.0 --token-file token.txt
    ```
    """
    base = clean_base(base_path)
    if host not in LOOPBACK and token_file is None:
        raise UsageError(
            f"Whoever reaches {host} could read all articles. Name a file with a token: --token-file token.txt "
            "(it is made if it is not there), or leave --host out."
        )
    token = read_token(token_file) if token_file else None
    load_settings()  # a wrong setting is told now, and not on the first page
    listening = _listen(host, port)
    _tell(host, listening.getsockname()[1], base, token)
    config = uvicorn.Config(
        behind(create_app(), base=base, token=token),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listening])
    return 0


def read_token(path: Path) -> str:
    """The token in the file *path*, which is made, for its owner's eyes only, if it is not there. Raises UsageError."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24) + "\n", encoding="utf-8")
    token = path.read_text(encoding="utf-8").strip()
    if len(token) < SHORTEST:
        raise UsageError(
            f"{path} holds {len(token)} characters, and a token has {SHORTEST} or more. Remove it: a new one is made."
        )
    return token


def _listen(host: str, port: int) -> socket.socket:
    """A bound socket. Raises UsageError, saying what to do."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(BACKLOG)  # from now on nobody is refused: who calls at once waits for the pages to be loaded
    except (OSError, OverflowError) as error:
        raise UsageError(_why_not(host, port, error)) from error
    return bound


def _why_not(host: str, port: int, error: Exception) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.EADDRINUSE:
        return f"Port {port} of {host} is in use, perhaps by another `wirecopy serve`. Choose one: --port {port + 1}."
    if number == errno.EACCES:
        return f"Port {port} is for root only. Choose one above 1023: --port {PORT}."
    return f"{host}:{port} cannot be listened on ({error}). Name an address of this machine, and a port up to 65535."


def _tell(host: str, port: int, base: str, token: str | None) -> None:
    name = f"[{host}]" if ":" in host else host
    address = f"http://{name}:{port}{base}/" + (f"?token={token}" if token else "")
    OUT.print(f"[bold green]The pages are at[/] [bold]{plain(address)}[/]", soft_wrap=True)
    OUT.file.flush()
    ERR.print(f"They show {plain(load_settings().root)}. Ctrl-C ends it.", soft_wrap=True)
