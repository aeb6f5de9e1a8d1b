"""Days that are filled by sources of history, through the steps of a run as they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from tests.wirecopy.history.wordpress_site import Post, WordPressSite, every
from tests.wirecopy.running import ANCHOR, serving
from tests.wirecopy.test_history import a_day
from wirecopy.store.files.layout import Layout

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
START = datetime(2026, 10, 15, tzinfo=UTC)


@contextmanager
def reading(
    layout: Layout, folder: Any, patch: pytest.MonkeyPatch, answer: Any, feed: str, **more: str
) -> Iterator[str]:
    """The settings for runs that read one feed of a site."""
    with serving(answer) as address:
        (folder / "feeds.toml").write_text(feed.replace("SITE", address))
        for name, value in {
            "DATA": str(layout.root), "FEEDS": str(folder / "feeds.toml"), "NOW": ANCHOR.isoformat(),
            "ALLOW_NETWORKS": "127.0.0.0/8", "HOST_GAP": "0", "EXTRACT_WORKERS": "1", "SHARDS": "1", **more,
        }.items():  # fmt: skip
            patch.setenv(f"WIRECOPY_{name}", value.replace("SITE", address))
        yield address


def articles(layout: Layout) -> pl.DataFrame:
    found = list(layout.store.glob("articles/**/*.parquet"))
    return pl.concat([pl.read_parquet(path) for path in found]).sort("published_at") if found else pl.DataFrame()


def searches(layout: Layout) -> dict[str, dict[str, Any]]:
    """The last search of each source."""
    rows = pl.concat([pl.read_parquet(path) for path in layout.store.glob("searches/**/*.parquet")]).to_dicts()
    return {row["source"]: row for row in rows}


def test_a_day_of_wordpress(layout, tmp_path, monkeypatch):
    """The three posts of the UTC day, none of its neighbours; each page once; the words are those of the pages."""
    borders = [START + at + timedelta(seconds=second) for at in (timedelta(), DAY) for second in (-1, 0, 1)]
    posts = [Post(number=number, at=at) for number, at in enumerate(borders)]
    site = WordPressSite(ZoneInfo("Asia/Kolkata"), [*posts, *every(timedelta(hours=2), ANCHOR - 3 * DAY, 30)])
    feed = '[[feed]]\nid = "s"\nurl = "SITE/feed/"\n'
    with reading(layout, tmp_path, monkeypatch, site.answer, feed):
        a_day(START + DAY, "first")
        taken = articles(layout)
        assert taken["published_at"].to_list() == borders[1:4]
        assert set(taken["via"]) == {"wordpress"}
        assert not any("words of the API" in text for text in taken["text"])
        books = searches(layout)
        assert (books["wordpress"]["taken"], books["wordpress"]["documents"], books["wordpress"]["complete"]) == (
            3,
            1,
            True,
        )
        site.hits.clear()
        a_day(START + DAY, "again")
        assert (site.asked("/wp-json"), sum(site.pages().values())) == ([], 0)
        a_day(START, "the day before")
        assert len(site.asked("/wp-json")) == 1
        assert articles(layout)["published_at"].to_list() == borders[:4]
