"""State that is no parquet, in an SQL database: validators, polls due, well-known files."""
