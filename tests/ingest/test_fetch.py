"""ingest.fetch: what one GET gives, and how each kind of bad server ends."""

from __future__ import annotations

import asyncio
import gzip
import sys
import time
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import brotli
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from ingest.answers import retry_after
from ingest.errors import ConnectFailed, FetchTimeout, HttpStatus, TooLarge
from ingest.fetch import Fetcher
from ingest.options import FetchOptions
from ingest.records import NotModified, Page, Validators

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda raw: bytes(brotli.compress(raw, quality=5)),
    "zstd": zstd.compress,
}
pytestmark = pytest.mark.asyncio
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def fetcher(**changes: Any) -> Fetcher:
    """A fetcher that may reach loopback and does not wait."""
    free: dict[str, Any] = {"allow_networks": ("127.0.0.0/8",), "host_gap": timedelta(0), "respect_robots": False}
    return Fetcher(FetchOptions(**{**free, "deadline": timedelta(seconds=5), **changes}), now=lambda: NOW)


async def page_of(url: str, **changes: Any) -> Page:
    async with fetcher(**changes) as fetch:
        page = await fetch.get(url)
    assert isinstance(page, Page)
    return page


def header_lines(count: int, size: int) -> bytes:
    return b"".join(b"X-%d: %s\r\n" % (number, b"y" * size) for number in range(count)) + b"\r\n"


def redirect(location: str, status: int = 302) -> Any:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": location})

    return answer


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


async def test_headers_of_a_feed_stay_with_its_origin(site: Any, other_site: Any) -> None:
    """A key is not carried to another host by a redirect, but it is within the same."""
    site.pages["/a"], site.pages["/b"] = redirect("/b"), redirect(other_site.url("/c"))
    other_site.pages["/c"] = "x"
    async with fetcher() as fetch:
        await fetch.get(site.url("/a"), headers={"Authorization": "secret"})
    assert [hit[1].get("authorization") for hit in site.hits + other_site.hits] == ["secret", "secret", None]


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


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed(site: Any, status: int) -> None:
    """The page knows what was asked and where it was found, without the fragment."""
    site.pages["/a"], site.pages["/b?x=1"] = redirect("b?x=1#part", status), "found"
    page = await page_of(site.url("/a"))
    assert (page.url, page.final_url, page.body) == (site.url("/a"), site.url("/b?x=1"), b"found")


@pytest.mark.parametrize(
    ("pages", "reason"),
    [
        pytest.param({"/": "/"}, "redirect loop", id="to-itself"),
        pytest.param({"/": "/b", "/b": "/c", "/c": "/b"}, "redirect loop", id="circle"),
        pytest.param(
            {"/": "/1"} | {f"/{n}": f"/{n + 1}" for n in range(1, 20)}, "more than 8 redirects", id="too-many"
        ),
        pytest.param({"/": "http://[broken"}, "no URL", id="no-url"),
    ],
)
async def test_redirects_end(site: Any, pages: dict[str, str], reason: str) -> None:
    """Circles, long chains and nonsense are http_3xx."""
    site.pages.update({path: redirect(target) for path, target in pages.items()})
    with pytest.raises(HttpStatus, match=reason) as caught:
        await page_of(site.url("/"))
    assert caught.value.code == "http_3xx"
    assert len(site.hits) <= 9


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


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        pytest.param("120", 120, id="seconds"),
        pytest.param("Sun, 22 Nov 2026 12:05:00 GMT", 300, id="date"),
        pytest.param("Sun, 22 Nov 2026 11:00:00 GMT", 0, id="past-date"),
        pytest.param("99999999999999999999", 7 * 86_400, id="huge"),
        pytest.param("Fri, 31 Dec 9999 23:59:59 GMT", 7 * 86_400, id="far-date"),
        pytest.param("soon", None, id="nonsense"),
        pytest.param("-5", None, id="negative"),
        pytest.param("1.5", None, id="fraction"),
        pytest.param(None, None, id="absent"),
    ],
)
async def test_retry_after(value: str | None, seconds: int | None) -> None:
    """Seconds or a date, within a week."""
    assert retry_after(value, NOW) == (None if seconds is None else timedelta(seconds=seconds))


@given(st.text(max_size=30))
async def test_retry_after_takes_any_text(value: str) -> None:
    """It is the server's text."""
    wait = retry_after(value, NOW)
    assert wait is None or timedelta() <= wait <= timedelta(days=7)


async def test_a_host_that_asks_for_rest_gets_it(site: Any) -> None:
    """After 429 with Retry-After no other page of the host is asked for; the error says so and carries the wait."""

    async def busy(_request: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "600"})

    site.pages["/x"], site.pages["/y"] = busy, "y"
    async with fetcher() as fetch:
        with pytest.raises(HttpStatus) as first:
            await fetch.get(site.url("/x"))
        with pytest.raises(HttpStatus, match="not asked") as second:
            await fetch.get(site.url("/y"))
    assert first.value.retry_after == timedelta(seconds=600)
    assert second.value.retry_after
    assert second.value.retry_after > timedelta(seconds=590)
    assert site.paths() == ["/x"]


async def test_a_short_rest_is_waited_for(site: Any) -> None:
    """Retry-After: 1 costs a second, not the page."""

    async def busy(_request: web.Request) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": "1"})

    site.pages["/x"], site.pages["/y"] = busy, "y"
    async with fetcher() as fetch:
        with pytest.raises(HttpStatus):
            await fetch.get(site.url("/x"))
        await fetch.get(site.url("/y"))
    assert site.hits[1][2] - site.hits[0][2] > 0.9


async def test_a_dead_host_costs_few_deadlines() -> None:
    """After four failures in a row the rest of its pages fail at once, with the same code."""
    async with fetcher() as fetch:
        errors = []
        for number in range(6):
            with pytest.raises(ConnectFailed) as caught:
                await fetch.get(f"http://127.0.0.1:9/{number}")  # nobody listens there
            errors.append("not asked" in str(caught.value))
    assert errors == [False] * 4 + [True] * 2


async def test_a_slow_drip_ends_at_the_deadline(raw_server: Any) -> None:
    """A byte now and then resets every idle timeout, but not the deadline."""

    async def drip(_reader: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with raw_server(drip) as url:
        started = time.monotonic()
        with pytest.raises(FetchTimeout, match=r"deadline of 0\.5 s"):
            await page_of(url, deadline=timedelta(seconds=0.5))
    assert time.monotonic() - started < 5  # the drip itself never ends


@pytest.mark.parametrize(
    "sent", [b"", b"HTTP/1.1 200 OK\r\nContent-", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabc"]
)
async def test_silence_ends_at_the_deadline(raw_server: Any, sent: bytes) -> None:
    """At whatever point the server stops to speak."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await reader.read()

    async with raw_server(silent) as url:
        with pytest.raises(FetchTimeout):
            await page_of(url, deadline=timedelta(seconds=0.3))


async def test_redirects_share_one_deadline(site: Any) -> None:
    """Each hop alone would be in time."""

    async def slow(request: web.Request) -> web.Response:
        await asyncio.sleep(0.2)
        return web.Response(status=302, headers={"Location": f"/?{int(request.query_string or 0) + 1}"})

    site.pages.update({"/": slow} | {f"/?{n}": slow for n in range(20)})
    with pytest.raises(FetchTimeout):
        await page_of(site.url("/"), deadline=timedelta(seconds=0.5))
    assert len(site.hits) <= 3


async def test_waiting_for_a_turn_does_not_eat_the_deadline(site: Any) -> None:
    """Six pages at 0.3 s each, one at a time, all within a deadline of 0.6 s each."""

    async def slow(_request: web.Request) -> web.Response:
        await asyncio.sleep(0.3)
        return web.Response(text="x")

    site.pages["/x"] = slow
    async with fetcher(host_connections=1, deadline=timedelta(seconds=0.6)) as fetch:
        pages = await asyncio.gather(*(fetch.get(site.url("/x")) for _ in range(6)))
    assert len(pages) == 6


async def test_an_endless_body_ends_at_the_cap(raw_server: Any) -> None:
    """Without Content-Length, as fast as it goes; little more than the cap is read."""
    sent = 0

    async def endless(_reader: Any, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:
            writer.write(b"x" * 10_000)
            await writer.drain()
            sent += 10_000

    async with raw_server(endless) as url:
        with pytest.raises(TooLarge, match="cap of 100,000"):
            await page_of(url, page_bytes=100_000)
    assert sent < 10_000_000


async def test_a_large_content_length_is_not_even_read(site: Any) -> None:
    """The server says itself that it is too much."""
    site.pages["/x"] = b"x" * 200_000
    with pytest.raises(TooLarge, match="200,000 bytes"):
        await page_of(site.url("/x"), page_bytes=100_000)


async def test_a_page_of_just_the_cap_is_whole(site: Any) -> None:
    """The cap itself is allowed; feeds have their own."""
    site.pages["/x"] = b"x" * 100_000
    assert len((await page_of(site.url("/x"), page_bytes=100_000)).body) == 100_000
    async with fetcher(page_bytes=10, feed_bytes=100_000) as fetch:
        assert isinstance(await fetch.get(site.url("/x"), kind="feed"), Page)


@pytest.mark.parametrize("ratio", ["gzip", "br", "zstd"])
async def test_a_bomb_ends_at_the_cap(site: Any, ratio: str) -> None:
    """A few kB on the wire, 60 MB behind it: memory stays at the cap."""
    data = PACK[ratio](bytes(60_000_000))

    async def bomb(_request: web.Request) -> web.Response:
        return web.Response(body=data, headers={"Content-Encoding": ratio})

    site.pages["/x"] = bomb
    tracemalloc.start()
    with pytest.raises(TooLarge):
        await page_of(site.url("/x"), page_bytes=1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8_000_000


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
async def test_packed_bodies_come_out_plain(site: Any, encoding: str) -> None:
    """And the headers no longer say that they are packed."""
    pack = PACK[encoding]

    async def packed(request: web.Request) -> web.Response:
        assert encoding in request.headers["Accept-Encoding"]
        return web.Response(body=pack(b"news " * 1_000), headers={"Content-Encoding": encoding, "ETag": '"a"'})

    site.pages["/x"] = packed
    page = await page_of(site.url("/x"))
    assert (page.body, page.headers["etag"]) == (b"news " * 1_000, '"a"')
    assert "content-encoding" not in page.headers
    assert "content-length" not in page.headers


@pytest.mark.parametrize(
    ("encoding", "body", "reason"),
    [
        pytest.param("gzip, gzip", gzip.compress(gzip.compress(b"x")), "not accepted", id="stacked"),
        pytest.param("rot13", b"arjf", "not accepted", id="unknown"),
        pytest.param("gzip", b"<html>", "cannot be decompressed", id="not-gzip"),
        pytest.param("gzip", gzip.compress(b"x" * 999)[:-9], "ends early", id="cut-off"),
    ],
)
async def test_bad_encodings_are_refused(site: Any, encoding: str, body: bytes, reason: str) -> None:
    """A broken answer, with the cause chained."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Encoding": encoding})

    site.pages["/x"] = answer
    with pytest.raises(ConnectFailed, match=reason) as caught:
        await page_of(site.url("/x"))
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort", ConnectFailed, id="content-length-too-long"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", ConnectFailed, id="chunk-cut-off"
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", ConnectFailed, id="no-chunk-size"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx", TooLarge, id="content-length-huge"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx", ConnectFailed, id="content-length-negative"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", ConnectFailed, id="not-http"),
        pytest.param(b"", ConnectFailed, id="closed-at-once"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + header_lines(100, 1_000), TooLarge, id="100-large-headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + header_lines(1_000, 1), TooLarge, id="1000-headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n", TooLarge, id="one-huge-header"),
    ],
)
async def test_broken_answers(raw_server: Any, answer: bytes, error: type[Exception]) -> None:
    """Each ends as one of our errors, never as a page and never as aiohttp's."""

    async def speak(_reader: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    async with raw_server(speak) as url:
        with pytest.raises(error):
            await page_of(url)


async def test_a_content_length_that_is_too_short_gives_what_it_says(raw_server: Any) -> None:
    """What lies behind is not part of the answer, nor of the next one."""

    async def speak(_reader: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnewsHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
        )
        await writer.drain()

    async with raw_server(speak) as url, fetcher() as fetch:
        bodies = [(await fetch.get(url)) for _ in range(2)]
    assert [page.body for page in bodies if isinstance(page, Page)] == [b"news", b"news"]


async def test_long_honest_headers_pass(site: Any) -> None:
    """Content security policies of 15 kB exist; aiohttp's own cap is 8 kB."""

    async def wordy(_request: web.Request) -> web.Response:
        return web.Response(text="x", headers={"Content-Security-Policy": "a " * 8_000})

    site.pages["/x"] = wordy
    assert (await page_of(site.url("/x"))).body == b"x"


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


async def test_connections_are_bounded(site: Any, other_site: Any) -> None:
    """Two per host, and no more than the total over all hosts."""
    now, most = {"": 0, site.port: 0, other_site.port: 0}, {"": 0, site.port: 0, other_site.port: 0}

    async def counted(request: web.Request) -> web.Response:
        port = request.url.port
        for key in ("", port):
            now[key] += 1
            most[key] = max(most[key], now[key])
        await asyncio.sleep(0.02)
        for key in ("", port):
            now[key] -= 1
        return web.Response(text="x")

    site.pages["/x"] = other_site.pages["/x"] = counted
    async with fetcher(connections=3, host_connections=2) as fetch:
        await asyncio.gather(*(fetch.get(each.url("/x")) for each in (site, other_site) for _ in range(10)))
    assert most[site.port] == most[other_site.port] == 2
    assert most[""] == 3


async def test_requests_to_one_host_keep_their_gap(site: Any, other_site: Any) -> None:
    """0.2 s between the starts on one host, also after a redirect; another host does not wait for it."""
    site.pages["/x"], site.pages["/r"], other_site.pages["/x"] = "x", redirect("/x"), "x"
    async with fetcher(host_gap=timedelta(seconds=0.2)) as fetch:
        urls = [site.url("/x"), site.url("/x"), site.url("/r"), other_site.url("/x")]
        await asyncio.gather(*(fetch.get(url) for url in urls))
    times = sorted(hit[2] for hit in site.hits)
    assert len(times) == 4
    assert all(later - earlier > 0.1 for earlier, later in pairwise(times))
    assert other_site.hits[0][2] < times[-1]


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
