"""A stand-in for Airflow's command, found before the real one by PYTHONPATH: for tests of what keeps and ends it."""
