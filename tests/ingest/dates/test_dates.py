"""Dates as they are really written: zone names, epochs, other languages, and what must not be believed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from bench.extraction.dates import NONE, as_written, read_dates
from ingest.dates.parse import EARLIEST, MAX_AHEAD, parse_date

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "iso", "precision"),
    [
        pytest.param("Mon, 06 Sep 2021 16:45:00 +0000", "2021-09-06T16:45:00", "second", id="rfc822"),
        pytest.param("Mon, 06 Sep 2021 16:45 GMT", "2021-09-06T16:45:00", "minute", id="rfc822-without-seconds"),
        pytest.param("6 Sep 21 16:45:00 Z", "2021-09-06T16:45:00", "second", id="rfc822-two-digit-year"),
        pytest.param("Mon, 6 Sep 2021 16:45:00 -0400 (EDT)", "2021-09-06T20:45:00", "second", id="comment"),
        pytest.param(
            "Mon, 06 Sep 2021 16:45:00 BST", "2021-09-06T15:45:00", "second", id="feedparser-reads-bst-as-utc"
        ),
        pytest.param(
            "Mon, 06 Sep 2021 16:45:00 CEST", "2021-09-06T14:45:00", "second", id="feedparser-reads-cest-as-utc"
        ),
        pytest.param(
            "Mon, 06 Sep 2021 16:45:00 IST", "2021-09-06T11:15:00", "second", id="feedparser-reads-ist-as-utc"
        ),
        pytest.param("Mon, 06 Sep 2021 16:45:00 GMT+9", "2021-09-06T07:45:00", "second", id="feedparser-drops-gmt+9"),
        pytest.param("Mon, 06 Sep 2021 16:45:00 UTC+02:00", "2021-09-06T14:45:00", "second", id="utc-offset"),
        pytest.param("Mon, 06 Sep 2021 16:45:00 Europe/Berlin", "2021-09-06T14:45:00", "second", id="iana-summer"),
        pytest.param("Mon, 06 Dec 2021 16:45:00 ET", "2021-12-06T21:45:00", "second", id="eastern-winter"),
        pytest.param("2021-09-06T16:45:00Z", "2021-09-06T16:45:00", "second", id="iso"),
        pytest.param("2021-09-06T16:45:00.123456+02:00", "2021-09-06T14:45:00", "second", id="iso-fraction"),
        pytest.param("2021-09-06T16:45+0530", "2021-09-06T11:15:00", "minute", id="iso-minutes"),
        pytest.param("2021-09-06 16:45:00 +0200", "2021-09-06T14:45:00", "second", id="iso-space"),
        pytest.param("2021-09-06T16:45:00 GMT", "2021-09-06T16:45:00", "second", id="iso-named-zone"),
        pytest.param("20210906T164500Z", "2021-09-06T16:45:00", "second", id="iso-basic"),
        pytest.param("2021-09-06T24:00:00Z", "2021-09-07T00:00:00", "second", id="hour-24"),
        pytest.param("2021-09-06", "2021-09-06T00:00:00", "day", id="iso-day"),
        pytest.param("2021-09-06T00:00:00Z", "2021-09-06T00:00:00", "day", id="midnight-is-a-day"),
        pytest.param("2021-09-06T00:00:00+02:00", "2021-09-05T22:00:00", "day", id="local-midnight-keeps-its-instant"),
        pytest.param("20210906", "2021-09-06T00:00:00", "day", id="digits"),
        pytest.param("1630946700", "2021-09-06T16:45:00", "second", id="epoch"),
        pytest.param("1630946700123", "2021-09-06T16:45:00", "second", id="epoch-milliseconds"),
        pytest.param("1630946700.5", "2021-09-06T16:45:00", "second", id="epoch-fraction"),
        pytest.param("Mon Sep  6 16:45:00 2021", "2021-09-06T16:45:00", "second", id="asctime"),
        pytest.param("Mon Sep 06 16:45:00 PDT 2021", "2021-09-06T23:45:00", "second", id="java"),
        pytest.param("September 6, 2021 4:45 PM EDT", "2021-09-06T20:45:00", "minute", id="american"),
        pytest.param("Sep 6, 2021, 12:05 a.m. UTC", "2021-09-06T00:05:00", "minute", id="after-midnight"),
        pytest.param("6. September 2021, 16:45 Uhr", "2021-09-06T16:45:00", "minute", id="german"),
        pytest.param("06.09.2021 16:45", "2021-09-06T16:45:00", "minute", id="dotted"),
        pytest.param("lun., 06 sept. 2021 16:45:00 +0200", "2021-09-06T14:45:00", "second", id="french"),
        pytest.param("6 de septiembre de 2021", "2021-09-06T00:00:00", "day", id="spanish"),
        pytest.param("пн, 6 сентября 2021 16:45:00 +0300", "2021-09-06T13:45:00", "second", id="russian"),
        pytest.param("pon, 06 wrz 2021 16:45:00 +0200", "2021-09-06T14:45:00", "second", id="polish"),
        pytest.param("po, 06 zář 2021 16:45:00 +0200", "2021-09-06T14:45:00", "second", id="czech"),
        pytest.param("Pzt, 06 Eyl 2021 16:45:00 +0300", "2021-09-06T13:45:00", "second", id="turkish"),
        pytest.param("Пн, 06 дек 2021 16:45:00 +0300", "2021-12-06T13:45:00", "second", id="russian-short"),
        pytest.param("6 вересня 2021 16:45", "2021-09-06T16:45:00", "minute", id="ukrainian"),
        pytest.param("Δευ, 06 Σεπ 2021 16:45:00 +0300", "2021-09-06T13:45:00", "second", id="greek"),
        pytest.param("man, 06 des 2021 16:45:00 +0100", "2021-12-06T15:45:00", "second", id="norwegian"),
        pytest.param("6 Agustus 2021 16:45 WIB", "2021-08-06T09:45:00", "minute", id="indonesian"),
        pytest.param("T2, 06 Th09 2021 16:45:00 +0700", "2021-09-06T09:45:00", "second", id="vietnamese-is-not-2009"),
        pytest.param("2021年9月6日 16:45", "2021-09-06T16:45:00", "minute", id="chinese-and-japanese"),
        pytest.param("2021년 9월 6일 16:45", "2021-09-06T16:45:00", "minute", id="korean"),
        pytest.param("2021-09-06T16:45:00+02:00[Europe/Paris]", "2021-09-06T14:45:00", "second", id="java-zoned"),
        pytest.param("06 Xyz09 2021 16:45:00", None, None, id="dateutil-takes-another-year"),
        pytest.param("25/12/2021 10:00", "2021-12-25T10:00:00", "minute", id="one-way-to-read"),
        pytest.param("06/06/2021", "2021-06-06T00:00:00", "day", id="same-both-ways"),
        pytest.param("06/09/2021", None, None, id="swappable"),
        pytest.param("Thu, 01 Jan 1970 00:00:00 GMT", None, None, id="epoch-zero"),
        pytest.param("Mon, 01 Jan 0001 00:00:00 +0000", None, None, id="year-one-is-not-2001"),
        pytest.param("2026-11-27T13:00:00Z", None, None, id="future"),
        pytest.param("2026-11-26T11:00:00Z", "2026-11-26T11:00:00", "second", id="tomorrow-is-a-zone-mistake"),
        pytest.param("2021-02-31T10:00:00Z", None, None, id="no-such-day"),
        pytest.param("2021-09", None, None, id="a-month-is-no-day"),
        pytest.param("yesterday", None, None, id="prose"),
        pytest.param("10:45", None, None, id="time-only"),
        pytest.param("", None, None, id="empty"),
        pytest.param("9" * 5_000, None, None, id="long"),
    ],
)
def test_parse_date(raw: str, iso: str | None, precision: str | None) -> None:
    """A string is the instant it names, or nothing."""
    found = parse_date(raw, now=NOW)
    assert (found and found.value.replace(tzinfo=None).isoformat()) == iso
    assert (found and found.precision) == precision


# Breton's November is also a French word; a Hebrew day without its mark is also a preposition.
UNREAD = {"16 Du 2026", "ו בכסלו ה'תשפ\"ז"}


def test_dates_of_the_world() -> None:
    """What papers of many languages and calendars print is the instant they mean; what is no full date is none."""
    found = [(one, as_written(parse_date(one.raw, now=NOW))) for one in read_dates()]
    assert len(found) > 390
    assert {(one.raw, said) for one, said in found if said not in (one.instant, NONE)} == set()
    assert {one.raw for one, said in found if said != one.instant} == UNREAD


@pytest.mark.parametrize(
    ("raw", "language", "iso"),
    [
        pytest.param("06/09/2021", "fr", "2021-09-06", id="french-puts-the-day-first"),
        pytest.param("06/09/2021 16:45", "vi", "2021-09-06", id="vietnamese"),
        pytest.param("06/09/2021", "en", None, id="english-is-of-two-minds"),
        pytest.param("6/9/2021 4:45 PM", "es", None, id="an-american-clock-on-a-spanish-page"),
        pytest.param("3. listopada 2025.", "hr", "2025-10-03", id="october-in-zagreb"),
        pytest.param("3 listopada 2025", "pl", "2025-11-03", id="november-in-warsaw"),
        pytest.param("3. lip 2025.", "hr", "2025-06-03", id="three-letters-of-a-known-language"),
        pytest.param("06/09/2021", "tlh", None, id="a-language-that-cldr-does-not-know"),
        pytest.param("16.11.26", "de", "2026-11-16", id="short-year-day-first"),
        pytest.param("26.11.16", "ko", "2026-11-16", id="short-year-first"),
        pytest.param("le 16/11/26 à 14h30", "fr", "2026-11-16", id="short-year-french"),
        pytest.param("16.11.26", "en", None, id="short-year-of-either-end"),
        pytest.param("12.10.31", "en", None, id="a-short-year-first-may-be-a-day-to-come"),
        pytest.param("28.09.19", "en", "2019-09-28", id="one-order-left"),
        pytest.param("06/09/2569", "en", "2026-09-06", id="buddhist-days-come-first"),
    ],
)
def test_a_language_decides(raw: str, language: str, iso: str | None) -> None:
    """What can be read two ways is read as the page's language does."""
    found = parse_date(raw, now=NOW, language=language)
    assert (found and found.day.isoformat()) == iso


@pytest.mark.parametrize(
    "language", ["en", "de", "fr", "es", "pt", "it", "ru", "ar", "fa", "hi", "zh", "ja", "ko", "th"]
)
def test_every_day_as_cldr_writes_it(language: str) -> None:
    """No day of a year in any of CLDR's long forms is read as another."""
    for day in (date(2025, 1, 1) + timedelta(days=3 * at) for at in range(121)):
        for form in ("full", "long"):
            found = parse_date(format_date(day, form, locale=language), now=NOW, language=language)
            assert found is not None
            assert found.day == day


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("Mon, 06 Sep 2021 16:45:00 BST", id="bst"),
        pytest.param("Mon, 06 Sep 2021 16:45:00 CEST", id="cest"),
        pytest.param("Mon, 06 Sep 2021 16:45:00 MESZ", id="mesz"),
        pytest.param("Mon, 06 Sep 2021 16:45:00 IST", id="ist"),
        pytest.param("Mon, 06 Sep 2021 16:45:00 JST", id="jst"),
        pytest.param("Mon, 06 Sep 2021 16:45:00 AEST", id="aest"),
        pytest.param("Mon, 06 Sep 2021 16:45:00 NZST", id="nzst"),
        pytest.param("Mon, 06 Sep 2021 16:45:00 GMT+9", id="gmt+9"),
        pytest.param("Mon, 06 Sep 2021 16:45:00 Europe/Berlin", id="iana"),
        pytest.param("1630946700", id="epoch"),
        pytest.param("1630946700123", id="epoch-milliseconds"),
        pytest.param("lun, 06 sept. 2021 16:45:00 +0200", id="french"),
    ],
)
def test_where_feedparser_is_wrong(raw: str) -> None:
    """It gives another instant or none, so its dates are not taken (what is right stands above)."""
    import feedparser

    body = f'<rss version="2.0"><channel><item><pubDate>{raw}</pubDate></item></channel></rss>'
    (theirs,) = feedparser.parse(body.encode()).entries
    ours = parse_date(raw, now=NOW)
    assert ours is not None
    assert theirs.get("published_parsed") is None or ours.value.timetuple()[:6] != theirs["published_parsed"][:6]


@pytest.mark.parametrize(
    ("raw", "zoned"),
    [
        pytest.param("2021-09-06T16:45:00Z", True, id="z"),
        pytest.param("2021-09-06T16:45:00", False, id="none"),
        pytest.param("Mon, 06 Sep 2021 16:45:00 XYZ", False, id="unknown-name"),
        pytest.param("1630946700", True, id="epoch"),
    ],
)
def test_zoned(raw: str, zoned: bool) -> None:
    """A date without a known zone says so, for the feed may know better."""
    found = parse_date(raw, now=NOW)
    assert found is not None
    assert found.zoned is zoned


@given(st.text(max_size=120))
def test_any_text_is_survived(raw: str) -> None:
    """No string raises; what comes back is aware and plausible."""
    found = parse_date(raw, now=NOW)
    assert found is None or EARLIEST <= found.value <= NOW + MAX_AHEAD


@given(
    st.datetimes(datetime.fromisoformat("1991-01-01"), datetime.fromisoformat("2026-01-01")),
    st.integers(min_value=-14 * 4, max_value=14 * 4).map(lambda quarter: timedelta(minutes=15 * quarter)),
)
def test_iso_round_trip(local: datetime, offset: timedelta) -> None:
    """Every ISO spelling with an offset comes back as its instant."""
    aware = local.replace(microsecond=0, tzinfo=timezone(offset))
    found = parse_date(aware.isoformat(), now=NOW)
    assert found is not None
    assert found.value == aware.astimezone(UTC)
