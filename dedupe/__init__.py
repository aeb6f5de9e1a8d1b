"""The dedupe room: texts → sketches → candidates → matches → clusters. No files, no network, no Airflow."""
