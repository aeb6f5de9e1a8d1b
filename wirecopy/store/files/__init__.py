"""Files, locks and schemas: where a table's partition lies and how it is replaced whole."""
