"""Only wirecopy/store/files touches the files of the store: the rest goes through `layout.files`, so that the store can
lie elsewhere than on a disk.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import get_type_hints

import pytest

from wirecopy.store.files.layout import Layout

ROOT = Path(__file__).resolve().parent.parent
USERS_FILES = {
    "wirecopy/__init__.py": "the name of a data folder",
    "wirecopy/api/store.py": "the name of a data folder",
    "wirecopy/settingvalues.py": "the names of files and folders in settings",
    "wirecopy/settings.py": "wirecopy.toml, and the names of the data folder and the feed list",
    "wirecopy/userfiles.py": "files that a user names, replaced whole",
    "wirecopy/engines/executor.py": "the folder for scratch of an executor",
    "wirecopy/engines/parcel.py": "the archive of code that executors get",
    "wirecopy/engines/spark.py": "the archive of code that executors get",
    "wirecopy/explain/collection.py": "collections of `wirecopy cluster`",
    "wirecopy/explain/textfile.py": "files that a user names",
    "wirecopy/history/warc/collecting.py": "WARC files that the setting `warc` names",
    "wirecopy/history/warc/lists.py": "WARC files and lists that the setting `warc` names",
    "wirecopy/steps/upkeep/archiving.py": "WARC files that are imported and exported",
    "wirecopy/store/query/export.py": "exports",
    "wirecopy/store/warc/arc.py": "WARC files",
    "wirecopy/store/warc/reading.py": "WARC files",
    "wirecopy/store/warc/writing.py": "WARC files",
    "wirecopy/cli/": "files that a user names, the feed list, the place of the installation",
    "wirecopy/local/": "the home of a local Airflow",
}
DISK_MODULES = {"fcntl", "glob", "io.open", "shutil", "tempfile"}
DISK_CALLS = {
    "os": {
        "access", "fdopen", "fsync", "link", "listdir", "makedirs", "mkdir", "open", "path", "remove", "rename",
        "replace", "rmdir", "scandir", "stat", "symlink", "truncate", "unlink", "utime", "walk",
    },
    "pq": {"ParquetDataset", "ParquetFile", "read_metadata", "read_pandas", "read_schema", "read_table"},
}  # fmt: skip
METHODS = {name for name in dir(Path) if not name.startswith("_")} - set(dir(PurePath)) | {"open"}


def _faults(tree: ast.AST) -> Iterator[str]:
    """What a module does with files by itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (f"import {one.name}" for one in node.names if one.name.partition(".")[0] in DISK_MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {one.name for one in node.names}
            if node.module in DISK_MODULES or (node.module == "pathlib" and names - {"PurePath", "PurePosixPath"}):
                yield f"from {node.module} import {', '.join(sorted(names))}"
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.attr in DISK_CALLS.get(node.value.id, ()):
                yield f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
            yield "open()"


def _faults_on_layout(tree: ast.AST) -> Iterator[str]:
    """Calls that do something with a path of a layout, but not through its `files`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute):
            fault = node.func.attr in METHODS and _is_place(node.func.value)
        else:
            fault = ast.unparse(node.func) in ("Path", "open") and any(map(_is_place, node.args))
        if fault:
            yield ast.unparse(node)


def _is_place(node: ast.AST) -> bool:
    """Whether *node* is a path made from a layout: `layout.store`, `self.layout.raw / name`, `Path(layout.root)`."""
    text = ast.unparse(node)
    return "layout." in text and not any(one in text for one in ("layout.files", "layout.cache", "Layout."))


def _modules() -> list[Path]:
    return [
        path
        for path in sorted((ROOT / "wirecopy").rglob("*.py"))
        if not path.is_relative_to(ROOT / "wirecopy/store/files")
    ]


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_store_is_touched_in_one_room(path):
    """No module outside of wirecopy/store/files opens, lists, moves, removes or locks a file of the store."""
    name = str(path.relative_to(ROOT))
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert list(_faults_on_layout(tree)) == []
    if not any(name == one or (one.endswith("/") and name.startswith(one)) for one in USERS_FILES):
        assert list(_faults(tree)) == []


def test_the_exceptions_are_there():
    """A file that went needs no exception."""
    assert [one for one in USERS_FILES if not (ROOT / one).exists()] == []


@pytest.mark.parametrize(
    "code",
    [
        "from pathlib import Path",
        "import shutil",
        "import os\nos.replace(a, b)",
        "import pyarrow.parquet as pq\npq.read_table(path)",
        "open(path)",
        "from tempfile import TemporaryFile",
    ],
)
def test_a_module_with_files_of_its_own_is_found(code):
    """Each of these is a fault."""
    assert list(_faults(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "layout.store.exists()",
        "(self._layout.raw / name).is_file()",
        "layout.partition('articles', day).stat()",
        "Path(layout.staging).glob('*.part')",
        "open(layout.state / 'x')",
        "Layout(settings.root).make().files and layout.raw_folder(day).iterdir()",
    ],
)
def test_a_path_of_the_store_used_by_hand_is_found(code):
    """In modules with users' files too."""
    assert list(_faults_on_layout(ast.parse(code)))


def test_what_goes_through_files_is_no_fault():
    """Reading, and paths that are only named."""
    code = "from pathlib import PurePath\nlayout.files.open(layout.raw / name)\nprint(layout.store)\nState.open(layout)"
    assert [*_faults(ast.parse(code)), *_faults_on_layout(ast.parse(code))] == []


def test_the_paths_of_a_layout_are_pure():
    """To the type checker nobody can open one."""
    found = {
        name: get_type_hints(value.fget).get("return")
        for name, value in vars(Layout).items()
        if isinstance(value, property) and name not in ("files", "cache")
    }
    assert found
    assert set(found.values()) == {PurePath}
