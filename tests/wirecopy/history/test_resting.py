"""How long a source is left alone after it refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ingest.errors import HttpStatus, ParseError, RobotsDisallowed
from wirecopy.history.searched import rest_after

URL = "https://archive.example/cdx"
MINUTE, HOUR, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=7)


@pytest.mark.parametrize(
    "error, rest",
    [
        (HttpStatus(URL, "", 403), WEEK),
        (RobotsDisallowed(URL, ""), WEEK),
        (HttpStatus(URL, "", 429, MINUTE), MINUTE),
        (HttpStatus(URL, "", 429), HOUR),
        (HttpStatus(URL, "", 503, MINUTE), None),
        (HttpStatus(URL, "", 404), None),
        (ParseError(URL, ""), None),
    ],
)
def test_rest_after(error, rest):
    """Who says no is not asked every day; who was asked too often says for how long, and one answer of a web archive
    must not cost all feeds a week.
    """
    assert rest_after(error) == rest
