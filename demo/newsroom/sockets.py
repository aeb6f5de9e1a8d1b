"""Listening sockets for all publishers: one port, many loopback addresses."""

from __future__ import annotations

import errno
import socket
from typing import Final

TRIES: Final = 30  # a port that the kernel offers on the first address may be taken on another one


class NewsroomError(Exception):
    """The newsroom cannot serve; the message says why and what to do."""


def open_sockets(addresses: list[str], port: int) -> list[socket.socket]:
    """One listening socket per address, all on the same port; port 0 finds one that is free on all of them."""
    for _ in range(TRIES if port == 0 else 1):
        opened: list[socket.socket] = []
        try:
            for address in addresses:
                opened.append(_listen(address, opened[0].getsockname()[1] if opened else port))
            return opened
        except OSError as error:
            for one in opened:
                one.close()
            failure = error
            if error.errno != errno.EADDRINUSE:
                break
    raise NewsroomError(_reason(failure, addresses[len(opened)], port)) from failure


def _listen(address: str, port: int) -> socket.socket:
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # else a restart waits for old connections
        one.bind((address, port))
        one.listen(128)
    except OSError:
        one.close()
        raise
    return one


def _reason(error: OSError, address: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"{address}:{port} is in use, perhaps by another newsroom; stop that one or choose another port (0: any)"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"this machine has no address {address}; on macOS: sudo ifconfig lo0 alias {address}, for each of them"
    return f"cannot listen on {address}:{port}: {error.strerror}"
