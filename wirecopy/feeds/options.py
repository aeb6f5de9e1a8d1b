"""The user's settings as the options that the ingest room takes."""

from __future__ import annotations

from ingest.options import ExtractOptions, FetchOptions
from wirecopy.settings import Settings


def fetch_options(settings: Settings) -> FetchOptions:
    """How to fetch."""
    return FetchOptions(
        user_agent=settings.user_agent, allow_networks=settings.allow_networks, respect_robots=settings.respect_robots,
        obey_tdm=settings.obey_tdm,
        deadline=settings.fetch_timeout, page_bytes=settings.page_bytes, feed_bytes=settings.feed_bytes,
        host_gap=settings.host_gap,
    )  # fmt: skip


def extract_options(settings: Settings) -> ExtractOptions:
    """How to extract."""
    return ExtractOptions(
        workers=settings.extract_workers, deadline=settings.extract_timeout, obey_tdm=settings.obey_tdm
    )
