"""Every page on a hostile store: what it shows, and that nothing of a text gets out of its place."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, deque
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient

from dedupe.params import DEFAULTS
from tests.wirecopy.builders import at, capture, commit, name
from tests.wirecopy.cli import samples
from tests.wirecopy.pages.conftest import EVIL, FEED, FORMULA, client_of, row, settings_of
from wirecopy.pages.app import create_app
from wirecopy.pages.csvfiles import csv_text
from wirecopy.pages.frame import SCRIPT, segment
from wirecopy.steps.deduping import compute_date
from wirecopy.store.files.layout import Layout

pytestmark = pytest.mark.xdist_group("pages")

DAY = at(0).date()
WIRE = name("https://gazette.example/wire")
PEARS = name("https://gazette.example/pears")
OF_A_SHAPE = 1  # addresses that differ only in days, ids and names
FORBIDDEN = {"img", "iframe", "object", "embed", "base", "b-x"}


class Page(HTMLParser):
    """What a browser would make of a page: its tags, attributes, links and texts."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.links: list[str] = []
        self.handlers: list[str] = []
        self.scripts: list[str] = []
        self.said: list[str] = []
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._inside = tag
        self.handlers += [key for key, _ in attrs if key.startswith("on")]
        self.links += [value or "" for key, value in attrs if key in ("href", "src", "action")]

    def handle_data(self, data: str) -> None:
        (self.scripts if self._inside == "script" else self.said).append(data)

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())


def look(pages: TestClient, path: str, status: int = 200) -> Page:
    answer = pages.get(path)
    assert answer.status_code == status, (path, answer.status_code, answer.text[-600:])
    return Page(answer.text)


@pytest.mark.slow
def test_every_link_leads_to_a_page_and_no_text_gets_out(pages: TestClient) -> None:
    """Whatever is linked from the first page on is there; no tag, handler, script or address comes from a text."""
    seen, waiting = set[str](), deque(["/", f"/feeds/{segment(FEED)}", f"/publishers/{segment(EVIL)}"])
    shapes = Counter[str]()
    while waiting:
        path = waiting.popleft()
        shape = re.sub(r"=[^&]*|[0-9a-f]{32}|\d+|(?<=ublishers/)[^?]+|(?<=/feeds/)[^?]+", "", path)
        if path in seen or shapes[shape] >= OF_A_SHAPE:
            continue
        seen.add(path)
        shapes[shape] += 1
        answer = pages.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-500:])
        assert "script-src 'sha256-" in answer.headers["content-security-policy"]
        if "text/csv" in answer.headers["content-type"]:
            continue
        page = Page(answer.text)
        assert page.tags.count("h1") == 1, path
        assert (page.handlers, [one for one in page.tags if one in FORBIDDEN]) == ([], []), path
        assert page.scripts == [SCRIPT], path
        assert not re.search("[\x00-\x08\u202a-\u202e]", answer.text), path
        outside = [
            one for one in page.links if not one.startswith(("/", "?", "#", "https://gazette.example/", "data:,"))
        ]
        assert outside == [], path
        waiting += [one.split("#")[0] for one in page.links if one.startswith("/")]
    assert {"/clusters", "/feeds", "/publishers", "/network", "/search"} <= seen
    assert len(shapes) >= 25


@pytest.mark.parametrize("path", ["/", "/clusters", "/feeds/courier", "/days.csv"])
def test_who_only_asks_for_the_head_gets_it(pages: TestClient, path: str) -> None:
    """Health checks and link checkers do: the answer of GET without its body; what takes a text is not asked so."""
    head, whole = pages.head(path), pages.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == whole.headers
    assert pages.post(path).status_code == 405


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/days/2026-99-99", 422),
        ("/days/0001-01-01", 422),
        ("/?until=9999-12-31", 422),
        ("/?weeks=x", 422),
        ("/clusters?day=yesterday", 422),
        ("/clusters?min=-1", 422),
        ("/clusters?relation=friend", 422),
        ("/clusters/..%2f..%2fetc%2fpasswd", 404),
        ("/clusters/x'%20OR%201=1--", 422),
        (f"/clusters/{'0' * 32}", 404),
        (f"/articles/{'0' * 32}?day=2026-11-22", 404),
        ("/nothing%00here", 404),
        ("/fill?day=<script>", 422),
    ],
)
def test_what_means_nothing_gets_a_sentence(pages: TestClient, path: str, status: int) -> None:
    """No fault of the pages, but a page that says what is wrong."""
    page = look(pages, path, status)
    assert page.tags.count("h1") == 1
    assert re.search(r"[A-Z“].{15,}\.", page.text)
    assert page.scripts == [SCRIPT]


def test_the_calendar_tells_thin_days(pages: TestClient) -> None:
    """A day without articles between others is to be filled, one that has not come is not."""
    answer = pages.get("/").text
    boxes = re.findall(r'name="day" value="([\d-]+)"', answer)
    assert "2026-11-21" in boxes
    assert not {"2026-11-22", "2026-11-23", "2026-11-24"} & set(boxes)
    thin = re.findall(r'value="([\d-]+)" data-wanting', answer)
    assert "2026-11-21" in thin
    assert "2026-10-31" not in thin
    assert "1 open alarm" in Page(answer).text
    assert "Look at it. since 2026-11-22 08:00" in Page(answer).text
    rows = list(csv.DictReader(io.StringIO(pages.get("/days.csv").text)))
    assert {row["day"]: row["state"] for row in rows}["2026-11-21"] == "none"
    assert {row["day"]: row["articles"] for row in rows}["2026-11-22"] == "7"


def test_chosen_days_become_stretches_and_commands(pages: TestClient, filled_root: Path) -> None:
    """Days that follow each other are one stretch; a day that is not over is left out. Buttons are for Airflow only."""
    query = "day=2026-11-21&day=2026-11-05&day=2026-11-20&day=2026-11-23&day=2027-01-01"
    page = look(pages, f"/fill?{query}")
    assert "wirecopy run --from 2026-11-05 --to 2026-11-05" in page.text
    assert "wirecopy run --from 2026-11-20 --to 2026-11-21" in page.text
    assert "2 of the chosen days are not over yet" in page.text
    assert "button" not in page.tags
    inside = client_of(filled_root, inside_airflow=True).get(f"/fill?{query}").text
    assert 'data-stretches="[[&#34;2026-11-05&#34;' in inside


def test_filters_of_clusters(pages: TestClient) -> None:
    """Each filter keeps the clusters that have such a member."""

    def headlines(query: str) -> list[str]:
        rows = csv.DictReader(io.StringIO(pages.get(f"/clusters.csv?day={DAY}&{query}").text))
        return [row["title"] for row in rows]

    everything = headlines("")
    assert len(everything) == 2
    assert headlines("publisher=Harbor+Gazette") == ["Northern basin to close"]
    assert headlines("agency=Meridian+Wire&language=en&min=3") == ["Northern basin to close"]
    assert len(headlines("language=zh")) == 1
    assert headlines("min=5") == headlines("publisher=x%27+OR+1%3D1") == []
    assert "No cluster of this day fits" in look(pages, f"/clusters?day={DAY}&min=50").text


def test_a_cluster_and_its_copies(pages: TestClient) -> None:
    """Who printed it when; a member's id leads to it too, and the copy that is asked for stands first."""
    page = look(pages, f"/clusters/{WIRE}?day={DAY}")
    assert "is the origin because it is the credited agency" in page.text
    rows = list(csv.DictReader(io.StringIO(pages.get(f"/clusters/{WIRE}.csv?day={DAY}").text)))
    assert [row["delay_minutes"] for row in rows] == ["0.0", "90.0", "180.0", "240.0"]
    assert [row["title"] for row in rows][-1] == f"'{FORMULA}"
    member = rows[-1]["article_id"]
    asked = pages.get(f"/clusters/{member}?copy={member}").text
    assert asked.index(f'id="copy-{member}"') < asked.index('id="copy-', asked.index(f'id="copy-{member}"') + 1)


def test_an_article_tells_its_change_and_its_way(pages: TestClient) -> None:
    """The words that changed are marked, and each entry that led to it is there."""
    answer = pages.get(f"/articles/{PEARS}?day={DAY}").text
    assert "<del>two</del>" in answer
    assert "<ins>three</ins>" in answer
    page = Page(answer)
    assert "1 words came, 1 went" in page.text or "1 word came" in page.text
    assert page.text.count("courier") >= 2
    assert "wirecopy raw show" in page.text


@pytest.mark.slow
def test_a_pasted_text_is_traced(pages: TestClient) -> None:
    """Its copies are found in a process of its own; what cannot be traced gets a sentence; nothing pasted gets out."""
    answer = pages.post("/trace", data={"text": samples.REWORDED, "day": str(DAY), "publisher": "Harbor Gazette"})
    page = Page(answer.text)
    assert re.search(r"\b[34] copies among 7 articles of 2026-11-22 to 2026-11-22", page.text)
    assert {"Meridian Wire", "Courier"} <= set(re.findall(r"<bdi>([^<]*)</bdi></td><td class=.wide-text", answer.text))
    asked = {"text": samples.REWORDED, "day": str(DAY), "publisher": "Harbor Gazette", "as": "csv"}
    rows = list(csv.DictReader(io.StringIO(pages.post("/trace", data=asked).text)))
    assert len(rows) in (3, 4)
    assert {row["publisher"] for row in rows} >= {"Meridian Wire", "Courier"}
    assert rows[0]["delay_minutes"]
    short = Page(pages.post("/trace", data={"text": EVIL[:60], "publisher": EVIL, "days": "x", "day": "y"}).text)
    assert "fewer than 12 words" in short.text
    assert short.scripts == [SCRIPT]
    assert "100,000 characters at most" in Page(pages.post("/trace", data={"text": "x" * 500_000}).text).text


@pytest.mark.slow
def test_each_list_is_a_file_too(pages: TestClient) -> None:
    """Every link "as .csv" of every page gives its rows; one that a page has not gets a sentence."""
    run = "/runs/scheduled__2026-11-22T10:00:00+00:00"
    places = {
        f"/feeds/{segment(FEED)}": {"outcomes", "searches", "polls"},
        "/feeds/courier": {"outcomes", "polls"},
        run: {"outcomes", "days", "unread"},
        "/publishers/Courier?day=2026-11-22": {"per_day", "sources"},
        f"/articles/{PEARS}?day={DAY}": {"ways"},
        f"/days/{DAY}": {"publishers", "outcomes", "searches"},
    }
    for place, wanted in places.items():
        links = [one for one in look(pages, place).links if "list=" in one]
        assert wanted <= {one.rpartition("=")[2] for one in links}, place
        for link in links:
            answer = pages.get(place.partition("?")[0] + link)
            assert answer.headers["content-type"].startswith("text/csv"), (place, link)
            rows = list(csv.DictReader(io.StringIO(answer.text)))
            assert rows, (place, link)
            assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@"))]
    assert "It has: outcomes, days, unread." in look(pages, f"{run}?list=feeds", 404).text


@pytest.mark.parametrize("text", ["=1+1", "\x00=cmd|' /C calc'!A0", " =1", "\u200b+1", "\n-1", "＝1", "\ufeff@x"])
def test_no_cell_is_a_formula(text: str) -> None:
    """Also behind what a spreadsheet does not show; controls are replaced."""
    (_, cell) = csv.reader(io.StringIO(csv_text(["x"], [{"x": text}])))
    assert cell[0].startswith("'")
    assert "\x00" not in cell[0]


def test_stores_that_have_little(tmp_path: Path) -> None:
    """Without a store, without a file, without copies: each page says what comes next."""
    nothing, bare, plain = (client_of(tmp_path / one) for one in ("nothing", "bare", "plain"))
    assert "The first run makes it" in look(nothing, "/clusters").text
    assert "fill days of the past" in look(nothing, "/").text
    assert "--from 2026-11-01 --to 2026-11-01" in look(nothing, "/fill?day=2026-11-01").text
    Layout(tmp_path / "bare").make()
    for path in ("/", "/clusters", "/days/2026-11-22", "/network", "/publishers", "/feeds", "/search?q=basin"):
        look(bare, path)
    commit(Layout(tmp_path / "plain").make(), capture())
    for path in ("/clusters", f"/days/{DAY}", "/network", "/publishers", "/feeds", "/search?q=basin"):
        look(plain, path)
    assert "have not been computed yet" in look(plain, "/clusters").text
    assert "have not been computed yet" in look(plain, f"/articles/{name('https://gazette.example/wall')}").text


def test_inside_of_another_app_with_a_prefix(filled_root: Path) -> None:
    """Mounted as in Airflow, behind a prefix that is kept: our links and Airflow's have it, and ours the mount."""
    outer = FastAPI(root_path="/air")
    outer.mount("/wirecopy", create_app(lambda: settings_of(filled_root), inside_airflow=True))
    browser = TestClient(outer, base_url="http://127.0.0.1:8090")
    page = look(browser, "/air/wirecopy/fill?day=2026-11-21")
    ours = [one for one in page.links if one.startswith("/") and not one.startswith("/air/wirecopy/")]
    assert ours == ["/air/plugin/wirecopy/air/wirecopy/fill?day=2026-11-21", "/air/dags/wirecopy_day/backfills"]
    assert 'data-airflow="/air"' in browser.get("/air/wirecopy/fill?day=2026-11-21").text
    assert look(browser, "/air/wirecopy/").text.startswith("Days")


def test_who_may_not_read(filled_root: Path) -> None:
    """Every page asks; without a login a window goes to Airflow's and comes back, a program and a frame get 401."""

    def refuse() -> None:
        raise HTTPException(401, "Not authenticated")

    pages = client_of(
        filled_root,
        user=refuse,
        inside_airflow=True,
    )
    for path in ("/", "/clusters.csv", "/days/2026-99-99", f"/articles/{PEARS}"):
        assert pages.get(path, headers={"accept": "text/csv"}).status_code == 401
    framed = pages.get("/", headers={"accept": "text/html", "sec-fetch-dest": "iframe"})
    assert (framed.status_code, "Log in to Airflow" in framed.text) == (401, True)
    window = pages.get("/clusters?day=2026-11-22", headers={"accept": "text/html"}, follow_redirects=False)
    assert window.status_code == 307
    assert window.headers["location"].endswith(
        "/api/v2/auth/login?next=%2Fplugin%2Fwirecopy%2Fclusters%3Fday%3D2026-11-22"
    )


@pytest.mark.slow
def test_a_megabyte_as_a_headline(tmp_path: Path) -> None:
    """Headlines and names are cut where lists show them; blank ones can be followed; what is no language is none."""
    layout = Layout(tmp_path / "large").make()
    large, blank = "<b>Large</b> " * 90_000, " \t "
    texts = {"large": large, "blank": blank}
    commit(
        layout,
        *(
            row(slug, samples.WIRE, text, 8, title=text, agency=text, authors=[text], language="x y")
            for slug, text in texts.items()
        ),
    )
    compute_date(layout, DAY, DEFAULTS)
    pages = client_of(tmp_path / "large")
    (cluster,) = set(re.findall(r"clusters/([0-9a-f]{32})", pages.get(f"/clusters?day={DAY}").text))
    for path in ("/clusters", "/network", "/publishers", f"/days/{DAY}", f"/clusters/{cluster}", "/search?q=basin"):
        answer = pages.get(path)
        assert answer.status_code == 200
        assert len(answer.content) < 200_000, path
        assert not re.search(r"<a [^>]*>\s*(<bdi>\s*</bdi>)?\s*</a>", answer.text), path
    article = pages.get(f"/articles/{name('https://gazette.example/large')}?day={DAY}").text
    assert 'lang="x y"' not in article
    assert samples.WIRE[-60:] in Page(article).text
