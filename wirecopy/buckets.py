"""Which places are buckets: by their addresses, without settings, as executors of an engine have none."""

from __future__ import annotations

from typing import Final

BUCKETS: Final = frozenset({"s3", "gs", "az"})  # schemes of store_url


def is_bucket(place: str) -> bool:
    """Whether *place* is the address of a bucket, and no folder."""
    scheme, colon, rest = place.partition("://")
    return scheme in BUCKETS and bool(colon and rest.strip("/"))
