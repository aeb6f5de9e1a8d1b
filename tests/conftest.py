"""Servers that several folders of tests share: one of each for a session."""

from __future__ import annotations

import pytest

from tests.bucket import bucket_server, postgresql, postgresql_server

__all__ = ["bucket_server", "postgresql", "postgresql_server"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of the bucket run in one process of pytest-xdist, so that there is one server."""
    for item in items:
        asked = {*getattr(item, "fixturenames", ()), *_forms(item)}
        if not asked.isdisjoint(("bucket_server", "bucket")):
            item.add_marker(pytest.mark.xdist_group("bucket"))
            item.add_marker(pytest.mark.slow)  # a server takes ten seconds to start


def _forms(item: pytest.Item) -> list[str]:
    """The parameters of a test that are names, such as the form of its store."""
    params = getattr(getattr(item, "callspec", None), "params", {})
    return [value for value in params.values() if isinstance(value, str)]
