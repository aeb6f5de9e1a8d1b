"""A bucket's credentials out of a connection that Airflow keeps: its fields as the variables that obstore reads.

The fields are those of Airflow's own providers for Amazon, Google and Microsoft, which need not be installed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from wirecopy.errors import SettingsError

KINDS: Final = {"s3": "aws", "gs": "google_cloud_platform", "az": "wasb"}  # Airflow's conn_type by scheme of store_url
OURS: Final = {  # variables that a connection sets, or whose absence it means: another account's must not remain
    "s3": (
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT",
    ),
    "gs": ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_KEY"),
    "az": (
        "AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_SAS_KEY", "AZURE_STORAGE_CLIENT_ID",
        "AZURE_STORAGE_CLIENT_SECRET", "AZURE_STORAGE_TENANT_ID", "AZURE_STORAGE_ENDPOINT",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What Airflow says of one connection."""

    name: str  # conn_id
    kind: str  # conn_type
    login: str | None = None
    password: str | None = field(default=None, repr=False)
    host: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def of(self, name: str) -> Any:
        """A field of extra. Older connections have it with the prefix `extra__<conn_type>__`."""
        return self.extra.get(name) or self.extra.get(f"extra__{self.kind}__{name}")


def use(connection: Connection, url: str) -> None:
    """Makes *connection* the credentials of this process, and of those that it starts, for the bucket *url*.

    Raises SettingsError if it is none for this bucket, or signs in by a way that obstore has not.
    """
    scheme = url.partition("://")[0]
    found = variables(connection, scheme)
    for name in OURS[scheme]:
        os.environ.pop(name, None)
    os.environ.update({name: str(value) for name, value in found.items() if value})


def variables(connection: Connection, scheme: str) -> dict[str, Any]:
    """The variables by name; what the connection does not say is empty. Raises SettingsError as `use` does."""
    if connection.kind != KINDS[scheme]:
        raise SettingsError(
            f"store_connection (WIRECOPY_STORE_CONNECTION): {connection.name} is a connection of type "
            f"{connection.kind}, and the store is on {scheme}://. Name one of type {KINDS[scheme]}."
        )
    return _READERS[scheme](connection)


def _amazon(connection: Connection) -> dict[str, Any]:
    for name in ("role_arn", "profile_name", "assume_role_method"):
        if connection.of(name):
            raise _other_way(connection, name, "login (access key) and password (secret key)")
    service: Any = (connection.of("service_config") or {}).get("s3") or {}
    return {
        "AWS_ACCESS_KEY_ID": connection.login or connection.of("aws_access_key_id"),
        "AWS_SECRET_ACCESS_KEY": connection.password or connection.of("aws_secret_access_key"),
        "AWS_SESSION_TOKEN": connection.of("aws_session_token"),
        "AWS_REGION": connection.of("region_name"),
        "AWS_ENDPOINT_URL": service.get("endpoint_url") or connection.of("endpoint_url"),
    }


def _google(connection: Connection) -> dict[str, Any]:
    for name in ("key_secret_name", "credential_config_file", "impersonation_chain"):
        if connection.of(name):
            raise _other_way(connection, name, "key_path or keyfile_dict")
    keys = connection.of("keyfile_dict")
    return {
        "GOOGLE_SERVICE_ACCOUNT": connection.of("key_path"),
        "GOOGLE_SERVICE_ACCOUNT_KEY": json.dumps(keys) if isinstance(keys, Mapping) else keys,
    }


def _microsoft(connection: Connection) -> dict[str, Any]:
    if connection.of("connection_string"):
        raise _other_way(connection, "connection_string", "login (account) and password (key), or sas_token")
    tenant, host = connection.of("tenant_id"), connection.host or ""
    address = host if "://" in host else f"https://{host}" if host else ""
    if tenant:  # a service principal: the account is in the address
        return {
            "AZURE_STORAGE_ACCOUNT_NAME": connection.of("account_name") or address.partition("://")[2].split(".")[0],
            "AZURE_STORAGE_CLIENT_ID": connection.login,
            "AZURE_STORAGE_CLIENT_SECRET": connection.password,
            "AZURE_STORAGE_TENANT_ID": tenant,
        }
    return {
        "AZURE_STORAGE_ACCOUNT_NAME": connection.login,
        "AZURE_STORAGE_ACCOUNT_KEY": connection.password,
        "AZURE_STORAGE_SAS_KEY": connection.of("sas_token"),
        "AZURE_STORAGE_ENDPOINT": address,
    }


def _other_way(connection: Connection, name: str, ways: str) -> SettingsError:
    return SettingsError(
        f"store_connection (WIRECOPY_STORE_CONNECTION): {connection.name} signs in by {name}, which wirecopy cannot. "
        f"Give it {ways}, or unset store_connection and set the variables of the cloud, or give the workers a role."
    )


_READERS: Final[dict[str, Callable[[Connection], dict[str, Any]]]] = {
    "s3": _amazon, "gs": _google, "az": _microsoft,
}  # fmt: skip
