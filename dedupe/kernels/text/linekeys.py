"""`lines.hash_lines`, compiled."""

from __future__ import annotations

import numba as nb
import numpy as np

from dedupe.kernels.lib.cache import kernel
from dedupe.kernels.lib.types import I32, U32
from dedupe.text import lines

FACTOR, MIX = np.uint64(lines.FACTOR), np.uint64(lines.MIX)


@kernel(nb.uint64[::1](U32, I32))
def hash_lines(tokens, line_tokens):
    """A hash of the tokens of each line, uint64, shape (m,)."""
    keys = np.empty(len(line_tokens), np.uint64)
    at = 0
    for line in range(len(line_tokens)):
        key, power = np.uint64(0), FACTOR
        for _ in range(line_tokens[line]):
            key += np.uint64(tokens[at]) * power
            power *= FACTOR
            at += 1
        key = (key ^ key >> np.uint64(30)) * MIX
        keys[line] = key ^ key >> np.uint64(31)
    return keys
