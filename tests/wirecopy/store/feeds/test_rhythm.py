"""rhythm and moving: when a feed is due again, what a failure costs, and when a move is believed."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from ingest.records import PollRequest, Validators
from tests.wirecopy.builders import a_feed, a_poll, at
from wirecopy.feeds.pollschedule import LONGEST_PAUSE, after_poll
from wirecopy.feeds.redirects import effective_feed
from wirecopy.store.feeds.feedstate import FeedState

FEED = a_feed(every=timedelta(minutes=15))
OLD, NEW = FEED.url, "https://new.example/feed.xml"
MINUTE = timedelta(minutes=1)


def follow(*polls: dict[str, Any], state: FeedState | None = None, feed=FEED, **options: Any) -> list[FeedState]:
    """The states after each of *polls*; each is taken when the one before says that it is due."""
    state, found = state or FeedState(feed_id="gazette"), []
    for changes in polls:
        poll = a_poll(**{"polled_at": state.next_due or at(10), "url": feed.url} | changes)
        state = after_poll(state, poll, feed, **options)
        found.append(state)
    return found


def pauses(states: list[FeedState]) -> list[float]:
    """Minutes from each poll to the next."""
    return [(state.next_due - state.last_polled_at) / MINUTE for state in states]


@pytest.mark.parametrize(
    ("code", "status", "penalty"),
    [
        ("timeout", None, 0.5), ("connect", None, 0.5), ("http_5xx", 503, 0.5), ("robots_unavailable", None, 0.5),
        ("not_a_feed", 200, 0.75), ("http_4xx", 404, 1), ("http_4xx", 403, 1), ("http_4xx", 429, 0.25),
        ("robots", None, 1), ("too_large", None, 1), ("refused_address", None, 1),
    ],
)  # fmt: skip
def test_a_failure_costs_by_its_kind(code, status, penalty):
    """Trouble that passes costs less than an answer that says no; `failures` counts polls."""
    states = follow(*[{"code": code, "http_status": status, "detail": "why"}] * 3)
    assert [state.penalty for state in states] == [penalty, 2 * penalty, 3 * penalty]
    assert [state.failures for state in states] == [1, 2, 3]
    assert states[-1].last_success_at is None


def test_the_first_read_poll_is_remembered():
    """Failures before it do not count, later ones do not move it; of an earlier version's feed it stays unknown."""
    states = follow({"code": "timeout"}, {}, {"code": "timeout"}, {})
    assert [state.first_success_at for state in states] == [None, *[states[1].last_polled_at] * 3]
    (known,) = follow({}, state=FeedState(feed_id="gazette", last_success_at=at(9)))
    assert known.first_success_at is None


@pytest.mark.parametrize("code", ["timeout", "http_4xx"])
def test_back_off_grows_is_capped_and_never_ends(code):
    """The pause lies within a fifth below `every` times two to the penalty, and at most a day, for ever."""
    states = follow(*[{"code": code, "http_status": None}] * 60)
    for state, pause in zip(states, pauses(states), strict=True):
        whole = min(15 * 2**state.penalty, LONGEST_PAUSE / MINUTE)
        assert max(15, 0.8 * whole) <= pause <= whole
    assert all(state.next_due is not None for state in states)


def test_jitter_parts_feeds_and_repeats_itself():
    """Feeds that failed together are not asked together again; the same poll gives the same instant."""
    failed = {"code": "http_4xx", "http_status": 404}
    due = [follow(failed, state=FeedState(feed_id=f"feed-{n}"))[0].next_due for n in range(50)]
    again = [follow(failed, state=FeedState(feed_id=f"feed-{n}"))[0].next_due for n in range(50)]
    assert due == again
    assert len(set(due)) == 50
    assert max(due) - min(due) > 4 * MINUTE


def test_a_read_poll_clears_all():
    """One success, and the feed is well."""
    state = follow(*[{"code": "timeout"}] * 9, {"code": "not_modified", "http_status": 304})[-1]
    assert (state.failures, state.penalty, state.next_due - state.last_success_at) == (0, 0, state.pace * FEED.every)


def test_retry_after_is_kept():
    """Longer than our own pause, and shorter."""
    long, short = ({"code": "http_4xx", "http_status": 429, "retry_after": MINUTE * n} for n in (300, 1))
    assert pauses(follow(long)) == [300]
    assert pauses(follow(short))[0] >= 15


def test_an_outage_counts_against_nobody():
    """What is told of the last poll changes, failures do not, and the feed is asked again at its interval."""
    well = follow({})[-1]
    hurt = follow({"code": "connect", "detail": "no route"}, state=well, counted=False)[-1]
    assert (hurt.failures, hurt.penalty, hurt.last_code) == (0, 0, "connect")
    assert pauses([hurt]) == [15]
    assert hurt.last_success_at == well.last_success_at


def test_gone_rests_but_is_asked_again():
    """The first 410 may be a slip: a day. Then once a month, until something else comes."""
    states = follow(*[{"code": "http_4xx", "http_status": 410}] * 4, {})
    days = [pause / 1440 for pause in pauses(states)]
    assert 0.8 <= days[0] <= 1
    assert all(24 <= pause <= 30 for pause in days[1:4])
    assert [bool(state.gone_since) for state in states] == [True] * 4 + [False]
    assert follow({"code": "http_4xx", "http_status": 404}, state=states[0])[0].gone_since is None


def seen(taken: int, entries: int = 20, hours: float = 24) -> dict[str, Any]:
    return {"entries": entries, "taken": taken, "known": entries - taken, "oldest": at(10 - hours), "newest": at(10)}


def test_pace_follows_the_share_of_known_entries():
    """All known: slower, up to four times; many new ones: back to `every` at once; some: step by step."""
    quiet = follow(*[seen(0)] * 10)
    assert pauses(quiet)[:3] == pytest.approx([15 * 1.25, 15 * 1.25**2, 15 * 1.25**3])
    assert pauses(quiet)[-1] == 60
    assert pauses(follow({"code": "not_modified"}, {"code": "unchanged"})) == pytest.approx([18.75, 23.4375])
    slow = quiet[-1]
    assert pauses(follow(seen(1), state=slow)) == [60]
    assert pauses(follow(seen(4), state=slow)) == [40]
    assert pauses(follow(seen(11), state=slow)) == [15]
    assert pauses(follow(*[seen(0)] * 10, adaptive=False)) == [15] * 10


def test_pace_keeps_within_what_a_document_covers():
    """A document of 90 minutes is polled three times in that time, however quiet; and none beyond six hours."""
    assert pauses(follow(*[seen(0, hours=1.5)] * 10))[-1] == pytest.approx(30)
    slow = follow(*[seen(0, hours=2000)] * 10, feed=a_feed(every=timedelta(hours=4)))
    assert pauses(slow)[-1] == 360
    daily = follow(*[seen(0, hours=2000)] * 3, feed=a_feed(every=timedelta(days=1)))
    assert pauses(daily) == [1440] * 3


def test_deferred_entries_are_not_hidden():
    """A later 304 would hide them: the old validators stay."""
    fresh = Validators(etag="new")
    assert follow({"validators": fresh, "deferred": 1})[0].validators == Validators()
    assert follow({"validators": fresh})[0].validators == fresh


def moved(day: float, taken: int = 1, to: str | None = NEW, **changes: Any) -> dict[str, Any]:
    """A poll that was led away, *day* days after the first."""
    return {
        "polled_at": at(10 + 24 * day),
        "entries": 20,
        "taken": taken,
        "known": 20 - taken,
        "moved_to": to,
    } | changes


BEFORE = {"polled_at": at(9), "entries": 20, "taken": 20}


@pytest.mark.parametrize(
    ("polls", "place"),
    [
        pytest.param([BEFORE, moved(0), moved(6.9)], OLD, id="not-within-a-week"),
        pytest.param([BEFORE, moved(0), moved(7)], NEW, id="after-a-week"),
        pytest.param([moved(0, 20), moved(7)], NEW, id="it-was-never-anywhere-else"),
        pytest.param([BEFORE, moved(0, 20), moved(7, 0)], OLD, id="other-entries"),
        pytest.param([BEFORE, moved(0, 0, entries=0), moved(7, 0)], OLD, id="an-empty-feed"),
        pytest.param([BEFORE, moved(0, code="not_modified"), moved(7)], NEW, id="304-says-the-same"),
        pytest.param([BEFORE, moved(0), moved(3, to=None), moved(7)], OLD, id="taken-back-meanwhile"),
        pytest.param([BEFORE, moved(0), moved(3, to="https://third.example/f"), moved(7)], OLD, id="wavers"),
        pytest.param([BEFORE, moved(0), moved(3, code="timeout", to=None), moved(7)], NEW, id="a-failure-between"),
        pytest.param([BEFORE, moved(0), moved(7, code="not_a_feed")], NEW, id="judged-when-it-moved"),
    ],
)
def test_a_move_is_believed_after_a_week(polls, place):
    """Only if nothing spoke against it, and it showed the same entries."""
    assert effective_feed(FEED, follow(*polls)[-1]).url == place


def test_the_new_address_must_hold():
    """Asked there, it stays there; if it fails there, the old address is asked again."""
    believed = follow(BEFORE, moved(0), moved(7))[-1]
    there = {"url": NEW, "polled_at": at(10, 30)}
    assert effective_feed(FEED, follow(there, state=believed)[-1]).url == NEW
    assert effective_feed(FEED, follow(there | {"code": "http_4xx", "http_status": 404}, state=believed)[-1]).url == OLD
    assert effective_feed(FEED, follow(there | {"moved_to": "https://c.example/f"}, state=believed)[-1]).url == OLD


def test_keys_do_not_travel_and_a_new_list_begins_anew():
    """Headers of a feed go to its own origin only; another address in feeds.toml is not redirected by an old move."""
    believed = follow(BEFORE, moved(0), moved(7))[-1]
    with_key = a_feed(headers={"X-Key": "k"})
    assert effective_feed(with_key, believed).url == OLD
    assert effective_feed(a_feed(url="https://gazette.example/other"), believed).url == "https://gazette.example/other"
    same_origin = follow(BEFORE, *(moved(day, to="https://gazette.example/new") for day in (0, 7)), feed=with_key)[-1]
    assert effective_feed(with_key, same_origin).url == "https://gazette.example/new"


def test_due_never_goes_back():
    """Whatever comes, the next poll lies ahead."""
    codes = ["ok", "timeout", "http_4xx", "not_modified", "http_5xx", "connect", "ok", "not_a_feed"] * 3
    states = follow(*({"code": code, "http_status": None} for code in codes))
    assert all(later.last_polled_at > earlier.last_polled_at for earlier, later in pairwise(states))


@pytest.mark.parametrize(
    ("asked", "minutes"),
    [
        pytest.param(timedelta(), 15, id="nothing"),
        pytest.param(timedelta(minutes=40), 40, id="a-longer-pause"),
        pytest.param(timedelta(minutes=5), 15, id="a-shorter-one"),
        pytest.param(timedelta(days=2), 360, id="capped"),
    ],
)
def test_what_is_asked_for_is_waited_for(asked, minutes):
    """The pause that server or feed ask for, beside our own; at most six hours."""
    states = follow({"request": PollRequest(pause=asked)}, adaptive=False)
    assert pauses(states) == [minutes]


def test_what_is_asked_for_must_not_lose_entries():
    """A feed that shows an hour of news is polled three times in it, whatever its server's cache says."""
    window = {"oldest": at(9), "newest": at(10), "entries": 20, "taken": 1}
    assert pauses(follow({"request": PollRequest(pause=timedelta(hours=6)), **window}, adaptive=False)) == [20]


def test_a_304_repeats_what_was_asked_for():
    """It has no document, and often no headers."""
    first = {"request": PollRequest(pause=timedelta(hours=1))}
    states = follow(first, {"code": "not_modified", "http_status": 304}, adaptive=False)
    assert pauses(states) == [60, 60]


def test_quiet_hours_are_kept():
    """A poll that would fall into them waits for their end; quiet days are waited for a day at most."""
    states = follow({"request": PollRequest(quiet_hours=frozenset({10, 11}))}, adaptive=False)
    assert states[0].next_due == at(12)
    days = follow({"request": PollRequest(quiet_days=frozenset(range(6)) | {6} - {at(10).weekday()})}, adaptive=False)
    assert days[0].next_due == at(10) + timedelta(minutes=15)


def test_quiet_hours_outlive_a_304_and_a_failure():
    """Neither has a document to repeat them, and the hours that were waited for are no pause that was asked for."""
    unchanged, failed = {"code": "not_modified", "http_status": 304}, {"code": "timeout", "http_status": None}
    first = {"request": PollRequest(quiet_hours=frozenset({10, 11, 12}))}
    again = [unchanged | {"polled_at": at(9) + 50 * MINUTE}, failed | {"polled_at": at(9) + 55 * MINUTE}]
    states = follow(first, unchanged, *again, adaptive=False)
    assert [state.next_due for state in states] == [at(13), at(13) + 15 * MINUTE, at(13), at(13)]
