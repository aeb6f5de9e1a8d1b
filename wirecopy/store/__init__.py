"""The store: one parquet file per table and date, replaced whole. The only place that writes parquet or opens DuckDB.

Import what you need from its modules: `schema` (tables and columns), `layout` (paths), `partition` (one file),
`commit` (captures into tables), `ledger` (what is known), `raw` (the archive), `parts` (from pull to publish),
`state` (feed state), `derived` (sketches, matches, clusters), `read` (queries).
"""

from wirecopy.store.files.columns import CONTENT_COLUMNS

__all__ = ["CONTENT_COLUMNS"]
