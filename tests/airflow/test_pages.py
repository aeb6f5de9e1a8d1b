"""The pages inside of Airflow, in a real browser: menu, deep links, tabs, dark, and days that are filled from them."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.airflow.browser import MARKS, Browser, chromium
from tests.airflow.desk import Desk
from tests.airflow.stack import Stack

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator

pytestmark = MARKS
INSIDE = "/plugin/wirecopy/wirecopy"


def test_days_are_filled_from_the_pages(desk_of: Callable[..., Desk], stack: Stack, tmp_path: Path) -> None:
    """A viewer reads, and Airflow refuses the backfill in a sentence; an administrator fills two days, finds a cluster
    in them, and comes back to it by its address, in the dark, and from the tab of the run.
    """
    desk = desk_of()
    chosen = "&".join(f"day={day}" for day in desk.days[1:])
    pictures = Path(os.environ.get("PICTURES_INTO") or tmp_path)
    _nobody_reads_without_a_login(desk)
    with chromium(tmp_path / "viewer", desk.api.address, pictures) as browser:
        browser.log_in(_password(stack, "viewer"), "viewer")
        frame = _open(browser, f"{INSIDE}/fill?{chosen}")
        frame.get_by_role("button", name="Dry run").click()
        frame.get_by_text("Airflow refused: your account may not backfill wirecopy_day").wait_for()
        assert frame.get_by_role("button", name="Backfill", exact=True).is_disabled()
    with chromium(tmp_path / "admin", desk.api.address, pictures) as browser:
        browser.log_in(desk.api.password)
        _fill(browser, desk, chosen)
        _read(browser, desk)
        _a_run_has_its_tab(browser, desk)
        assert browser.errors == []


def _nobody_reads_without_a_login(desk: Desk) -> None:
    """401 for a program; a browser's window is led to the login page."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with pytest.raises(urllib.error.HTTPError) as refused:
        opener.open(f"{desk.api.address}/wirecopy/clusters.csv", timeout=60)
    refused.value.close()
    assert refused.value.code == 401
    window = urllib.request.Request(f"{desk.api.address}/wirecopy/", headers={"Accept": "text/html"})
    with opener.open(window, timeout=60) as page:
        assert "/auth/login" in page.url
        assert "next=" in page.url


def _fill(browser: Browser, desk: Desk, chosen: str) -> None:
    frame = _open(browser, f"{INSIDE}/fill?{chosen}")
    frame.get_by_role("button", name="Dry run").click()
    frame.get_by_text("Dry run: 2 runs would start.").wait_for()
    browser.picture("pages-fill")
    frame.get_by_role("button", name="Backfill", exact=True).click()
    frame.get_by_text("The backfill has started").wait_for()
    desk.api.pause("wirecopy_day", paused=False)
    runs = [run["dag_run_id"] for run in desk.api.quiet("wirecopy_day", seconds=360)]
    assert len(runs) == 2
    desk.settled()


def _read(browser: Browser, desk: Desk) -> None:
    """From the menu to a cluster; its address leads there again, in Airflow's theme."""
    browser.page.goto(desk.api.address)
    browser.page.get_by_role("link", name="wirecopy", exact=True).first.click()
    frame = browser.page.frame_locator("iframe")
    cell = frame.locator(f"td a[href$='/days/{desk.days[2]}']")
    assert cell.locator(".num").inner_text() == str(len(desk.holds()[desk.days[2]]))
    cell.click()
    frame.get_by_role("heading", name="Largest clusters").wait_for()
    frame.locator("table").first.get_by_role("link").first.click()
    heading = frame.get_by_role("heading", level=1)
    frame.get_by_role("heading", name="Who printed it when").wait_for()
    said = heading.inner_text()
    browser.page.wait_for_url(lambda url: f"{INSIDE}/clusters/" in url)
    browser.page.evaluate("localStorage.setItem('theme', 'dark')")
    browser.page.reload()
    heading.filter(has_text=said).wait_for()
    assert frame.locator("html").get_attribute("data-theme") == "dark"
    browser.picture("pages-in-airflow")
    browser.page.evaluate("localStorage.setItem('theme', 'light')")


def _a_run_has_its_tab(browser: Browser, desk: Desk) -> None:
    """The tab tells the day that the run completed, and leads there."""
    run = desk.api.runs("wirecopy_day")[-1]["dag_run_id"]
    frame = _open(browser, f"/dags/wirecopy_day/runs/{run}/plugin/wirecopy-run")
    frame.get_by_role("heading", name="Days that have articles of it").wait_for()
    frame.get_by_role("link", name=desk.days[2], exact=True).click()
    frame.get_by_role("heading", name="Largest clusters").wait_for()


def _open(browser: Browser, path: str) -> FrameLocator:
    browser.page.goto(browser.address + path)
    frame = browser.page.frame_locator("iframe")
    frame.get_by_role("heading", level=1).wait_for()
    return frame


def _password(stack: Stack, user: str) -> str:
    return str(json.loads((stack.home / "passwords.json").read_text())[user])
