"""The credentials of a bucket that Airflow keeps: who runs in Airflow hands them over before the store is asked."""

from __future__ import annotations

from typing import Any, Protocol

from wirecopy.errors import SettingsError
from wirecopy.settings import load_settings
from wirecopy.store.files.bucket import connection


class AirflowConnection(Protocol):
    """What the two classes that Airflow has of a connection, for tasks and for its servers, have in common."""

    conn_id: str
    conn_type: str
    login: str | None
    password: str | None
    host: str | None

    @property
    def extra_dejson(self) -> dict[str, Any]:
        """The fields of extra."""


def store_connection() -> str | None:
    """The conn_id that `store_connection` names; None without one, and for a store in a folder."""
    settings = load_settings()
    return settings.store_connection if settings.store_url else None


def use_connection(found: AirflowConnection) -> None:
    """Make the fields of a connection, as Airflow has them, the credentials of this process.

    Raises SettingsError if it is of a type that does not fit `store_url`, or signs in by a way that is not supported.
    """
    url = load_settings().store_url
    if not url:
        raise SettingsError(
            "store_connection (WIRECOPY_STORE_CONNECTION): there is no bucket to use it for. Set store_url."
        )
    given = connection.Connection(
        name=found.conn_id, kind=found.conn_type, login=found.login, password=found.password, host=found.host,
        extra=found.extra_dejson,
    )  # fmt: skip
    connection.use(given, url)
