"""One-shot of compose.yaml: Airflow's tables, and wirecopy's feed state with a user of its own. Safe to run again."""

from __future__ import annotations

import os
import subprocess

import psycopg2
from psycopg2 import sql
from sqlalchemy.engine import URL, make_url


def main() -> None:
    """Migrate the metadata database first: what fails there needs a person."""
    subprocess.run(["airflow", "db", "migrate"], check=True)
    metadata, state = (
        make_url(os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]),
        make_url(os.environ["WIRECOPY_STATE_URL"]),
    )
    create_state_database(metadata, state)
    print(f"databases {metadata.database} and {state.database} are ready")


def create_state_database(metadata: URL, state: URL) -> None:
    """Create user and database of *state* unless they exist; the password is set anew, as .env may have changed."""
    connection = psycopg2.connect(
        host=metadata.host,
        port=metadata.port,
        user=metadata.username,
        password=metadata.password,
        dbname=metadata.database,
    )
    connection.autocommit = True  # CREATE DATABASE runs in no transaction
    user, database = sql.Identifier(str(state.username)), sql.Identifier(str(state.database))
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [state.username])
        verb = sql.SQL("ALTER" if cursor.fetchone() else "CREATE")
        cursor.execute(sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, user, sql.Literal(str(state.password))))
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [state.database])
        if not cursor.fetchone():
            cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, user))
        # Tasks know this user's password: Airflow's own tables are none of its business.
        cursor.execute(
            sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(sql.Identifier(str(metadata.database)))
        )
    connection.close()


if __name__ == "__main__":
    main()
