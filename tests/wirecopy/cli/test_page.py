"""The page of `--html`, in a real browser: what it shows, that it asks for nothing, that hostile texts stay texts."""

from __future__ import annotations

import io
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.airflow.browser import CHROMIUM, QUIET
from tests.wirecopy.cli import samples
from wirecopy.pages.sidebyside import safe_url
from wirecopy.store.files.layout import Layout
from wirecopy.store.query.read import rows

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("command")]
needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs {CHROMIUM}: apt-get install chromium")

PHONE = {"width": 390, "height": 844}
TEXT_OF = "nodes => nodes.map(node => node.textContent.trim())"
# The least contrast of any text with what is behind it, by the formula of WCAG 2 ("contrast ratio").
CONTRAST = """() => {
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => {
    const linear = value => value <= .03928 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4;
    const [r, g, b] = parts(colour).slice(0, 3).map(value => linear(value / 255));
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const behind = node => {
    for (let at = node; at; at = at.parentElement) {
      const [, , , alpha] = [...parts(getComputedStyle(at).backgroundColor), 1];
      if (alpha) return getComputedStyle(at).backgroundColor;
    }
    return 'rgb(255, 255, 255)';
  };
  const ratios = [...document.querySelectorAll('p, a, mark, dt, dd, h1, h2, h3, span, time')]
    .filter(node => node.checkVisibility() && node.textContent.trim())
    .map(node => [light(getComputedStyle(node).color), light(behind(node))].sort((a, b) => b - a))
    .map(([a, b]) => (a + .05) / (b + .05));
  return Math.min(...ratios);
}"""


@dataclass
class Window:
    """A browser window and all that it noticed."""

    page: object
    noticed: list[str] = field(default_factory=list)  # console messages, script errors
    asked: list[str] = field(default_factory=list)  # addresses

    def open(self, path: Path) -> Window:
        self.page.goto(path.as_uri())
        return self

    def texts(self, selector: str) -> list[str]:
        return self.page.locator(selector).evaluate_all(TEXT_OF)


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def window(chromium, request):
    """A window of the size and colours that a test names in `indirect` parameters."""
    context = chromium.new_context(**getattr(request, "param", {}))
    page = context.new_page()
    seen = Window(page)
    page.on("console", lambda message: seen.noticed.append(message.text))
    page.on("pageerror", lambda error: seen.noticed.append(str(error)))
    page.on("dialog", lambda dialog: (seen.noticed.append("dialog"), dialog.dismiss()))
    page.on("request", lambda asked: seen.asked.append(asked.url))
    yield seen
    context.close()


def draw(window: Window, pair, path: Path) -> None:
    """A picture for docs/, in 256 colours: a third of the bytes, and no eye sees it."""
    from PIL import Image

    window.page.add_style_tag(content=".link { display: none } .texts .pane { max-height: none }")
    picture = Image.open(io.BytesIO(pair.screenshot()))
    picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def explained(call, path: Path, name: str, folder: Path) -> Path:
    page = folder / "page.html"
    answer = call("explain", name, "--in", path, "--html", page)
    assert answer.code == 0, answer.err
    assert str(page) in answer.err
    return page


@needs_chromium
@pytest.mark.parametrize(
    "window",
    [
        pytest.param({"color_scheme": "light"}, id="light"),
        pytest.param({"color_scheme": "dark"}, id="dark"),
        pytest.param({"viewport": PHONE, "has_touch": True}, id="phone"),
    ],
    indirect=True,
)
def test_a_cluster_page(window, call, harbour, tmp_path):
    """Timeline, passages under the same number on both sides, quotations apart; nothing asked for, nothing wider than
    the screen, every text in a contrast of 4.5 or more.
    """
    window.open(explained(call, harbour, "wire", tmp_path))
    assert window.texts("h1") == ["Northern basin to close for eleven weeks"]
    assert [text[:16] for text in window.texts(".timeline time")] == [
        f"2026-11-22 {hour}:10" for hour in ("08", "09", 11, 12)
    ]
    assert window.texts(".timeline .delay") == ["−1 h", "+2 h", "+3 h"]
    assert "credited agency" in window.texts(".reason")[0]
    left, right = (
        window.texts("#copy-gazette .pane:nth-child(1) .n"),
        window.texts("#copy-gazette .pane:nth-child(2) .n"),
    )
    assert sorted(left) == sorted(right)
    assert len(left) >= 3
    assert any("berth" in text for text in window.texts("#copy-gazette mark.quoted"))
    assert not any("berth" in text for text in window.texts("#copy-gazette mark:not(.quoted)"))
    assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert window.page.evaluate(CONTRAST) >= 4.5
    assert window.asked == [window.page.url]
    assert window.noticed == []


@needs_chromium
def test_a_number_leads_to_its_counterpart(window, call, harbour, tmp_path):
    """Without any script: the other text scrolls to the same words."""
    window.open(explained(call, harbour, "wire", tmp_path))
    window.page.locator("#copy-gazette-left-2 .n").click()
    target = window.page.locator("mark:target")
    assert target.get_attribute("id") == "copy-gazette-right-2"
    assert target.bounding_box()["y"] >= 0
    same = window.page.evaluate(
        "['left', 'right'].map(s => getComputedStyle(document.getElementById(`copy-gazette-${s}-2`)).backgroundColor)"
    )
    assert same[0] == same[1] != "rgba(0, 0, 0, 0)"


@needs_chromium
@pytest.mark.parametrize(
    ("name", "heading"),
    [
        pytest.param("plain<b>", samples.ATTACK, id="script-tags"),
        pytest.param("fa-1", "حوضچه شمالی بندر آلدن یازده هفته بسته می‌ماند", id="persian"),
        pytest.param("zh-1", "北港池关闭十一周", id="chinese"),
        pytest.param("huge", "H" * 159 + "…", id="huge"),
    ],
)
def test_hostile_and_foreign_texts(window, call, tmp_path, name, heading):
    """What an article says is shown as it says it, and does nothing; each paragraph runs in its own direction."""
    path = samples.write(tmp_path / "hostile.jsonl", samples.HOSTILE)
    page = explained(call, path, name, tmp_path)
    window.open(page)
    assert window.texts("h1") == [heading]
    assert window.page.evaluate("document.querySelectorAll('script, img, iframe, object, form').length") == 0
    assert window.page.evaluate("[...document.links].every(a => /^(#|https?:)/.test(a.getAttribute('href')))")
    assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    direction = window.page.locator(".pane > p").first.evaluate("node => getComputedStyle(node).direction")
    assert direction == ("rtl" if name == "fa-1" else "ltr")
    assert window.asked == [window.page.url]
    assert window.noticed == []
    assert page.stat().st_size < 200_000


@needs_chromium
@pytest.mark.parametrize(
    "window", [pytest.param({"viewport": {"width": 1100, "height": 900}}, id="desk")], indirect=True
)
def test_a_page_from_the_store(window, there, call, tmp_path):
    """A reworded copy of the demo newsroom, with its address. PICTURES_INTO=docs/images draws its picture anew."""
    title = "Cleaner finds a treasure in a locker"
    (copy,) = rows(Layout(there.folder / "data"), "SELECT article_id, url FROM articles WHERE title = ?", title)
    answer = call("explain", copy["article_id"], "--html", tmp_path / "page.html")
    assert answer.code == 0, answer.err
    window.open(tmp_path / "page.html")
    pair = window.page.locator(f"#copy-{copy['article_id']}")
    assert copy["url"] in [link.get_attribute("href") for link in pair.locator(".link a").all()]
    assert pair.locator(".pane:first-child mark .n").count() == pair.locator(".pane:last-child mark .n").count() >= 8
    assert pair.locator("mark.quoted").count() >= 2
    assert window.noticed == []
    if os.environ.get("PICTURES_INTO"):
        draw(window, pair, Path(os.environ["PICTURES_INTO"]) / "explain.png")


@needs_chromium
def test_a_comparison_page(window, call, tmp_path):
    """`compare --html`: both files, their passages side by side."""
    for name, text in (("ours.txt", samples.WIRE), ("theirs.txt", samples.REWORDED)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    answer = call("compare", tmp_path / "ours.txt", tmp_path / "theirs.txt", "--json", "--html", tmp_path / "both.html")
    found = json.loads(answer.out)
    window.open(tmp_path / "both.html")
    assert window.texts("h1") == ["ours.txt and theirs.txt: copy"]
    assert len(window.texts(".texts .pane:first-child mark .n")) == len(found["passages"])
    assert window.noticed == []


def test_a_page_that_cannot_be_written(call, harbour, tmp_path):
    """Exit 2, and why."""
    answer = call("explain", "wire", "--in", harbour, "--html", tmp_path / "no" / "page.html")
    assert answer.code == 2
    assert "cannot be written" in answer.err


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example/x", True),
        ("HTTP://a.example", True),
        ("javascript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//a.example", False),
        (None, False),
    ],
)
def test_only_web_addresses_are_links(url, safe):
    """A feed may name any scheme."""
    assert safe_url(url) == (url if safe else None)
