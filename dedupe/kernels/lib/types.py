"""Array types in the signatures of kernels: what is only read may be read-only, as stored tables are."""

from __future__ import annotations

import numba as nb


def _read_only(item: object) -> object:
    return nb.types.Array(item, 1, "C", readonly=True)


BYTES = _read_only(nb.uint8)
CODES = _read_only(nb.uint32)
TOKENS = _read_only(nb.uint32)
FLAGS = _read_only(nb.uint8)
PLACES = _read_only(nb.int64)
SIZES = _read_only(nb.int32)
KEYS = _read_only(nb.uint64)
PAIRS = nb.types.Array(nb.int64, 2, "C", readonly=True)
ROWS = nb.types.Array(nb.uint64, 2, "C", readonly=True)
