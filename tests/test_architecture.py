"""docs/architecture.md names files, folders and functions that exist, and every room."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
QUESTIONS = (
    "Retry-After",
    "match decided",
    "date come from",
    "page fails",
    "kind of feed",
    "source of history",
    "store backend",
)

NAMES = sorted(set(re.findall(r"`((?:\w+/)+\w+\.py):([\w.]+)`", PAGE)))
PATHS = sorted(set(re.findall(r"`((?:[\w.]+/)+[\w.]*)`", PAGE)))


@cache
def _defined(path: str) -> frozenset[str]:
    """Classes, functions, methods, fields and constants of a file, as dotted names."""

    def names(body: list[ast.stmt], prefix: str = "") -> list[str]:
        found = []
        for node in body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                found.append(prefix + node.name)
            if isinstance(node, ast.ClassDef):
                found += names(node.body, f"{prefix}{node.name}.")
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            found += [prefix + target.id for target in targets if isinstance(target, ast.Name)]
        return found

    return frozenset(names(ast.parse((ROOT / path).read_text(encoding="utf-8")).body))


@pytest.mark.parametrize("path, name", NAMES, ids=lambda value: value)
def test_functions_exist(path, name):
    """Each `path:function` names something that the file defines."""
    assert name in _defined(path)


@pytest.mark.parametrize("path", PATHS)
def test_paths_exist(path):
    """Each file and folder between backticks is there."""
    assert (ROOT / path).exists()


def test_layers_are_those_that_import_linter_holds():
    """Each list of layers on the page is the list of a contract."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    held = ["\n".join(contract["layers"]) for contract in contracts if contract["type"] == "layers"]
    blocks = re.findall(r"^```(\w*)\n(.*?)\n```$", PAGE, flags=re.M | re.S)
    shown = [text for language, text in blocks if not language]
    assert shown
    assert [layers for layers in shown if layers not in held] == []


def test_every_room_is_in_the_table():
    """A package with modules of its own has a row, and so have the folders beside the packages."""
    rooms = {
        str(init.parent.relative_to(ROOT))
        for package in ("ingest", "dedupe", "wirecopy")
        for init in (ROOT / package).glob("*/__init__.py")
    }
    rooms |= {str(init.parent.relative_to(ROOT)) for init in (ROOT / "wirecopy/store").glob("*/__init__.py")}
    rooms -= {"wirecopy/store"}  # its own rooms have rows
    rows = set(re.findall(r"^\| `([\w/]+)/` \|", PAGE, flags=re.M))
    assert rooms | {"dags", "demo", "bench"} <= rows


def test_the_questions_of_a_newcomer_are_answered():
    """Each has a paragraph that names at least one place in the code."""
    for question in QUESTIONS:
        answer = re.search(rf"^\*\*[^*]*{question}[^*]*\?\*\*(.*?)(?=^\*\*|\Z)", PAGE, flags=re.M | re.S)
        assert answer, question
        assert re.search(r"`[\w/]+\.py:\w+", answer[1]), question
