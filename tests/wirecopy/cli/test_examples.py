"""Every example of README, of docs/ and of `--help`, typed as it stands there, over the store of the demo newsroom."""

from __future__ import annotations

import io
import re
import shlex
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ingest.feedlist.feedlist import parse_feed_list
from tests.wirecopy.cli.conftest import ANCHOR
from wirecopy.cli.app import COMMANDS, make_app
from wirecopy.store.files.layout import Layout
from wirecopy.store.query.read import rows

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^[ ]*```(\w*)\n(.*?)^[ ]*```", re.DOTALL | re.MULTILINE)

NOT_RUN = {  # how an example begins, and why it is not typed here
    "wirecopy run": "takes many seconds each: tests/wirecopy/cli/test_runs.py",
    "wirecopy airflow": "starts a whole Airflow: tests/airflow",
    "wirecopy serve": "serves until it is stopped: tests/wirecopy/pages",
    "wirecopy feeds discover": "asks a site of the web: test_discovering.py",
    "wirecopy feeds remove": "the examples after it name that feed: test_feeds.py",
    "wirecopy rededup --from 2016": "needs a Spark: tests/scale",
    "wirecopy feeds world": "test_feeds.py",
    "wirecopy feeds add": "asks a site of the web: test_feeds.py",
    "wirecopy store copy": "needs a bucket: tests/wirecopy/store/bucket/test_transfer.py",
    "wirecopy store index": "tests/wirecopy/pages",
    "wirecopy raw import crawl/": "files of other crawlers: tests/wirecopy/warc",
}
SHELL = ("make", "export", "curl", "pip", "spark-sql", "-e", "AIRFLOW__", "cd", "docker", "pdftotext", "ssh")
PROBLEMS = ("status", "doctor", "feeds check", "feeds list", "store check")  # exit 1 tells of a problem of the store

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("command")]


def lines_of(text: str) -> Iterator[str]:
    """Commands of a shell's block, without what goes into pipes of other programs."""
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip() and not line.strip().startswith(("#", *SHELL)):
            yield line.strip()


def examples() -> list[str]:
    """Each once, pages first, in their order: an example may read what one before it wrote."""
    found: dict[str, None] = {}
    for page in PAGES:
        for language, body in FENCE.findall(page.read_text(encoding="utf-8")):
            if language in ("sh", "console"):
                found |= dict.fromkeys(lines_of(body))
    for commands in COMMANDS.values():
        app = make_app(list(commands))
        for name in commands:
            found |= dict.fromkeys(line for text in help_of(app[name]) for line in lines_of(text))
    return list(found)


def help_of(app) -> Iterator[str]:
    """The blocks of its help, and of the commands below it."""
    text = getattr(app.default_command, "__doc__", None) or ""
    yield from (body for _, body in FENCE.findall(re.sub(r"^    ", "", text, flags=re.MULTILINE)))
    for name in app:
        if not name.startswith("-"):
            yield from help_of(app[name])


@pytest.fixture(scope="module")
def desk(filled, tmp_path_factory) -> Path:
    """A copy of the store with the files that the examples name, and what stands there for ids of the examples."""
    folder = tmp_path_factory.mktemp("examples")
    shutil.copytree(filled.folder, folder, dirs_exist_ok=True)
    text = rows(Layout(folder / "data"), "SELECT text FROM articles WHERE title ILIKE '%astrolabe%' LIMIT 1")[0]["text"]
    for name in ("ours.txt", "theirs.txt", "release.txt", "press-release.txt", "mine.txt"):
        (folder / name).write_text(text)
    (folder / "texts").mkdir()
    shutil.copy(folder / "ours.txt", folder / "texts" / "one.txt")
    (folder / "report.sql").write_text("SELECT count(*) FROM articles; FROM cluster_sizes LIMIT 3;")
    (folder / "subscriptions.opml").write_text(
        '<opml version="2.0"><body><outline type="rss" text="A" xmlUrl="https://a.example/rss"/></body></opml>'
    )
    (folder / "export.csv").write_text("body,headline\n" + f'"{text}",One\n"{text}",Two\n'.replace("\n\n", " "))
    for name in ("monday", "tuesday"):
        duckdb.sql(f"COPY (SELECT '{name}' AS id, 'A text.' AS text) TO '{folder}/{name}.parquet'")
    return folder


@pytest.fixture
def there(desk, monkeypatch) -> Path:
    monkeypatch.chdir(desk)
    monkeypatch.setenv("WIRECOPY_NOW", ANCHOR.isoformat())
    return desk


def known_names(folder: Path) -> dict[str, str]:
    """Ids and addresses of the examples → some of this store."""
    layout = Layout(folder / "data")
    one, two = rows(layout, "SELECT article_id, url, fetch_id FROM articles ORDER BY article_id LIMIT 2")
    return {
        "5f2c81d0": two["fetch_id"][:8],
        "2de6a62f": one["article_id"][:8],
        "91c07a55": two["article_id"][:8],
        "https://gazette.example/2026/11/harbour": one["url"],
        "gazette.example": "nobody.example",
        "row-17": one["article_id"],
        "row-40": two["article_id"],
        "bbc-world": rows(layout, "SELECT feed_id FROM articles LIMIT 1")[0]["feed_id"],
        "2026-10-": "2026-11-",
        "-11-31": "-11-24",
        "-11-30": "-11-24",
    }


def test_commands(there, call, monkeypatch):
    """Each ends well; what it says of itself stands in the message of a failure."""
    names = known_names(there)
    typed = [line for line in examples() if not line.startswith(tuple(NOT_RUN))]
    wrong = {}
    for line in typed:
        for placeholder, real in names.items():
            line = line.replace(placeholder, real)
        words = shlex.split(line.split("||")[0].split(" | ")[0], comments=True)
        if words[0] != "wirecopy":
            wrong[line] = "no command of wirecopy, and not in SHELL"
            continue
        words, target, source = redirected(words[1:])
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(source), encoding="utf-8"))
        found = call(*words)
        if target:
            (there / target).write_text(found.out) if target != "/dev/null" else None
        if found.code not in ((0, 1) if " ".join(words).startswith(PROBLEMS) else (0,)):
            wrong[line] = f"exit {found.code}: {found.err}"
    assert not wrong, "\n".join(f"{line} → {said.strip()}" for line, said in wrong.items())
    assert len(typed) > 50


def redirected(words: list[str]) -> tuple[list[str], str | None, bytes]:
    """The arguments, the file of >, and the bytes of <."""
    target, source, kept = None, b"", iter(words)
    arguments = []
    for word in kept:
        if word == ">":
            target = next(kept)
        elif word == "<":
            source = Path(next(kept)).read_bytes()
        else:
            arguments.append(word)
    return arguments, target, source


def test_reasons_are_of_examples():
    """What is not typed stands somewhere."""
    typed = examples()
    assert [one for one in NOT_RUN if not any(line.startswith(one) for line in typed)] == []


@pytest.mark.parametrize("page", ["README.md", "docs/python.md"])
def test_python(page, there, monkeypatch):
    """The blocks of a page one after the other, as in a notebook; Spark has a test of its own."""
    body = "".join(body for language, body in FENCE.findall((ROOT / page).read_text()) if language == "python")
    before = "import duckdb, polars as pl, pandas as pd\n"
    exec(before + "\n".join(line for line in body.splitlines() if not line.startswith("spark.")), {})


def test_sql(there):
    """Over plain files, from the folder that holds data/."""
    for body in (body for language, body in FENCE.findall((ROOT / "docs/store.md").read_text()) if language == "sql"):
        duckdb.sql(body).fetchall()


@pytest.mark.parametrize("page", [page for page in PAGES if "```toml" in page.read_text()], ids=lambda page: page.name)
def test_toml(page):
    """Feed lists are read, settings are named."""
    for body in (body for language, body in FENCE.findall(page.read_text()) if language == "toml"):
        found = tomllib.loads(body)
        if "feed" in found:
            parse_feed_list(body)
