"""A canary: the parts of numba that are private, and that dedupe/kernels/lib/cache.py uses all the same.

If it fails after the bound of numba in pyproject.toml was raised, cache.py has to follow numba first.
"""

from __future__ import annotations

import importlib
import inspect
import tomllib
from importlib.metadata import version
from pathlib import Path

import numba as nb
import pytest
from packaging.requirements import Requirement

PYPROJECT = Path(__file__).resolve().parents[3] / "pyproject.toml"
MOVED = f"numba {version('numba')} has moved it: change dedupe/kernels/lib/cache.py before the bound is raised"


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("_CacheLocator", {"from_function", "get_cache_path", "get_source_stamp", "get_disambiguator"}),
        ("CompileResultCacheImpl", {"_locator_classes", "locator"}),
        ("FunctionCache", {"_impl_class", "load_overload", "save_overload", "cache_path"}),
    ],
)
def test_class_is_there(name: str, members: set[str]) -> None:
    """The classes that are derived from, with the members that are replaced or called."""
    found = getattr(importlib.import_module("numba.core.caching"), name, None)
    assert inspect.isclass(found), MOVED
    assert members <= set(dir(found)), MOVED


def test_target_names_the_processor() -> None:
    """Kept kernels of two kinds of processors lie in two folders."""
    from numba.core.registry import cpu_target

    magic = cpu_target.target_context.codegen().magic_tuple()
    assert isinstance(magic, tuple), MOVED
    assert magic, MOVED


def test_dispatcher_takes_another_cache() -> None:
    """`_cache` is set as `cache=True` would, and a signature is compiled by hand."""
    compiled = nb.njit(nogil=True)(lambda number: number)
    assert hasattr(compiled, "_cache"), MOVED
    assert callable(compiled.compile), MOVED
    assert callable(compiled.disable_compile), MOVED
    compiled.enable_caching  # noqa: B018 - what sets `_cache`; gone, nothing would read it
    assert "_cache" in inspect.getsource(type(compiled).compile), MOVED


def test_numba_has_an_upper_bound() -> None:
    """A version that nobody has tried is not installed."""
    lines = tomllib.loads(PYPROJECT.read_text())["project"]["dependencies"]
    (numba,) = (needed for needed in map(Requirement, lines) if needed.name == "numba")
    assert any(one.operator == "<" for one in numba.specifier)
    assert numba.specifier.contains(version("numba"))
