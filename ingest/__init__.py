"""The ingest room: feed → entry → page → article. Knows no Airflow, no parquet, no dedupe."""
