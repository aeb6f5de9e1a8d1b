"""The address guard: which addresses may be connected to.

It checks the address of each socket as it is made, so that no other DNS answer can come between check and connection.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final
from urllib.parse import urlsplit

from ingest.errors import RefusedAddress
from ingest.options import Network

Address = IPv4Address | IPv6Address

REFUSED_ERRNO: Final = 0x5EF
"""aiohttp folds the errors of several addresses into one OSError, but keeps an errno that they share: this is ours."""

# IPv6 addresses whose last 32 bits are an IPv4 address: NAT64 (RFC 6052), compatible (RFC 4291), translated (RFC 2765).
_WITH_IPV4: Final = tuple(map(IPv6Network, ("64:ff9b::/96", "::/96", "::ffff:0:0:0/96")))
# Python 3.11 calls more of IPv6 global than IANA has given out (local NAT64, site-local, SRv6); 2000::/3 is all.
_UNICAST: Final = IPv6Network("2000::/3")
_RELAYS: Final = IPv4Network("192.88.99.0/24")  # 6to4 relays (RFC 7526)


class AddressGuard:
    """Lets public addresses through, and those of the networks that a setting allows."""

    def __init__(self, allow: Iterable[Network | str] = ()) -> None:
        self._allow = tuple(ip_network(str(network)) for network in allow)

    def allows(self, address: str) -> bool:
        """Whether *address* (no host name) may be connected to; one that holds an IPv4 address is judged by that."""
        spelt = ip_address(address.partition("%")[0])
        inner = _inner(spelt)
        if any(
            each in network for each in (spelt, inner) for network in self._allow if each.version == network.version
        ):
            return True
        return _is_public(inner)

    def socket_factory(self, addr_info: tuple[Any, ...]) -> socket.socket:
        """A socket for `aiohttp.TCPConnector`, or OSError(REFUSED_ERRNO) for an address that must not be reached."""
        family, kind, proto, _, sockaddr = addr_info
        if not self.allows(str(sockaddr[0])):
            raise OSError(REFUSED_ERRNO, f"{sockaddr[0]} is not a public address")
        return socket.socket(family=family, type=kind, proto=proto)


def check_scheme(url: str) -> None:
    """RefusedAddress for anything but a whole http(s) URL."""
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return
    except ValueError:
        pass
    raise RefusedAddress(url, "only whole http:// and https:// URLs are fetched")


def refused(url: str, error: OSError) -> RefusedAddress:
    """The error for an address that the socket factory refused."""
    reason = (error.strerror or str(error)).removeprefix("Multiple exceptions: ")
    return RefusedAddress(url, f"{reason}. If it is meant to be reached, add its network to WIRECOPY_ALLOW_NETWORKS")


def _inner(address: Address) -> Address:
    """The IPv4 address inside an IPv6 address: mapped, compatible, translated, NAT64, 6to4; else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.sixtofour is not None:
        return address.sixtofour
    if address.ipv4_mapped is not None or any(address in network for network in _WITH_IPV4):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_public(address: Address) -> bool:
    if address.is_multicast or not address.is_global:
        return False
    return address not in _RELAYS if isinstance(address, IPv4Address) else address in _UNICAST
