"""`python -m dedupe.kernels.compile`: compiles all kernels now, where an image is built, and not at their first use."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import time

import dedupe.kernels


def compile_all() -> list[str]:
    """Loads every module of kernels: a kernel is compiled, or taken from the cache, when its module is loaded."""
    names = [module.name for module in pkgutil.iter_modules(dedupe.kernels.__path__) if module.name != "compile"]
    for name in names:
        importlib.import_module(f"dedupe.kernels.{name}")
    return names


if __name__ == "__main__":
    began = time.process_time()
    modules = compile_all()
    sys.stdout.write(f"{len(modules)} modules of kernels are ready after {time.process_time() - began:.1f} s of CPU\n")
