"""Where compiled kernels are kept, and for how long they are good.

numba compares a kept kernel with the one file that it stands in. Ours call helpers of other files, and constants of
more files are frozen into them: here each kernel is stamped with all files that it imports, directly or not.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import logging
import os
import pkgutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numba as nb
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator
from numba.core.registry import cpu_target

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[3]  # above the package
BESIDE = Path(__file__).resolve().parents[1] / "__pycache__"
_PACKAGE = __package__.partition(".")[0]
_LOADER: Any = importlib.import_module(_PACKAGE).__loader__
ADVICE = "Set NUMBA_CACHE_DIR to a folder that stays and that this process can write."
KERNELS: list[Any] = []  # numba's dispatchers, as their modules were imported


def kernel(signature: object) -> Callable[[Callable[..., Any]], Any]:
    """Compiles a function for *signature*, without the interpreter's lock; kept between processes where possible."""

    def compile_it(function: Callable[..., Any]) -> Any:
        compiled = nb.njit(nogil=True)(function)
        if nb.config.DISABLE_JIT:
            return compiled
        if find_folder() is not None:
            compiled._cache = _Cache(function)  # as `cache=True` does with numba's own class
        compiled.compile(signature)
        compiled.disable_compile()
        KERNELS.append(compiled)
        return compiled

    return compile_it


class _Locator(_CacheLocator):  # type: ignore[misc]
    """Tells numba folder, stamp and name of a kernel."""

    def __init__(self, source: Path) -> None:
        self.source = source

    @classmethod
    def from_function(cls, function: Callable[..., Any], file: str) -> _Locator:
        """As numba asks for it."""
        return cls(Path(file).resolve())

    def get_cache_path(self) -> str:
        """The folder."""
        return str(find_folder())

    def get_source_stamp(self) -> str:
        """A kernel with another stamp is compiled anew."""
        return stamp(self.source)

    def get_disambiguator(self) -> str:
        """Not the line, as numba has it: a kernel that moves replaces what was kept of it."""
        return "kernel"


class _Implementation(CompileResultCacheImpl):  # type: ignore[misc]
    _locator_classes = [_Locator]  # noqa: RUF012 - as numba declares it


class _Cache(FunctionCache):  # type: ignore[misc]
    """A folder that cannot be read or written costs time, and stops nothing."""

    _impl_class = _Implementation

    def load_overload(self, signature: object, target: object) -> Any:
        """The kept kernel, or None."""
        try:
            return super().load_overload(signature, target)
        except OSError:
            return None

    def save_overload(self, signature: object, compiled: object) -> None:
        """Keeps a kernel, if it can."""
        try:
            super().save_overload(signature, compiled)
        except OSError as error:
            _say_once(f"compiled code cannot be kept in {self.cache_path} ({error.strerror}): each process compiles.")


@cache
def stamp(source: Path) -> str:
    """Hash of a file of the package and of all that it imports, directly or not."""
    digest, known, asked = hashlib.sha256(), {source}, [source]
    while asked:
        new = _imports(asked.pop()) - known
        known |= new
        asked += new
    for path in sorted(known):
        digest.update(_source(path) or b"")
    return digest.hexdigest()


@cache
def _imports(source: Path) -> frozenset[Path]:
    """The package's files that a file imports when it is imported itself."""
    names: set[str] = set()
    for node in ast.parse(_source(source) or b"").body:
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
        elif isinstance(node, ast.Import):
            names |= {one.name for one in node.names}
    files = (ROOT / f"{name.replace('.', '/')}.py" for name in names if name.startswith(f"{_PACKAGE}."))
    return frozenset(path for path in files if _source(path) is not None)


@cache
def _source(path: Path) -> bytes | None:
    """A file of the package, None if there is none. Its loader knows where it is: the package may lie in an archive."""
    try:
        return bytes(_LOADER.get_data(str(path)))
    except OSError:
        return None


@cache
def find_folder() -> Path | None:
    """The folder in which this process keeps kernels, or reads kept ones; None: none. Warns if it will not last."""
    for place in _lasting():
        if _opens(folder := place / _name_in(place)):
            return folder
    temporary = _temporary(f"dedupe-kernels-{_named_by(_sources())}")
    if temporary is not None:
        _say_once(f"compiled code is kept in {temporary}, which may not last.")
        return temporary
    _say_once("compiled code is not kept: each process compiles, for about half a minute.")
    return None


def parcel() -> tuple[Path, str] | None:
    """The folder of kept kernels, and the name, from above the package, under which another place of equal sources has
    them as its own, if its processor is like this one. None: there are none.
    """
    folder = find_folder()
    if folder is None or not folder.is_dir():
        return None
    return folder, str((BESIDE / _name_in(BESIDE)).relative_to(ROOT))


def lasts() -> bool:
    """Whether the folder is one that stays."""
    folder = find_folder()
    return folder is not None and folder.parent in set(_lasting())


def _lasting() -> Iterator[Path]:
    """Lasting folders: the one that the user names, beside the sources, the user's cache."""
    if nb.config.CACHE_DIR:
        yield Path(nb.config.CACHE_DIR).absolute()
    yield BESIDE
    home = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))
    if home.is_absolute():  # not without a home folder
        yield home


def _name_in(place: Path) -> str:
    """Beside the sources a change of them replaces what was kept. Elsewhere installations of equal sources share what
    they keep, wherever they lie: each job of a cluster unpacks its own.
    """
    return f"dedupe-kernels-{_named_by('' if place == BESIDE else _sources())}"


def _named_by(sources: str) -> str:
    """Names sources, numba's version and the processor: folders are not shared between them."""
    parts = sources, nb.__version__, cpu_target.target_context.codegen().magic_tuple()
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


@cache
def _sources() -> str:
    """Hash of all modules of the package that kernels are made of, or may be."""
    package = importlib.import_module(_PACKAGE)
    names = sorted(one.name for one in pkgutil.walk_packages(package.__path__, f"{_PACKAGE}."))
    digest = hashlib.sha256()
    for name in names:
        path = ROOT / f"{name.replace('.', '/')}.py"
        digest.update(name.encode() + b"\0" + (_source(path) or b""))
    return digest.hexdigest()


def _opens(folder: Path, *, mode: int = 0o777) -> bool:
    """Whether *folder* can be written, or is there to be read."""
    try:
        folder.mkdir(mode, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return folder.is_dir() and os.access(folder, os.R_OK | os.X_OK)
    return True


def _temporary(name: str) -> Path | None:
    """A folder below the common one for temporary files in which no other user can have put code."""
    try:
        folder = Path(tempfile.gettempdir()) / f"{name}-{os.getuid()}"
        if not _opens(folder, mode=0o700):
            return None
        found = folder.lstat()
    except OSError:  # a read-only machine has no folder for temporary files
        return None
    private = found.st_uid == os.getuid() and not found.st_mode & 0o077
    return folder if private and stat.S_ISDIR(found.st_mode) else None


@cache
def _say_once(what: str) -> None:
    log.warning("%s %s", what, ADVICE)
