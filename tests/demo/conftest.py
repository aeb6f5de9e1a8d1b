"""A served newsroom, and a plain HTTP client to look at it from outside."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from demo.newsroom import Newsroom

ANCHOR = datetime(2026, 11, 25, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, errors included."""

    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


Ask = Callable[..., Answer]


@pytest.fixture(scope="session")
def served() -> Iterator[Newsroom]:
    """One server for all tests of this folder."""
    with Newsroom(anchor=ANCHOR) as newsroom:
        yield newsroom


@pytest.fixture
def newsroom(served: Newsroom) -> Newsroom:
    """The served newsroom as it was at first: everything published, everybody on, nothing counted."""
    served.now = served.anchor
    for publisher in served.addresses:
        served.fault(publisher, off=False)
    served.hits.clear()
    return served


@pytest.fixture(scope="session")
def ask() -> Ask:
    """Ask a URL: `ask(url, method="PUT", body={...}, **headers)`."""

    def send(url: str, *, method: str = "GET", body: object = None, headers: dict[str, str] | None = None) -> Answer:
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(url, data=data, method=method, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return _answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            return _answer(error.code, error.headers, error.read())

    return send


def _answer(status: int, headers: object, body: bytes) -> Answer:
    return Answer(status=status, headers={name.lower(): value for name, value in headers.items()}, body=body)  # type: ignore[attr-defined]
