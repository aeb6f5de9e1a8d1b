"""A person at Airflow's pages: a real Chromium that clicks, types and reads, and takes pictures for docs/images."""

from __future__ import annotations

import importlib.util
import re
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.airflow.api import until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

CHROMIUM = Path("/usr/bin/chromium")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
MARKS = [  # of a test that needs a browser and the Airflow that they share
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("airflow"),
    pytest.mark.skipif(not importlib.util.find_spec("playwright"), reason="needs the Python package playwright"),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs {CHROMIUM}: apt-get install -y chromium"),
]
UNHEALTHY_AFTER = 60_000.0  # milliseconds for one click or look, on a machine that is busy with the runs
TALL = {"width": 1280, "height": 1240}  # the whole backfill form
WIDE = {"width": 1280, "height": 720}
DONE = frozenset({"Success", "Failed"})


@contextmanager
def chromium(profile: Path, address: str, pictures: Path) -> Iterator[Browser]:
    """Debian's Chromium with a profile of its own, for the Airflow at *address*."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, args=list(QUIET), viewport=WIDE, timezone_id="UTC", locale="en-US"
        )
        context.set_default_timeout(UNHEALTHY_AFTER)
        try:
            yield Browser(page=context.pages[0], address=address, pictures=pictures)
        finally:
            context.close()


@dataclass
class Browser:
    """One window. Every method says what a person does or reads there."""

    page: Page
    address: str
    pictures: Path

    def __post_init__(self) -> None:
        self.wraps = False  # long lines of logs
        self.errors: list[str] = []  # what the pages' scripts raised
        self._use(self.page)

    def _use(self, page: Page) -> None:
        self.page = page
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def log_in(self, password: str, user: str = "admin") -> None:
        """Come without a session, be sent to the login page, and fill it in; a tab that crashes then is opened anew."""
        try:
            self._fill_in_login(password, user)
        except Exception as error:
            if "crashed" not in str(error):  # Chromium's own; on a machine that is full of processes it happens
                raise
            self._use(self.page.context.new_page())
            self._fill_in_login(password, user)

    def _fill_in_login(self, password: str, user: str) -> None:
        self.page.goto(self.address)
        self.page.fill("input[name=username]", user)
        self.page.fill("input[name=password]", password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_test_id("nav-dags-link").wait_for()

    def open_dag(self, dag_id: str) -> None:
        """A DAG's page, by its address: in the list of all DAGs the lines still move while it is drawn."""
        self.page.goto(f"{self.address}/dags/{dag_id}")
        self.page.get_by_test_id("markdown-button").wait_for()

    def documentation(self, picture: str = "") -> str:
        """The text behind the book."""
        self.page.get_by_test_id("markdown-button").click()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_text("Dag Documentation").wait_for()
        text = dialog.inner_text()
        if picture:
            self.picture(picture)
        self.page.keyboard.press("Escape")
        dialog.wait_for(state="detached")
        return text

    def backfill(
        self, dag_id: str, first: str, last: str, which: str, picture: str = "", *, at_once: int | None = None
    ) -> str:
        """Fill in the form for the days *first* to *last* and start it; returns what it said would happen."""
        self.open_dag(dag_id)
        self.page.set_viewport_size(TALL)
        self.page.get_by_test_id("trigger-dag-button").click()
        form = self.page.get_by_role("dialog").first
        form.locator("label", has_text="Run this Dag for a range of dates").click()
        for place, day in enumerate((first, last)):
            self._type_day(form, place, day)
        form.locator("label").filter(has=self.page.get_by_text(which, exact=True)).click()
        if at_once:
            form.get_by_role("spinbutton").first.fill(str(at_once))
        said = form.get_by_text(re.compile(r"\d+ runs? will be triggered|No runs"))
        self._steady(said)
        text = said.inner_text()
        if picture:
            self.picture(picture, of=form)
        form.get_by_role("button", name="Run Backfill").click()
        self.page.get_by_text("Backfill jobs have been successfully triggered").first.wait_for()
        self.page.set_viewport_size(WIDE)
        return text

    def _type_day(self, form: Locator, place: int, day: str) -> None:
        self.page.get_by_test_id("datetime-input").nth(place).click()
        self.page.get_by_placeholder("YYYY/MM/DD").fill(day.replace("-", "/"))
        self.page.get_by_placeholder("HH:mm").fill("00:00")
        self.page.keyboard.press("Enter")
        form.get_by_text("Date Range", exact=True).click()  # closes the calendar
        self.page.get_by_placeholder("YYYY/MM/DD").wait_for(state="detached")

    def _steady(self, said: Locator) -> None:
        """Until the dry run has said the same for two seconds: it is asked anew with every change of the form."""
        said.wait_for()
        seen, since = said.inner_text(), time.monotonic()
        while time.monotonic() < since + 2:
            self.page.wait_for_timeout(200)
            now = said.inner_text() if said.count() else ""
            if now != seen:
                seen, since = now, time.monotonic()

    def runs(self) -> dict[str, str]:
        """State by run id, as the tab "Runs" of the DAG that is open shows them."""
        rows = self.page.get_by_test_id("table-list").locator("tbody tr").filter(has=self.page.get_by_role("link"))
        cells = "row => ['dag_run_id', 'state'].map(name => row.querySelector(`[data-testid=table-cell-${name}]`))"
        return dict(
            rows.evaluate_all(f"rows => rows.map({cells}).map(cells => cells.map(one => one.innerText.trim()))")
        )

    def look_away(self) -> None:
        """Leave Airflow's pages: one that shows runs at work draws itself anew each second, for most of a core."""
        self.page.goto("about:blank")

    def ended_runs(self, dag_id: str, expected: Collection[str], *, seconds: float) -> dict[str, str]:
        """The tab "Runs" when the *expected* runs are there and all have ended. The page brings itself up to date."""
        self.page.goto(f"{self.address}/dags/{dag_id}/runs")
        self.page.get_by_test_id("table-list").wait_for()

        def look() -> dict[str, str]:
            self.page.wait_for_timeout(500)
            runs = {run_id: state for run_id, state in self.runs().items() if run_id in expected}
            return runs if set(runs) == set(expected) and set(runs.values()) <= DONE else {}

        return until(look, seconds=seconds, what=f"the end of {', '.join(expected)} of {dag_id}")

    def open_run(self, run_id: str) -> None:
        """From the tab "Runs" into a run."""
        self.page.get_by_test_id("table-list").get_by_role("link", name=run_id).first.click()
        self.page.get_by_role("tab", name="Task Instances").or_(
            self.page.get_by_role("link", name="Task Instances")
        ).first.wait_for()

    def log(self, task: str, until_it_says: str, picture: str = "") -> str:
        """From a run into a task; its log, once *until_it_says* stands there."""
        self.page.get_by_test_id("table-list").get_by_role("link", name=task, exact=True).first.click()
        lines = self.page.get_by_test_id("virtualized-list")
        line = lines.get_by_text(until_it_says).first
        line.wait_for()
        if picture:
            if not self.wraps:
                self.page.keyboard.press("w")  # a switch, remembered from page to page
                self.wraps = True
                self.page.wait_for_timeout(1000)
            line.scroll_into_view_if_needed()
            self.picture(picture)
        return lines.inner_text()

    def picture(self, name: str, of: Locator | None = None) -> None:
        """A PNG of the window, or of a part of it, once all has been drawn."""
        self.page.wait_for_timeout(1500)
        (of or self.page).screenshot(path=self.pictures / f"{name}.png", animations="disabled")
