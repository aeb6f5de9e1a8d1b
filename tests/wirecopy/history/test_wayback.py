"""Captures of a feed in a web archive, in the dialect of the Internet Archive and of pywb."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ingest.errors import HttpStatus, ParseError
from ingest.history.cdx import read_index
from ingest.records import Feed
from ingest.work import Found
from tests.ingest.fetching import NOW
from tests.wirecopy.history.asking_sites import asking, entries, read
from tests.wirecopy.history.pywb_archive import serving_archive
from tests.wirecopy.history.web_archive import InternetArchive
from tests.wirecopy.running import serving
from wirecopy.history.wayback.captures import NotArchivedError, find_captures, read_captures

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 10, 15, tzinfo=UTC)
PUBLISHED = [START - 2 * DAY + HOUR * number for number in range(24 * 7)]  # one an hour, a week long
FEED = Feed(id="s", url="https://gazette.example/feed?lang=en&page=1")
OF_THE_DAY = [date for date in PUBLISHED if START <= date < START + DAY]


def shown(at: datetime, count: int = 20, *, pinned: bool = False) -> str:
    """What the feed showed then: its latest entries."""
    dates = [date for date in PUBLISHED if date <= at][-count:]
    dates = [PUBLISHED[0] - 90 * DAY, *dates] if pinned else dates
    items = "".join(
        f"<item><link>/a/{date:%m%d%H}</link><pubDate>{format_datetime(date)}</pubDate></item>"
        for date in reversed(dates)
    )
    return f'<rss version="2.0"><channel><title>G</title><link>https://gazette.example/</link>{items}</channel></rss>'


def archive_of(*instants: datetime, pinned: bool = False, **more) -> InternetArchive:
    return InternetArchive({FEED.url: {when: shown(when, pinned=pinned) for when in instants}}, **more)


def of_the_day(archive: InternetArchive, feed: Feed = FEED):
    """(the place, the documents, the dates of the day, requests for captures)."""
    with serving(archive.answer) as address:
        found = asking(lambda fetch: find_captures(feed, fetch, address, now=NOW))
        archive.hits.clear()
        documents = asking(lambda fetch: read(read_captures(found, feed, START, START + DAY, fetch, now=NOW)))
    feeds = [one for one in documents if isinstance(one, Found) and one.reader]
    listed = {entry.published_at for entry in entries(feed, feeds)}
    played = [hit for hit in archive.hits if hit.startswith("/web/")]
    return found, documents, sorted(date for date in listed if date and START <= date < START + DAY), played


HOURLY = [START - DAY + HOUR * number + timedelta(minutes=7) for number in range(24 * 5)]


@pytest.mark.parametrize("pinned", [False, True])
def test_few_captures_show_the_whole_day(pinned):
    """Each overlaps with the one before: of 120 captures six are read, whatever is pinned on top of the feed."""
    found, documents, dates, played = of_the_day(archive_of(*HOURLY, pinned=pinned))
    assert (found.dialect, found.reaches) == ("internet-archive", HOURLY[0].date())
    assert dates == OF_THE_DAY
    assert len(played) <= 7
    assert documents[-1].complete


def test_a_gap_between_captures_is_not_complete():
    """What was published in it and rolled off is in no capture: the day is not called complete."""
    _, documents, dates, _ = of_the_day(archive_of(START + HOUR, START + 26 * HOUR))
    assert set(OF_THE_DAY) - set(dates) == {START + HOUR * number for number in range(2, 7)}
    assert not any(one.complete for one in documents)


def test_a_long_list_is_read_by_its_resume_key():
    """The key stands behind an empty row."""
    archive = archive_of(*HOURLY, rows_at_once=50)
    _, _, dates, _ = of_the_day(archive)
    assert dates == OF_THE_DAY
    assert [hit for hit in archive.hits if "resumeKey" in hit]


def test_the_nearest_capture_is_not_taken_for_the_one_asked_for():
    """An archive gives what it has with status 200: Memento-Datetime tells."""
    lost = frozenset(HOURLY[36:])
    _, documents, dates, played = of_the_day(archive_of(*HOURLY, lost=lost))
    assert set(OF_THE_DAY) - set(dates) == set(OF_THE_DAY[-12:])  # shown by what is lost only
    pages = [one.page for one in documents if isinstance(one, Found) and one.reader]
    assert len({page.headers["memento-datetime"] for page in pages}) == len(pages)
    assert not any(one.complete for one in documents)
    assert len(played) < 10


def test_who_is_refused_stops_asking():
    """429 ends the reading for this run; the fetcher keeps its Retry-After."""
    archive = archive_of(*HOURLY)
    with serving(archive.answer) as address:
        found = asking(lambda fetch: find_captures(FEED, fetch, address, now=NOW))
        archive.refuses_after = len(archive.hits) + 3
        with pytest.raises(HttpStatus, match="429"):
            asking(lambda fetch: read(read_captures(found, FEED, START, START + DAY, fetch, now=NOW)))
    assert len(archive.hits) == archive.refuses_after + 1


@pytest.mark.parametrize(
    "feed",
    [
        pytest.param(Feed(id="s", url="https://gazette.example/feed?token=abc"), id="token"),
        pytest.param(Feed(id="s", url="https://gazette.example/feed?k=1", secret=("k",)), id="declared"),
        pytest.param(Feed(id="s", url=FEED.url, headers={"X-Key": "1"}), id="headers"),
    ],
)
def test_private_feeds_are_not_told_to_an_archive(feed):
    """Not one request is made."""
    archive = archive_of(*HOURLY)
    with serving(archive.answer) as address, pytest.raises(NotArchivedError, match="secret"):
        asking(lambda fetch: find_captures(feed, fetch, address, now=NOW))
    assert archive.hits == []


def test_both_dialects_are_read():
    """Arrays with names, or an object a line; what was not 200 is left out; nothing is an empty list."""
    arrays = '[["urlkey","timestamp","original","mimetype","statuscode","digest","length"],' \
             '["e","20261015000000","https://e.example/f","text/xml","200","A","9"],' \
             '["e","20261015010000","https://e.example/f","text/xml","404","B","9"],[],["key"]]'  # fmt: skip
    lines = '{"urlkey":"e","timestamp":"20261015000000","url":"https://e.example/f","mime":"text/xml","status":"200","digest":"A"}\n'
    first, second = read_index("u", arrays), read_index("u", lines)
    assert first.rows == second.rows
    assert (len(first.rows), first.resume, second.resume) == (1, "key", None)
    assert read_index("u", "[]").rows == read_index("u", "").rows == ()
    with pytest.raises(ParseError):
        read_index("u", "<html>no</html>")


@pytest.mark.slow
def test_pywb(tmp_path):
    """The real program: its index, its raw captures, and the day of a feed from them."""
    captures = {FEED.url: {when: shown(when) for when in HOURLY[::6]}}
    with serving_archive(tmp_path, captures) as address:
        found = asking(lambda fetch: find_captures(FEED, fetch, address, now=NOW))
        documents = asking(lambda fetch: read(read_captures(found, FEED, START, START + DAY, fetch, now=NOW)))
        gone = Feed(id="g", url="https://gazette.example/other")
        with pytest.raises(NotArchivedError, match="no capture"):
            asking(lambda fetch: find_captures(gone, fetch, address, now=NOW))
    feeds = [one for one in documents if isinstance(one, Found) and one.reader]
    listed = {entry.published_at for entry in entries(FEED, feeds)}
    assert (found.dialect, found.reaches) == ("pywb", HOURLY[0].date())
    assert set(OF_THE_DAY) <= listed
    assert (entries(FEED, feeds[:1])[0].link or "").startswith("https://gazette.example/a/")
    assert documents[-1].complete
