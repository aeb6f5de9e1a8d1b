"""Ports for servers that tests start by themselves.

The kernel gives every outgoing connection a port of its own range, and so takes one that was free a moment ago: with
tests that run side by side that happens. These ports lie below that range.
"""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack
from pathlib import Path

LOWEST = 15_000  # well-known servers have those below
USUAL = 32_768  # where Linux begins with the ports that it gives away
ENOUGH = 2_000  # ports to choose among; with fewer it is as well to take any


def free_port(host: str = "127.0.0.1") -> int:
    """A port on which nobody listens; *host* "" means on all addresses."""
    return free_ports(1, host)[0]


def free_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """*count* different ones."""
    found: list[int] = []
    choice, end = random.SystemRandom(), _end()  # a seeded one would choose the same in every worker of pytest-xdist
    with ExitStack() as held:
        while len(found) < count:
            port = choice.randrange(LOWEST, end)
            try:
                held.enter_context(socket.socket()).bind((host, port))
            except OSError:
                continue
            found.append(port)
    return found


def _end() -> int:
    """The first port that the kernel may give to an outgoing connection."""
    try:
        first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except OSError:
        return USUAL
    return first if first >= LOWEST + ENOUGH else 65_536
