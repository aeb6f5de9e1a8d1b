"""ingest.fetch.fetch: what one GET gives, and what it says of us."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from ingest.errors import ConnectFailed, HttpStatus
from ingest.records import NotModified, Page, Validators
from tests.ingest.fetching import NOW, fetcher, page_of

pytestmark = pytest.mark.asyncio


async def test_a_page_is_what_the_server_sent(site: Any) -> None:
    """Body, final URL, headers in lower case, the injected now, and a name of its own for each capture."""
    site.pages["/x"] = "<p>news</p>"
    first, second = await page_of(site.url("/x")), await page_of(site.url("/x"))
    assert (first.body, first.status, first.final_url) == (b"<p>news</p>", 200, site.url("/x"))
    assert first.headers["content-type"].startswith("text/html")
    assert first.fetched_at == NOW
    assert len(first.fetch_id) == 32
    assert first.fetch_id != second.fetch_id


async def test_we_say_who_we_are(site: Any) -> None:
    """The user agent of the options, an Accept for the kind, and the headers of the feed."""
    site.pages["/x"] = "x"
    async with fetcher(user_agent="wirecopy/0.1 (+https://me.example)") as fetch:
        await fetch.get(site.url("/x"), kind="feed", headers={"X-Key": "abc", "accept": "text/special"})
    headers = site.hits[0][1]
    assert headers["user-agent"] == "wirecopy/0.1 (+https://me.example)"
    assert (headers["x-key"], headers["accept"]) == ("abc", "text/special")


async def test_no_cookie_is_kept(site: Any) -> None:
    """Each request is the first."""

    async def baker(_request: web.Request) -> web.Response:
        return web.Response(text="x", headers={"Set-Cookie": "who=me"})

    site.pages["/x"] = baker
    async with fetcher() as fetch:
        page = await fetch.get(site.url("/x"))
        await fetch.get(site.url("/x"))
    assert "cookie" not in site.hits[1][1]
    assert isinstance(page, Page)
    assert "set-cookie" not in page.headers


async def test_an_unchanged_page_is_not_sent_again(site: Any) -> None:
    """Both validators are sent; 304 is NotModified."""

    async def conditional(request: web.Request) -> web.Response:
        fresh = request.headers.get("If-None-Match") == '"v1"' and "If-Modified-Since" in request.headers
        return web.Response(status=304) if fresh else web.Response(text="x")

    site.pages["/x"] = conditional
    validators = Validators(etag='"v1"', last_modified="Sun, 22 Nov 2026 10:00:00 GMT")
    async with fetcher() as fetch:
        again = await fetch.get(site.url("/x"), validators=validators)
        first = await fetch.get(site.url("/x"))
    assert again == NotModified(url=site.url("/x"), fetched_at=NOW)
    assert isinstance(first, Page)


async def test_304_that_nobody_asked_for_is_an_error(site: Any) -> None:
    """Without validators there is nothing that could be unmodified."""

    async def odd(_request: web.Request) -> web.Response:
        return web.Response(status=304)

    site.pages["/x"] = odd
    with pytest.raises(HttpStatus, match="304"):
        await page_of(site.url("/x"))


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [
        (404, "http_4xx", True),
        (410, "http_4xx", False),
        (403, "http_4xx", True),
        (500, "http_5xx", True),
        (204, "http_3xx", True),
        (301, "http_3xx", True),
    ],
)
async def test_another_status_is_an_error(site: Any, status: int, code: str, retryable: bool) -> None:
    """Only 410 says that a retry cannot help. (301 here has no Location.)"""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status)

    site.pages["/x"] = answer
    with pytest.raises(HttpStatus, match=str(status)) as caught:
        await page_of(site.url("/x"))
    assert (caught.value.status, caught.value.code, caught.value.retryable) == (status, code, retryable)
    assert caught.value.url == site.url("/x")


async def test_header_bytes_that_are_no_utf_8(raw_server: Any) -> None:
    """No surrogate gets into a record: no file would take it."""

    async def speak(_reader: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX-Name: caf\xe9\r\nX-Name: b\r\nContent-Length: 1\r\n\r\nx")

    async with raw_server(speak) as url:
        page = await page_of(url)
    assert page.headers["x-name"] == "café, b"


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9/", "http://no-such-host.invalid/", f"http://{'a' * 70}.example/", "http://a..b.example/"],
)
async def test_no_connection(url: str) -> None:
    """A closed port, or a name that nobody has, can be retried."""
    with pytest.raises(ConnectFailed) as caught:
        await page_of(url)
    assert (caught.value.code, caught.value.retryable) == ("connect", True)


async def test_tls_is_verified(tmp_path: Any) -> None:
    """A certificate that nobody signed is no connection."""
    import ssl

    certificate = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    with pytest.raises(ConnectFailed, match="certificate"):
        await page_of(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    server.close()


def self_signed(folder: Any) -> Any:
    """A certificate for 127.0.0.1 and its key in one file."""
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    builder = x509.CertificateBuilder(
        name,
        name,
        key.public_key(),
        x509.random_serial_number(),
        datetime(2020, 1, 1, tzinfo=UTC),
        datetime(2040, 1, 1, tzinfo=UTC),
    )
    signed = builder.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False).sign(
        key, hashes.SHA256()
    )
    path = folder / "self.pem"
    encoding = serialization.Encoding.PEM
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + signed.public_bytes(encoding))
    return path


@pytest.mark.parametrize(
    ("statuses", "moved_to"),
    [
        pytest.param([301], "/1", id="moved"),
        pytest.param([308, 301], "/2", id="moved-twice"),
        pytest.param([302], None, id="for-now"),
        pytest.param([307, 301], None, id="for-now-first"),
        pytest.param([301, 302], "/1", id="as-far-as-it-is-for-good"),
        pytest.param([], None, id="stays"),
    ],
)
@pytest.mark.parametrize("conditional", [False, True], ids=["page", "304"])
async def test_moved_for_good(site: Any, statuses: list[int], moved_to: str | None, conditional: bool) -> None:
    """`moved_to` is where unbroken 301 and 308 lead, also when the end is 304."""

    async def end(request: web.Request) -> web.Response:
        return web.Response(status=304 if "If-None-Match" in request.headers else 200, text="x")

    def hop(status: int, target: str) -> Any:
        async def answer(_request: web.Request) -> web.Response:
            return web.Response(status=status, headers={"Location": target})

        return answer

    for number, status in enumerate(statuses):
        site.pages[f"/{number}"] = hop(status, f"/{number + 1}")
    site.pages[f"/{len(statuses)}"] = end
    async with fetcher() as fetch:
        found = await fetch.get(site.url("/0"), validators=Validators(etag='"x"') if conditional else None)
    assert isinstance(found, NotModified) == conditional
    assert found.moved_to == (site.url(moved_to) if moved_to else None)
