"""Reservations of text and data mining: each place that can say so, and what we do then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from ingest.errors import TdmOptOut
from ingest.fetch.tdmfiles import file_rules
from ingest.options import ExtractOptions
from ingest.records import Page
from ingest.text.tdm import opts_out
from ingest.workers.workers import WorkerPool
from tests.ingest.fetching import fetcher
from tests.ingest.samples import a_page, an_entry, html

FILE = "/.well-known/tdmrep.json"


@pytest.mark.parametrize(
    ("head", "headers", "expected"),
    [
        pytest.param("", {}, False, id="nothing"),
        pytest.param('<meta name="tdm-reservation" content="1">', {}, True, id="meta"),
        pytest.param("<META content=1 NAME='TDM-Reservation'/>", {}, True, id="meta-in-other-spelling"),
        pytest.param("", {"tdm-reservation": "1"}, True, id="header"),
        pytest.param('<meta name="tdm-reservation" content="0">', {"tdm-reservation": "1"}, False, id="meta-wins"),
        pytest.param("", {"tdm-reservation": "0", "wirecopy-tdmrep": "1"}, False, id="header-before-file"),
        pytest.param("", {"wirecopy-tdmrep": "1"}, True, id="file"),
        pytest.param('<meta name="robots" content="index, noai, noimageai">', {}, True, id="noai"),
        pytest.param('<meta name="robots" content="index, follow">', {}, False, id="robots-without"),
        pytest.param("", {"x-robots-tag": "noindex, noai"}, True, id="x-robots-tag"),
        pytest.param('<!-- <meta name="robots" content="noai"> -->', {}, False, id="commented-out"),
        pytest.param("<script>'<meta name=robots content=noai>'</script>", {}, False, id="in-a-script"),
        pytest.param('<meta name="description" content="noai explained">', {}, False, id="another-meta"),
    ],
)
def test_signals(head: str, headers: Mapping[str, str], expected: bool) -> None:
    """TDMRep: meta before header before file; a robots word reserves in any case."""
    page = a_page(html(head), headers={"content-type": "text/html; charset=utf-8", **headers})
    assert opts_out(page) is expected


def test_utf_16() -> None:
    """An encoding is no way around it."""
    assert opts_out(a_page(html('<meta name="robots" content="noai">').encode("utf-16")))


@pytest.mark.parametrize(
    ("rules", "path", "reserved"),
    [
        pytest.param('[{"location": "/", "tdm-reservation": 1}]', "/x", True, id="all"),
        pytest.param('[{"location": "/a/*.html", "tdm-reservation": 1}]', "/a/b.html", True, id="pattern"),
        pytest.param('[{"location": "/a/*.html", "tdm-reservation": 1}]', "/b.html", False, id="elsewhere"),
        pytest.param(
            '[{"location": "/", "tdm-reservation": 1}, {"location": "/free/", "tdm-reservation": 0}]',
            "/free/x", False, id="longest-wins",
        ),
        pytest.param('{"location": "/", "tdm-reservation": 1}', "/x", False, id="no-list"),
        pytest.param('[1, {"location": 7, "tdm-reservation": 1}]', "/x", False, id="nonsense"),
        pytest.param('[{"location": "/y\\nDisallow: /", "tdm-reservation": 1}]', "/x", False, id="no-smuggling"),
        pytest.param("<html>", "/x", False, id="html"),
        pytest.param("[" * 100_000, "/x", False, id="deep"),
    ],
)  # fmt: skip
def test_file_rules(rules: str, path: str, reserved: bool) -> None:
    """Locations are patterns as in robots.txt; whatever else stands there says nothing."""
    assert file_rules(rules).can_fetch(f"https://news.example{path}", "*") is not reserved


@pytest.mark.asyncio
async def test_a_page_that_its_host_reserves_is_not_asked_for(site: Any) -> None:
    """One look at tdmrep.json, and feeds are not its matter."""
    site.pages.update({FILE: '[{"location": "/news/", "tdm-reservation": 1}]', "/news/1": "x", "/x": "x"})
    async with fetcher(read_tdmrep=True) as fetch:
        for _ in range(2):
            with pytest.raises(TdmOptOut, match=r"tdmrep\.json"):
                await fetch.get(site.url("/news/1"))
        await fetch.get(site.url("/x"))
        await fetch.get(site.url("/news/1"), kind="feed")
    assert site.paths() == [FILE, "/x", "/news/1"]


@pytest.mark.asyncio
async def test_where_the_setting_says_so_it_is_taken_and_noted(site: Any) -> None:
    """obey_tdm = false: the page is had, and what its host says stays with it."""
    site.pages.update({FILE: '[{"location": "/", "tdm-reservation": 1}]', "/x": html()})
    async with fetcher(read_tdmrep=True, obey_tdm=False) as fetch:
        page = await fetch.get(site.url("/x"))
    assert isinstance(page, Page)
    async with WorkerPool(ExtractOptions(workers=1, obey_tdm=False), publisher_of=str) as pool:
        article = await pool.extract(page, an_entry(), via="live")
    assert article.tdm_reservation is True


@pytest.mark.asyncio
async def test_a_header_reserves(site: Any) -> None:
    """The code is stable and final."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text="x", headers={"tdm-reservation": "1"})

    site.pages["/x"] = answer
    async with fetcher() as fetch:
        with pytest.raises(TdmOptOut) as caught:
            await fetch.get(site.url("/x"))
    assert (caught.value.code, caught.value.retryable) == ("reserved", False)


@pytest.mark.asyncio
async def test_a_page_of_raw_is_judged_by_its_tree() -> None:
    """It was taken when the setting was another, or elsewhere."""
    page = a_page(html('<meta name="tdm-reservation" content="1">'))
    async with WorkerPool(ExtractOptions(workers=1, deadline=timedelta(30)), publisher_of=str) as pool:
        with pytest.raises(TdmOptOut):
            await pool.extract(page, an_entry(), via="raw")
