"""The tables of the store for pyarrow; `columns` says what they are."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from wirecopy.store.files import columns
from wirecopy.store.files.columns import COLUMNS, Columns

_TYPES: Final[dict[str, pa.DataType]] = {
    str(kind): kind
    for kind in (
        pa.string(), pa.int32(), pa.int64(), pa.float64(), pa.bool_(), pa.date32(), pa.timestamp("us", tz="UTC"),
        pa.binary(), pa.list_(pa.string()), pa.list_(pa.int64()),
    )
}  # fmt: skip
TIME: Final = _TYPES[columns.TIME]


def _schema(table: Columns) -> pa.Schema:
    fields = [
        pa.field(name, _TYPES[kind], metadata={"description": table.meanings[name]})
        for name, kind in table.types.items()
    ]
    return pa.schema(fields, metadata={"wirecopy.schema_version": table.version})


TABLES: Final[dict[str, pa.Schema]] = {name: _schema(table) for name, table in COLUMNS.items()}
"""Tables of store/."""

ARTICLES: Final = TABLES["articles"]
CLUSTERS: Final = TABLES["clusters"]
MATCHES: Final = TABLES["matches"]
SKETCHES: Final = TABLES["sketches"]
OUTCOMES: Final = TABLES["outcomes"]
POLLS: Final = TABLES["polls"]
SEARCHES: Final = TABLES["searches"]
RAW: Final = _schema(columns.RAW)
