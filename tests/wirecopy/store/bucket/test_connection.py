"""Connections of Airflow as the variables of each cloud, and those that are refused."""

from __future__ import annotations

import json
import os
from types import SimpleNamespace
from typing import Any

import pytest

from wirecopy.errors import SettingsError
from wirecopy.steps import use_connection
from wirecopy.store.files.bucket.connection import OURS, Connection, variables

KEYS = {"type": "service_account", "client_email": "news@example.iam"}


@pytest.mark.parametrize(
    ("scheme", "kind", "fields", "expected"),
    [
        pytest.param(
            "s3", "aws", {"login": "key", "password": "secret", "extra": {"region_name": "eu-west-1"}},
            {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-west-1"}, id="amazon",
        ),
        pytest.param(
            "s3", "aws",
            {"extra": {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "aws_session_token": "token",
                       "endpoint_url": "http://all:1", "service_config": {"s3": {"endpoint_url": "http://s3:1"}}}},
            {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token",
             "AWS_ENDPOINT_URL": "http://s3:1"}, id="amazon-all-in-extra",
        ),
        pytest.param("s3", "aws", {}, {}, id="amazon-by-a-role-of-the-machine"),
        pytest.param(
            "gs", "google_cloud_platform", {"extra": {"key_path": "/keys/news.json"}},
            {"GOOGLE_SERVICE_ACCOUNT": "/keys/news.json"}, id="google-file",
        ),
        pytest.param(
            "gs", "google_cloud_platform", {"extra": {"extra__google_cloud_platform__keyfile_dict": json.dumps(KEYS)}},
            {"GOOGLE_SERVICE_ACCOUNT_KEY": json.dumps(KEYS)}, id="google-keys-of-an-older-airflow",
        ),
        pytest.param(
            "az", "wasb", {"login": "news", "password": "key"},
            {"AZURE_STORAGE_ACCOUNT_NAME": "news", "AZURE_STORAGE_ACCOUNT_KEY": "key"}, id="azure-key",
        ),
        pytest.param(
            "az", "wasb", {"login": "news", "host": "blobs.internal:10000", "extra": {"sas_token": "sv=1"}},
            {"AZURE_STORAGE_ACCOUNT_NAME": "news", "AZURE_STORAGE_SAS_KEY": "sv=1",
             "AZURE_STORAGE_ENDPOINT": "https://blobs.internal:10000"}, id="azure-token",
        ),
        pytest.param(
            "az", "wasb",
            {"login": "app", "password": "secret", "host": "news.blob.core.windows.net", "extra": {"tenant_id": "t"}},
            {"AZURE_STORAGE_ACCOUNT_NAME": "news", "AZURE_STORAGE_CLIENT_ID": "app",
             "AZURE_STORAGE_CLIENT_SECRET": "secret", "AZURE_STORAGE_TENANT_ID": "t"}, id="azure-service-principal",
        ),
    ],
)  # fmt: skip
def test_fields_are_variables(scheme: str, kind: str, fields: dict[str, Any], expected: dict[str, str]) -> None:
    """What the connection does not say is not set."""
    found = variables(Connection(name="news", kind=kind, **fields), scheme)
    assert {name: value for name, value in found.items() if value} == expected
    assert set(found) <= set(OURS[scheme])


def of_airflow(kind: str, login: str, password: str, extra: dict[str, str]) -> Any:
    """A connection as Airflow gives it; tests/dags has those of Airflow itself."""
    told = {"conn_id": "news_bucket", "conn_type": kind, "login": login, "password": password}
    return SimpleNamespace(**told, host=None, extra_dejson=extra)


@pytest.mark.parametrize(
    ("kind", "extra", "says"),
    [
        pytest.param("wasb", {}, "is a connection of type wasb, and the store is on s3://", id="of-another-cloud"),
        pytest.param("aws", {"role_arn": "arn:aws:iam::1:role/x"}, "signs in by role_arn", id="another-way"),
    ],
)
def test_what_cannot_be_used_is_refused(
    kind: str, extra: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection and the reason are named, its secret is not."""
    monkeypatch.setenv("WIRECOPY_STORE_URL", "s3://news/store")
    monkeypatch.setenv("WIRECOPY_STATE_URL", "postgresql+psycopg2://nobody@nowhere/none")
    with pytest.raises(SettingsError, match="news_bucket") as caught:
        use_connection(of_airflow(kind, "k", "s3cr3t", extra))
    assert says in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


def test_another_accounts_variables_do_not_remain(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session token of one account with the key of another would be refused by the server."""
    monkeypatch.setenv("WIRECOPY_STORE_URL", "s3://news/store")
    monkeypatch.setenv("WIRECOPY_STATE_URL", "postgresql+psycopg2://nobody@nowhere/none")
    for name in OURS["s3"]:
        monkeypatch.setenv(name, "another")
    use_connection(of_airflow("aws", "key", "secret", {}))
    assert {os.environ.get(name) for name in OURS["s3"]} == {"key", "secret", None}
