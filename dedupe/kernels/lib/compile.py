"""`python -m dedupe.kernels.lib.compile` compiles all kernels and keeps them, so that no later process has to.

For an image, or an installation whose users cannot write beside it: run it as whoever may.
"""

from __future__ import annotations

import sys
import time
from importlib import import_module
from pkgutil import walk_packages

from dedupe import kernels
from dedupe.kernels.lib import cache


def compile_all() -> tuple[int, int]:
    """Imports all modules of kernels, which compiles them: (kernels, those that were kept already)."""
    for module in walk_packages(kernels.__path__, f"{kernels.__name__}."):
        import_module(module.name)
    return len(cache.KERNELS), sum(len(one.stats.cache_hits) for one in cache.KERNELS)


def main() -> int:
    """Prints the result; returns 1 if nothing could be kept."""
    begun = time.process_time()
    count, kept = compile_all()
    spent = time.process_time() - begun
    print(f"{kept} kernels were kept before, {count - kept} compiled now, {spent:.1f} s of CPU: {cache.find_folder()}")
    if cache.lasts():
        return 0
    print(f"error: later processes may not find them. {cache.ADVICE}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
