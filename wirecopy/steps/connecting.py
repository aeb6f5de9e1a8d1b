"""The credentials of a bucket that Airflow keeps: who runs in Airflow hands them over before the store is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wirecopy.errors import SettingsError
from wirecopy.settings import load_settings
from wirecopy.store.files.bucket import connection


def store_connection() -> str | None:
    """The conn_id that `store_connection` names; None without one, and for a store in a folder."""
    settings = load_settings()
    return settings.store_connection if settings.store_url else None


def use_connection(
    *,
    name: str,
    kind: str,
    login: str | None = None,
    password: str | None = None,
    host: str | None = None,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Make the fields of the connection *name*, as Airflow has them, the credentials of this process.

    Raises SettingsError if it is of a type that does not fit `store_url`, or signs in by a way that is not supported.
    """
    url = load_settings().store_url
    if not url:
        raise SettingsError(
            "store_connection (WIRECOPY_STORE_CONNECTION): there is no bucket to use it for. Set store_url."
        )
    given = connection.Connection(name=name, kind=kind, login=login, password=password, host=host, extra=extra or {})
    connection.use(given, url)
