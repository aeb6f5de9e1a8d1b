"""Text tables as columns of bytes, little-endian: how a store keeps them, whatever its file format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.shingles import FACTORS
from dedupe.corpus.tables import TextRow, TextTable, offsets

TYPES: Final = {"tokens": "<u4", "flags": "u1", "line_tokens": "<i4", "line_keys": "<u8"}
"""The columns of a packed text table."""


class Chunk(NamedTuple):
    """A stretch of rows of one column, in Arrow's layout of binary values."""

    offset: int  # first row
    rows: int
    places: Any  # buffer of int32: row i is data[places[i] : places[i + 1]]
    data: Any  # buffer of bytes, or None if all rows are empty


class Whole(NamedTuple):
    """A stretch of rows of a column of int32 without nulls, in Arrow's layout."""

    offset: int  # first row
    rows: int
    data: Any  # buffer

    def values(self) -> NDArray[np.int32]:
        """The numbers, shape (rows,): a view."""
        return np.frombuffer(self.data, np.int32, self.rows, 4 * self.offset) if self.rows else np.empty(0, np.int32)


def pack(row: TextRow) -> dict[str, bytes]:
    """One text as the bytes of TYPES."""
    return {name: getattr(row, name).astype(dtype, copy=False).tobytes() for name, dtype in TYPES.items()}


def unpack(columns: Mapping[str, Sequence[Chunk]], words: Whole) -> TextTable:
    """The table of packed texts; *columns* by the names of TYPES. What is left out is empty."""
    flat = {name: _flatten(columns.get(name, ()), dtype) for name, dtype in TYPES.items()}
    (tokens, sizes), (line_tokens, line_sizes) = flat["tokens"], flat["line_tokens"]
    return TextTable(
        tokens,
        flat["flags"][0],
        offsets(sizes),
        sizes,
        words.values(),
        flat["line_keys"][0],
        line_tokens,
        offsets(line_sizes),
        line_sizes,
    )


def digest_numbers(chunk: Chunk) -> NDArray[np.uint64]:
    """A number for each of some digests of 32 characters, shape (rows,), by which equal ones are found."""
    if not chunk.rows:
        return np.empty(0, np.uint64)
    edges = np.frombuffer(chunk.places, np.int32)[chunk.offset : chunk.offset + chunk.rows + 1]
    parts = np.frombuffer(chunk.data, np.uint8)[edges[0] : edges[-1]].view("<u8").reshape(chunk.rows, 4)
    numbers: NDArray[np.uint64] = (parts * np.array(FACTORS[:4], np.uint64)).sum(axis=1, dtype=np.uint64)
    return numbers


def _flatten(chunks: Sequence[Chunk], dtype: str) -> tuple[NDArray[Any], NDArray[np.int32]]:
    """All values of a column, one behind the other, and how many each row has."""
    values, sizes = [np.empty(0, dtype)], [np.empty(0, np.int32)]
    for chunk in chunks:
        edges = np.frombuffer(chunk.places, np.int32)[chunk.offset : chunk.offset + chunk.rows + 1]
        sizes.append(np.diff(edges) // np.dtype(dtype).itemsize)
        if chunk.data is not None and chunk.rows:
            values.append(np.frombuffer(chunk.data, np.uint8)[edges[0] : edges[-1]].view(dtype))
    return _joined(values), _joined(sizes)


def _joined(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """One behind the other; what comes in one part, as most does, is not copied."""
    filled = [part for part in parts if len(part)]
    return filled[0] if len(filled) == 1 else np.concatenate(parts)
