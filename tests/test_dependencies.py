"""What is imported is declared, and what is declared is imported, or a comment says what it is for."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
PROJECT = tomllib.loads(TEXT)
STANDARD = sys.stdlib_module_names | {"compression"}  # of Python 3.14
BRINGERS = importlib.metadata.packages_distributions()  # by top-level name of a module
OWN = {"ingest", "dedupe", "wirecopy", "demo", "wirecopy_tasks"}
# A name that many distributions fill, and the one that brings them; one that is not installed for every test.
SPREAD = {"airflow": "apache-airflow", "pyspark": "pyspark"}


def names(requirements: list[str]) -> set[str]:
    return {canonical(re.split(r"[\[<>=;! ]", line)[0]) for line in requirements}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


EVERYWHERE = names(PROJECT["project"]["dependencies"])
LOCAL = names(PROJECT["project"]["optional-dependencies"]["local"])
BUCKET = names(PROJECT["project"]["optional-dependencies"]["bucket"])
SPARK = names(PROJECT["project"]["optional-dependencies"]["spark"])
IMAGE = names(PROJECT["dependency-groups"]["docker"])


def files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


@cache
def imported(path: Path) -> frozenset[str]:
    """The third-party modules that a file imports anywhere in it, two names deep: `backports.zstd`."""
    found = set(_modules(ast.parse(path.read_bytes())))
    return frozenset(name for name in found if name.split(".")[0] not in OWN | STANDARD)


def _modules(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (".".join(one.name.split(".")[:2]) for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (".".join([*node.module.split("."), one.name][:2]) for one in node.names)


def distributions(module: str) -> set[str]:
    """The distributions that may bring a module."""
    top = module.split(".")[0]
    if top in SPREAD:
        return {SPREAD[top]}
    found = {canonical(name) for name in BRINGERS.get(top, [])}
    return {name for name in found if name == canonical(module)} or found


# Results of queries are handed over in a reader's own library: whoever asks for it has it.
READERS = {"pandas", "polars"}


def undeclared(paths: list[Path], declared: set[str]) -> list[str]:
    """Sentences, one for each import of *paths* that nothing in *declared* brings."""
    return [
        f"{path.relative_to(ROOT)} imports {module}: declare {' or '.join(sorted(distributions(module))) or module}"
        for path in paths
        for module in sorted(imported(path))
        if not distributions(module) & declared
    ]


@pytest.mark.parametrize(
    ("folders", "declared"),
    [
        pytest.param(("ingest", "dedupe", "dags", "demo"), EVERYWHERE, id="the-rooms"),
        pytest.param(("wirecopy/local",), EVERYWHERE | LOCAL, id="the-local-airflow"),
        pytest.param(("docker",), EVERYWHERE | IMAGE, id="the-image"),
    ],
)
def test_imports_are_declared(folders: tuple[str, ...], declared: set[str]) -> None:
    """pyproject.toml names all that is imported: what others bring today they may drop tomorrow."""
    assert undeclared(files(*folders), declared) == []


def test_only_the_local_airflow_uses_the_extra() -> None:
    """The rest of wirecopy runs without the extra `local`, as it is in the image; a bucket and Spark have their own."""
    paths = [path for path in files("wirecopy") if not path.is_relative_to(ROOT / "wirecopy/local")]
    assert undeclared(paths, EVERYWHERE | READERS | BUCKET | SPARK) == []


def test_declared_is_imported_or_explained() -> None:
    """A distribution that no file imports has a comment on its line that says what it is for."""
    used = {name for path in files("ingest", "dedupe", "wirecopy", "dags", "demo", "docker") for name in imported(path)}
    brought = {name for module in used for name in distributions(module)}
    unexplained = [
        name
        for name in sorted((EVERYWHERE | LOCAL | BUCKET | SPARK | IMAGE) - brought)
        if not re.search(rf'"{name}[^"]*",\s*#', TEXT)
    ]
    assert unexplained == []


def test_an_import_that_nobody_declares_is_found(tmp_path: Path) -> None:
    """The test sees lazy imports, and names of packages that share a namespace."""
    path = ROOT / "tests" / "test_dependencies.py"
    assert undeclared([path], EVERYWHERE) == ["tests/test_dependencies.py imports pytest: declare pytest"]
    lazy = tmp_path / "lazy.py"
    lazy.write_text("def read():\n    from backports import zstd\n    import lxml.etree\n")
    assert imported(lazy) == {"backports.zstd", "lxml.etree"}
    assert distributions("backports.zstd") == {"backports-zstd"}
