"""Ports of this machine's loopback address: whether one is free, and one that is."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Final

from wirecopy.errors import UsageError
from wirecopy.local.environment import LOOPBACK

ANY: Final = "0.0.0.0"  # noqa: S104 - tried, never served: the newsroom has a dozen loopback addresses
NEWSROOM: Final = 8640  # the demo newsroom's own default


def is_free(port: int, address: str = LOOPBACK) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: old connections are no hindrance
        try:
            one.bind((address, port))
        except OSError:
            return False
    return True


def must_be_free(port: int) -> None:
    """Raises UsageError, naming the option, if *port* is taken."""
    if not is_free(port):
        raise UsageError(
            f"port {port} is in use on {LOOPBACK}: choose another one with --port, such as --port {another(port)}."
        )


def another(port: int, address: str = LOOPBACK) -> int:
    """The next free port above *port*."""
    return next((number for number in range(port + 1, min(port + 100, 65_536)) if is_free(number, address)), 0)


def kept_port(path: Path) -> int:
    """The demo newsroom's port, the same at each start of a home as long as it is free: its articles' URLs have it."""
    before = int(text) if path.exists() and (text := path.read_text().strip()).isdigit() else NEWSROOM
    port = before if is_free(before, ANY) else another(before, ANY)
    path.write_text(str(port))
    return port
