"""What the documentation says is what the code does."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from wirecopy.store.warc.unusable import REASONS

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("d*/README.md"), *ROOT.glob("b*/**/README.md")]
)
WRITTEN = ("ingest", "dedupe", "wirecopy", "dags", "demo", "bench", "docker", "docs", "tests", ".github", ".ci")
SOURCES = sorted(
    path
    for path in [*(path for name in WRITTEN for path in (ROOT / name).rglob("*")), *ROOT.iterdir()]
    if path.suffix in {".py", ".md", ".toml", ".yaml", ".yml", ".sh", ".cff"} or path.name in {"Makefile", "Dockerfile"}
    if not {"out", "build", "__pycache__"} & set(path.relative_to(ROOT).parts)
)


def _generator():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", sorted(_generator().PAGES))
def test_generated_pages_follow_the_code(page):
    """`python docs/generate.py` has been run since the schema, the codes or the settings changed."""
    assert _generator().render(page) == (ROOT / "docs" / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    """Every relative link names a file of the repository."""
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_pages_of_docs_that_the_code_names_exist():
    """Comments and constants give their reasons as pages of docs/, and each of these is there."""
    named = {
        (str(path.relative_to(ROOT)), name.rstrip("."))
        for path in SOURCES
        for name in re.findall(r"(?<![\w./])docs/[\w./-]*\w", path.read_text(encoding="utf-8"))
    }
    assert {("dedupe/params.py", "docs/decisions/README.md")} <= named
    assert [(path, name) for path, name in sorted(named) if not (ROOT / name).exists()] == []


def test_no_reason_lies_outside_of_the_repository():
    """Nothing refers to notes that a reader lacks; only tests, benches and CONTRIBUTING name the borrowed data."""
    outside = re.compile("facts" + r"-\w+\.md|\bdesign" + r"\.md|review-" + r"code|\.\./" + "shared")
    may = re.compile(r"(tests|bench)/|CONTRIBUTING\.md$")
    found = [
        (str(path.relative_to(ROOT)), match)
        for path in SOURCES
        for match in outside.findall(path.read_text(encoding="utf-8"))
        if not (match.endswith("shared") and may.match(str(path.relative_to(ROOT))))
    ]
    assert found == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_paths_that_the_pages_quote_exist(page):
    """A path of the repository between backticks is there."""
    folders = "ingest|dedupe|wirecopy|dags|demo|tests|bench|docker|docs"
    written_by_users = ("demo/out", "docker/config", "docker/.env", "docker/airflow.env")
    paths = re.findall(rf"`((?:{folders})/[\w./-]+)`", page.read_text(encoding="utf-8"))
    assert [path for path in paths if not (ROOT / path).exists() and not path.startswith(written_by_users)] == []


def test_names_that_the_pages_quote_exist():
    """A `name_with_underscores` on a page of docs/ is a column, a parameter, a setting or a function of the code."""
    others = {"all_success", "short_circuit", "same_source"}  # Airflow's, and a relation that was dropped
    code = " ".join(path.read_text(encoding="utf-8") for path in SOURCES if path.suffix != ".md")
    named = {
        (page.name, name)
        for page in PAGES
        for name in re.findall(r"`([a-z]+(?:_[a-z0-9]+)+)`", page.read_text(encoding="utf-8"))
    }
    words = set(re.findall(r"\w+", code))
    assert sorted((page, name) for page, name in named if name not in words | others) == []


def test_every_decision_is_listed():
    """The index of docs/decisions/ links each page once, and each has its parts."""
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"^\| \[([\w-]+\.md)\]", (folder / "README.md").read_text(encoding="utf-8"), flags=re.M)
    pages = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md") if path.name != "README.md"}
    assert sorted(listed) == sorted(pages)
    parts = ("## Context", "## Decision", "## Measured", "## Refused", "## Consequences")
    assert [(name, part) for name, text in pages.items() for part in parts if f"\n{part}\n" not in text] == []


def test_the_readme_names_real_commands():
    """Each `wirecopy …` and `make …` of the README exists."""
    from wirecopy.cli.app import make_app

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = set(re.findall(r"^wirecopy (\w+)", text, flags=re.M))
    targets = set(re.findall(r"^make (\w+)", text, flags=re.M))
    made = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M))
    assert commands
    assert commands <= {name for name in make_app() if not name.startswith("-")}
    assert {"demo", "test"} <= targets <= made


def test_every_dag_of_the_docs_exists():
    """The DAGs that the pages name are the files of dags/."""
    named = set(
        re.findall(
            r"`(wirecopy_(?:live|day|dedupe|maintain|alarms|reprocess))`",
            (ROOT / "docs" / "airflow.md").read_text(encoding="utf-8"),
        )
    )
    assert named == {path.stem for path in (ROOT / "dags").glob("wirecopy_*.py")} - {"wirecopy_tasks"}


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_of_an_import_is_told(reason):
    """docs/raw.md has the words of the command."""
    assert f"| `{reason}` | {REASONS[reason]}" in (ROOT / "docs/raw.md").read_text()
