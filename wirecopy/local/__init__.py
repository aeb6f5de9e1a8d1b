"""A whole Airflow on this machine: what `wirecopy airflow` starts, keeps and stops. No part of it imports Airflow."""
