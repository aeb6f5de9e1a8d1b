"""`wirecopy serve`: the prefix, the token, the host's name; the real command once."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.airflow.browser import CHROMIUM, QUIET
from tests.wirecopy.builders import name
from tests.wirecopy.pages.conftest import settings_of
from wirecopy.cli.serving import read_token
from wirecopy.errors import UsageError
from wirecopy.pages.app import create_app
from wirecopy.pages.doorway import behind, clean_base

pytestmark = pytest.mark.xdist_group("pages")
TOKEN = "long-enough-to-be-a-token"


def door(root: Path, host: str = "127.0.0.1:8090", **options: str) -> TestClient:
    return TestClient(behind(create_app(lambda: settings_of(root)), **options), base_url=f"http://{host}")


@pytest.mark.parametrize("path", ["/desk/", "/desk", "/"])
def test_a_prefix_that_the_proxy_keeps_or_cuts(filled_root: Path, path: str) -> None:
    """All links have it, once."""
    answer = door(filled_root, base="/desk").get(path)
    assert answer.status_code == 200
    links = re.findall(r'(?:href|action)="(/[^"]*)"', answer.text)
    assert links
    assert [one for one in links if not one.startswith("/desk/") or one.startswith("/desk/desk")] == []
    assert 'href="/desk/" aria-current="page"' in answer.text


def test_the_token(filled_root: Path) -> None:
    """Nobody reads without it; the printed address leaves a cookie, and the token leaves the address."""
    pages = door(filled_root, "elsewhere.example", token=TOKEN, base="/desk")
    assert pages.get("/desk/").status_code == 401
    assert pages.get("/desk/?token=wrong").status_code == 401
    assert pages.get("/desk/", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
    first = pages.get(f"/desk/clusters?token={TOKEN}&day=2026-11-22", follow_redirects=False)
    assert (first.status_code, first.headers["location"]) == (303, "/desk/clusters?day=2026-11-22")
    assert {"httponly", "samesite=strict", "path=/desk"} <= set(first.headers["set-cookie"].lower().split("; "))
    assert pages.get("/desk/").status_code == 200


def test_another_name_of_this_machine_reads_nothing(filled_root: Path) -> None:
    """A site whose name leads here must not read the pages in a visitor's browser."""
    assert door(filled_root, "evil.example").get("/").status_code == 421
    assert door(filled_root, "localhost:1").get("/").status_code == 200
    assert door(filled_root, "[::1]:8090").get("/").status_code == 200


def test_a_token_file_is_made_once(tmp_path: Path) -> None:
    """For its owner's eyes; a short one is refused."""
    token = read_token(tmp_path / "token")
    assert len(token) >= 32
    assert read_token(tmp_path / "token") == token
    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600
    (tmp_path / "token").write_text("short")
    with pytest.raises(UsageError, match="a token has 16 or more"):
        read_token(tmp_path / "token")


def test_bases() -> None:
    """Every spelling of a path is one; what is none is refused."""
    assert [clean_base(one) for one in ("", "/", "desk", "/desk/", "//a//b/")] == ["", "", "/desk", "/desk", "/a/b"]
    with pytest.raises(UsageError, match="Write it like /desk"):
        clean_base("/../x")


def _on_a_phone(address: str) -> None:
    """No page is wider than the screen, or says anything to the console; no text of an attacker runs."""
    from playwright.sync_api import sync_playwright

    noticed: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.on("console", lambda message: noticed.append(message.text))
        page.on("pageerror", lambda error: noticed.append(str(error)))
        page.on("dialog", lambda dialog: (noticed.append("dialog"), dialog.dismiss()))
        evil = name("https://gazette.example/evil-1")
        for path in (
            "",
            "days/2026-11-22",
            f"clusters/{evil}",
            f"articles/{evil}",
            "network",
            "feeds",
            "search?q=basin",
        ):
            page.goto(address + path)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        page.goto(f"{address}clusters?day=2026-11-22")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
        browser.close()
    assert noticed == []


@pytest.mark.slow
def test_the_command(filled_root: Path) -> None:
    """It prints its address, answers there, and says so if the port is taken or the address is open to others."""
    command = [str(Path(sys.executable).parent / "wirecopy"), "serve"]
    environment = {"WIRECOPY_DATA": str(filled_root), "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(
        [*command, "--port", "0"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout
            address = process.stdout.readline().split()[-1]
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(address, timeout=30) as answer:
                assert b"<h1>Days</h1>" in answer.read()
            if CHROMIUM.exists():
                _on_a_phone(address)
            port = address.split(":")[-1].strip("/")
            taken = subprocess.run([*command, "--port", port], env=environment, capture_output=True, text=True)
            assert (taken.returncode, f"Port {port} of 127.0.0.1 is in use" in taken.stderr) == (2, True)
        finally:
            process.terminate()
            assert process.wait(20) in (0, -15)
    opened = subprocess.run([*command, "--host", "0.0.0.0"], env=environment, capture_output=True, text=True)
    assert (opened.returncode, "--token-file" in opened.stderr) == (2, True)
    assert json.dumps(opened.stdout) == '""'
