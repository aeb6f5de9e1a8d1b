"""A whole Airflow on this machine: `wirecopy airflow` starts, supervises and stops it. Nothing here imports Airflow."""
