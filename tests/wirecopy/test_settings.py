"""settings: variables, then wirecopy.toml, then defaults; every mistake is told with what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from wirecopy.errors import SettingsError
from wirecopy.settings import load_settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, and no variable of ours."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WIRECOPY_CONFIG", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("variable", "text", "expected"),
    [
        pytest.param("HOST_GAP", "250ms", timedelta(milliseconds=250), id="milliseconds"),
        pytest.param("HOST_GAP", "0", timedelta(), id="zero"),
        pytest.param("FETCH_TIMEOUT", "90", timedelta(seconds=90), id="seconds-by-default"),
        pytest.param("MAX_AGE", "7d", timedelta(days=7), id="days"),
        pytest.param("QUIET_FOR", "1.5h", timedelta(hours=1.5), id="fraction"),
        pytest.param(
            "ALLOW_NETWORKS", "10.1.0.0/16, ::1/128", (ip_network("10.1.0.0/16"), ip_network("::1/128")), id="networks"
        ),
        pytest.param("NOW", "2026-11-25T00:00:00Z", datetime(2026, 11, 25, tzinfo=UTC), id="instant"),
        pytest.param("SHARDS", "", None, id="empty-is-unset"),
        pytest.param("RESPECT_ROBOTS", "false", False, id="flag"),
        pytest.param("QUERY_MEMORY", "2GB", 2 * 10**9, id="decimal-size"),
        pytest.param("QUERY_MEMORY", "1.5 GiB", 3 * 2**29, id="binary-size"),
        pytest.param("NOTIFY", '[{"notifier": "a.B", "to": ["x"]}]', ({"notifier": "a.B", "to": ["x"]},), id="json"),
        pytest.param("WAYBACK", "https://pywb.example/", "https://pywb.example", id="address"),
    ],
)
def test_variables(monkeypatch, variable, text, expected):
    """How a setting is written."""
    monkeypatch.setenv(f"WIRECOPY_{variable}", text)
    assert getattr(load_settings(), variable.lower()) == expected


def test_precedence(folder, monkeypatch):
    """An argument goes before a variable, a variable before the file, the file before the default."""
    (folder / "wirecopy.toml").write_text('shards = 2\nmax_age = "1d"\nallow_networks = ["10.0.0.0/8"]\n')
    monkeypatch.setenv("WIRECOPY_SHARDS", "3")
    settings = load_settings(page_bytes=7)
    found = (settings.page_bytes, settings.shards, settings.max_age, settings.feed_bytes)
    assert found == (7, 3, timedelta(days=1), 10_000_000)
    assert settings.allow_networks == (ip_network("10.0.0.0/8"),)


def test_paths_start_at_the_settings_file(folder, monkeypatch):
    """A relative path means the same wherever the command is called; an absolute one and ~ are what they are."""
    (folder / "etc").mkdir()
    (folder / "etc" / "news.toml").write_text('data = "store-here"\n')
    monkeypatch.setenv("WIRECOPY_CONFIG", str(folder / "etc" / "news.toml"))
    assert load_settings().root == folder / "etc" / "store-here"
    assert load_settings().feed_list == folder / "etc" / "feeds.toml"
    monkeypatch.setenv("WIRECOPY_DATA", "~/news")
    assert load_settings().root == Path("~/news").expanduser()


@pytest.mark.parametrize(
    ("variables", "toml", "words"),
    [
        pytest.param(
            {"WIRECOPY_HOSTGAP": "1"},
            "",
            "WIRECOPY_HOSTGAP is not a setting.*WIRECOPY_HOST_GAP",
            id="misspelt-variable",
        ),
        pytest.param({}, "shard = 2", "shard is not a setting.*Did you mean shards", id="misspelt-key"),
        pytest.param({}, "shards = ", "wirecopy.toml", id="broken-file"),
        pytest.param({"WIRECOPY_SHARDS": "0"}, "", "WIRECOPY_SHARDS.*'0'", id="out-of-range"),
        pytest.param({"WIRECOPY_NOW": "2026-11-25T00:00:00"}, "", "WIRECOPY_NOW", id="no-zone"),
        pytest.param({"WIRECOPY_MAX_AGE": "a month"}, "", "WIRECOPY_MAX_AGE.*'a month'", id="no-duration"),
        pytest.param({"WIRECOPY_FIRST_POLL": "some"}, "", "WIRECOPY_FIRST_POLL.*such as.*'some'", id="no-first-poll"),
        pytest.param({"WIRECOPY_ALLOW_NETWORKS": "10.0.0.1/8"}, "", "allow_networks", id="no-network"),
        pytest.param({"WIRECOPY_ADAPTIVE": "perhaps"}, "", "WIRECOPY_ADAPTIVE.*valid boolean", id="no-flag"),
        pytest.param({"WIRECOPY_QUERY_MEMORY": "0"}, "", "QUERY_MEMORY.*greater than 0", id="no-size"),
        pytest.param({"WIRECOPY_NOTIFY": "[{"}, "", "NOTIFY.*JSON.*not shown", id="no-json"),
        pytest.param({"WIRECOPY_HOST_GAP": "-5s"}, "", "HOST_GAP.*'-5s'", id="negative"),
        pytest.param({}, "data = 5", "WIRECOPY_DATA.*path.* 5", id="number-for-a-text"),
        pytest.param({}, "adaptive = 3", "WIRECOPY_ADAPTIVE", id="number-for-a-flag"),
        pytest.param({}, "shards = true", "WIRECOPY_SHARDS", id="flag-for-a-number"),
        pytest.param({}, "warc = 1", "WIRECOPY_WARC.*list", id="number-for-a-list"),
        pytest.param({}, "max_age = nan", "WIRECOPY_MAX_AGE", id="nan"),
        pytest.param({"WIRECOPY_STORE_URL": "s3://news/x"}, "", "store_url.*s3://news.*PostgreSQL", id="needs-another"),
        pytest.param({"WIRECOPY_STORE_URL": "news"}, "", "store_url.*a bucket and a prefix.*'news'", id="no-bucket"),
        pytest.param({"WIRECOPY_CONFIG": "nowhere.toml"}, "", "nowhere.toml, which is not a file", id="no-file"),
        pytest.param(
            {"WIRECOPY_SHARDS": "x", "WIRECOPY_PAGE_BYTES": "-1"},
            "",
            "(?s)SHARDS.*PAGE_BYTES|PAGE_BYTES.*SHARDS",
            id="all",
        ),
    ],
)
def test_mistakes(folder, monkeypatch, variables, toml, words):
    """The message names the setting, what it is, and what is near."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    if toml:
        (folder / "wirecopy.toml").write_text(toml)
    with pytest.raises(SettingsError, match=words):
        load_settings()


def test_variables_that_are_no_settings(monkeypatch):
    """WIRECOPY_LIVE_MINUTES is read by the DAG files without I/O."""
    monkeypatch.setenv("WIRECOPY_LIVE_MINUTES", "30")
    load_settings()
