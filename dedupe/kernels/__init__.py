"""Compiled code (numba): imported by the function that needs it, because a fresh process pays for loading it.

A kernel calls no kernel of another file: numba's cache looks only at the file of the function it stores.
"""

from __future__ import annotations

from typing import Final

# Loading compiled code costs a process about 2.4 s of CPU, and reading and measuring a text without it about 2 ms.
COMPILED_FROM: Final = 1_000  # texts
