"""Array types in the signatures of kernels: arrays that are only read may be read-only, as stored tables are."""

from __future__ import annotations

import numba as nb


def _read_only(item: object, dimensions: int = 1) -> object:
    return nb.types.Array(item, dimensions, "C", readonly=True)


U8 = _read_only(nb.uint8)
I32 = _read_only(nb.int32)
U32 = _read_only(nb.uint32)
I64 = _read_only(nb.int64)
U64 = _read_only(nb.uint64)
I64_2D = _read_only(nb.int64, 2)
U64_2D = _read_only(nb.uint64, 2)
