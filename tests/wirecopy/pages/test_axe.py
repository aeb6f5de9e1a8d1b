"""The pages in a real browser: axe-core finds nothing serious, and none is wider than a phone's window."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

from tests.airflow.browser import CHROMIUM, QUIET
from tests.wirecopy.builders import at, name
from tests.wirecopy.cli import samples
from tests.wirecopy.pages.conftest import EVIL, FEED, settings_of
from wirecopy.pages.app import create_app
from wirecopy.pages.frame import segment

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("pages"),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs {CHROMIUM}: apt-get install -y chromium"),
]
DAY = at(0).date()
WIRE = name("https://gazette.example/wire")
PEARS = name("https://gazette.example/pears")
GRAVE = {"serious", "critical"}
LOOKS = (("light", 1000), ("dark", 1000), ("dark", 400), ("light", 400))
PATHS = (
    "/", f"/days/{DAY}", f"/fill?day={DAY}", f"/clusters?day={DAY}", f"/clusters/{WIRE}?day={DAY}", "/network",
    "/publishers", f"/publishers/{segment(EVIL)}", "/feeds", f"/feeds/{segment(FEED)}", "/search?q=basin",
    f"/articles/{PEARS}?day={DAY}", "/runs/scheduled__2026-11-22T10:00:00+00:00", "/nothing", "/trace",
)  # fmt: skip


@contextmanager
def served(root: Path) -> Iterator[str]:
    """The address of the pages of a data folder, on loopback."""
    server = uvicorn.Server(uvicorn.Config(create_app(lambda: settings_of(root)), port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.05)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


def test_everybody_can_read_each_page(filled_root: Path) -> None:
    """Light and dark, on a desk and on a phone: nothing serious for who sees little or uses a keyboard, and only tables
    that scroll by themselves are wider than the window.
    """
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    axe, faults = Axe(), list[str]()
    with served(filled_root) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        for path in PATHS:
            page = browser.new_page(base_url=address)
            page.set_default_timeout(120_000)
            page.goto(path)
            if path == "/trace":
                _trace(page)
            faults += [f"{path} {fault}" for fault in _faults(page, axe)]
            page.close()
        browser.close()
    assert faults == []


def _trace(page: Page) -> None:
    page.fill("textarea", samples.REWORDED)
    page.fill("[name=day]", str(DAY))
    page.get_by_role("button", name="Trace").click()
    page.get_by_role("heading", name="Side by side").wait_for()


def _faults(page: Page, axe: Any) -> Iterator[str]:
    for scheme, width in LOOKS:
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            yield f"{scheme} {width}: {wide} pixels wide"
        for one in axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]:
            if one["impact"] in GRAVE:
                places = " ".join(str(node["target"]) for node in one["nodes"][:5])
                yield f"{scheme} {width}: {one['id']} ({one['help']}) at {places}"
