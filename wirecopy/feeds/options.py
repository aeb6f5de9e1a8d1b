"""The user's settings as the options that the ingest room takes."""

from __future__ import annotations

from datetime import timedelta

from ingest.options import ExtractOptions, FetchOptions
from ingest.text.urls import host_of
from wirecopy.records import Mode
from wirecopy.schedule import live_minutes
from wirecopy.settings import Settings

# A live run must end before the next one is due, whatever a host does; 5 minutes are 600 pages of a host without wishes
# (host_gap), ten of one that asks for a Crawl-delay of 30 s. A past run has no next one that would wait for it.
LIVE_SHARE, LIVE_MOST, PAST_MOST = 3, timedelta(minutes=5), timedelta(minutes=15)


def host_time(settings: Settings, mode: Mode) -> timedelta:
    """Most time that one host may keep a run of this mode busy."""
    usual = PAST_MOST if mode == "past" else min(timedelta(minutes=live_minutes()) / LIVE_SHARE, LIVE_MOST)
    return settings.host_time or usual


def fetch_options(settings: Settings, mode: Mode | None = None) -> FetchOptions:
    """How to fetch, in a run of *mode*; None: outside of one, so that no host runs out of time."""
    return FetchOptions(
        user_agent=settings.user_agent,
        allow_networks=settings.allow_networks,
        respect_robots=settings.respect_robots,
        obey_tdm=settings.obey_tdm,
        deadline=settings.fetch_timeout,
        page_bytes=settings.page_bytes,
        feed_bytes=settings.feed_bytes,
        sitemap_bytes=settings.sitemap_bytes,
        host_gap=settings.host_gap,
        host_gaps={host_of(settings.wayback): settings.wayback_gap} if settings.wayback else {},
        host_time=host_time(settings, mode) if mode else None,
    )


def extract_options(settings: Settings) -> ExtractOptions:
    """How to extract."""
    return ExtractOptions(
        workers=settings.extract_workers, deadline=settings.extract_timeout, obey_tdm=settings.obey_tdm
    )
