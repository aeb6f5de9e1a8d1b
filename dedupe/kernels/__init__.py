"""Compiled code (numba): imported by the function that needs it, because a fresh process pays for loading it.

A kernel is declared by `cache.kernel`: numba's own cache looks only at the file of the function that it keeps. What
kernels call is plain `njit`, which LLVM inlines: with `inline="always"` the first pass took 8 % longer.
"""

from __future__ import annotations

import sys
from typing import Final

# Loading compiled code costs a process about 2.4 s of CPU, and reading and measuring a text without it about 2 ms.
COMPILED_FROM: Final = 1_000  # texts
ONCE_LOADED: Final = 50  # texts: then only the threads cost something
LAST_LOADED: Final = "dedupe.kernels.compiled"  # by whoever compares: the others come before it


def pays(texts: int) -> bool:
    """Whether compiled code is worth while for so many texts, here and now. The plain code gives the same."""
    return texts >= (ONCE_LOADED if LAST_LOADED in sys.modules else COMPILED_FROM)
