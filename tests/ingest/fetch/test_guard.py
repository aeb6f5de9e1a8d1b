"""ingest.fetch.guard: only public addresses are reached, whatever a name resolves to and wherever a redirect leads."""

from __future__ import annotations

import socket
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from ingest.errors import RefusedAddress
from ingest.fetch.fetch import Fetcher
from ingest.fetch.guard import REFUSED_ERRNO, AddressGuard, check_scheme
from ingest.options import FetchOptions

REFUSED = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.88.99.1",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fd00::1",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "5f00::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2001::1",
]
ALLOWED = ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", REFUSED)
def test_what_is_not_public_is_refused(address: str) -> None:
    """Loopback, private, link-local, shared, reserved, multicast, and IPv6 spellings of them."""
    assert not AddressGuard().allows(address)


@pytest.mark.parametrize("address", ALLOWED)
def test_public_addresses_pass(address: str) -> None:
    """Also in an IPv6 spelling of a public IPv4 address."""
    assert AddressGuard().allows(address)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("10.2.0.1", False),
        ("127.0.0.1", False),
        ("fd00::7", True),
        ("8.8.8.8", True),
    ],
)
def test_a_setting_allows_networks(address: str, allowed: bool) -> None:
    """Just those, in each spelling."""
    assert allowed == AddressGuard(["10.1.0.0/16", "fd00::/8"]).allows(address)


def test_the_socket_factory_opens_no_socket_for_a_refused_address() -> None:
    """The error has an errno of its own, which survives aiohttp's folding of several errors."""
    info = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("10.0.0.1", 80))
    with pytest.raises(OSError) as caught:
        AddressGuard().socket_factory(info)
    assert caught.value.errno == REFUSED_ERRNO


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/",
        "file:///etc/passwd",
        "gopher://a.example/",
        "javascript:1",
        "/x",
        "",
        "http://",
        "http://a:99999/",
        "http://[::1",
        "http://a:0/",
    ],
)
def test_only_http_urls(url: str) -> None:
    """Another scheme is refused like a private address."""
    with pytest.raises(RefusedAddress):
        check_scheme(url)


def options(**changes: Any) -> FetchOptions:
    return FetchOptions(host_gap=timedelta(0), respect_robots=False, **changes)


@pytest.mark.asyncio
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "127.1", "[::ffff:127.0.0.1]", "0.0.0.0"])
async def test_a_fetch_of_this_machine_is_refused(site: Any, host: str) -> None:
    """By number, by name, and in the spellings that inet_aton takes; no request arrives."""
    async with Fetcher(options()) as fetcher:
        with pytest.raises(RefusedAddress) as caught:
            await fetcher.get(f"http://{host}:{site.port}/")
    assert site.hits == []
    assert (caught.value.code, caught.value.retryable) == ("refused_address", False)


@pytest.mark.asyncio
async def test_the_refusal_names_the_setting(site: Any) -> None:
    """Whoever wants it knows the next step."""
    async with Fetcher(options()) as fetcher:
        with pytest.raises(RefusedAddress, match=r"127\.0\.0\.1 is not a public address.*WIRECOPY_ALLOW_NETWORKS"):
            await fetcher.get(site.url())


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2:{port}/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "file:///etc/passwd",
        "ftp://a.example/",
    ],
)
async def test_a_redirect_to_a_private_address_is_refused(site: Any, target: str) -> None:
    """The guard looks at every hop; only 127.0.0.1 is allowed here."""

    async def away(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": target.format(port=site.port)})

    site.pages["/"] = away
    async with Fetcher(options(allow_networks=("127.0.0.1/32",))) as fetcher:
        with pytest.raises(RefusedAddress) as caught:
            await fetcher.get(site.url())
    assert caught.value.url == target.format(port=site.port)
