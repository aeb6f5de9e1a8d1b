"""judging: an outage counts against nobody, in the feed state and in `polls`."""

from __future__ import annotations

import pytest

from ingest.records import FeedPull
from tests.wirecopy.builders import HEADER, a_part, a_poll, at
from wirecopy.feeds.digest import feed_healths
from wirecopy.feeds.health import most_hosts_fail
from wirecopy.settings import load_settings
from wirecopy.steps import publish
from wirecopy.store.feeds.feedstate import FeedState
from wirecopy.store.feeds.state import State
from wirecopy.store.query.read import rows

HOSTS = ["a", "b", "c", "d", "e"]


@pytest.fixture(autouse=True)
def desk(layout, tmp_path, monkeypatch):
    """Five feeds on five hosts."""
    feeds = "".join(f'[[feed]]\nid = "{one}"\nurl = "https://{one}.example/f"\n' for one in HOSTS)
    (tmp_path / "feeds.toml").write_text(feeds)
    for name, value in {"DATA": layout.root, "FEEDS": tmp_path / "feeds.toml", "NOW": at(12).isoformat()}.items():
        monkeypatch.setenv(f"WIRECOPY_{name}", str(value))


def run(layout, number: int, codes: dict[str, str], parts: int = 1, **header) -> dict[str, FeedState]:
    """Publish a live run whose feeds ended in *codes*; the state after it."""
    plan = {"plan": f"{number:032}", "run_id": f"run {number}"} | header
    polls = [
        FeedPull(poll=a_poll(feed_id=one, url=f"https://{one}.example/f", code=code, polled_at=at(10 + number)))
        for one, code in codes.items()
    ]
    for part in range(parts):
        a_part(layout, polls[part::parts], part, **plan)
        if part + 1 < parts:
            publish(run=HEADER | plan, pulled=[])
    publish(run=HEADER | plan, pulled=[{}])
    state = State.open(layout, None)
    try:
        return state.feeds()
    finally:
        state.close()


def all_end(code: str) -> dict[str, str]:
    return dict.fromkeys(HOSTS, code)


def test_a_network_that_is_down_counts_against_nobody(layout):
    """All hosts failed: no failure, no back-off, `counted` is false, and the feeds say so."""
    run(layout, 0, all_end("ok"))
    states = run(layout, 1, all_end("connect"))
    assert {state.failures for state in states.values()} == {0}
    assert {(row["counted"], row["n"]) for row in rows(layout, "SELECT counted, count(*) n FROM polls GROUP BY 1")} == {
        (True, 5), (False, 5),
    }  # fmt: skip
    assert {row["failures"] for row in rows(layout, "FROM feed_health")} == {0}
    found = feed_healths(load_settings(), layout)
    assert {one.condition for one in found} == {"outage"}
    assert all("counts against nobody" in one.notices[0] for one in found)


def test_one_bad_host_is_its_own_fault(layout):
    """The others were read: it is the feed."""
    run(layout, 0, all_end("ok"))
    states = run(layout, 1, all_end("ok") | {"b": "connect", "c": "timeout"})
    assert {name: state.failures for name, state in states.items()} == {"a": 0, "b": 1, "c": 1, "d": 0, "e": 0}
    assert {row["feed_id"]: row["failures"] for row in rows(layout, "FROM feed_health")} == {
        "a": 0, "b": 1, "c": 1, "d": 0, "e": 0,
    }  # fmt: skip


def test_feeds_that_never_answered_are_no_outage(layout):
    """A list of dead feeds must not be asked every quarter of an hour for ever."""
    states = run(layout, 0, all_end("connect"))
    assert {state.failures for state in states.values()} == {1}
    assert {row["counted"] for row in rows(layout, "FROM polls")} == {True}


def test_an_outage_may_come_in_several_commits(layout):
    """What earlier commits of the run brought counts too: its one read host does not hide four that failed."""
    run(layout, 0, all_end("ok"))
    codes = all_end("timeout") | {"a": "ok"}
    states = run(layout, 1, codes, parts=2)
    assert {name: state.failures for name, state in states.items()} == {"a": 0, "b": 0, "c": 1, "d": 0, "e": 1}


def test_polls_tell_when_the_feed_is_due(layout):
    """`next_due` is that of the state; a past run changes neither."""
    states = run(layout, 0, {"a": "ok", "b": "http_4xx"})
    run(layout, 1, {"a": "timeout"}, mode="past")
    found = {(row["feed_id"], row["mode"]): row for row in rows(layout, "FROM polls")}
    assert {name: found[name, "live"]["next_due"] for name in "ab"} == {name: states[name].next_due for name in "ab"}
    assert (found["a", "past"]["next_due"], found["a", "past"]["counted"]) == (None, False)


@pytest.mark.parametrize(
    ("codes", "outage"),
    [
        pytest.param(["connect"] * 3, True, id="all-of-three"),
        pytest.param(["connect"] * 2, False, id="two-are-too-few"),
        pytest.param(["connect"] * 3 + ["ok"] * 3, False, id="half-is-not-most"),
        pytest.param(["connect"] * 4 + ["ok"] * 3, True, id="most"),
        pytest.param(["not_a_feed"] * 5, True, id="a-login-page-of-the-hotel"),
    ],
)
def test_most_hosts(codes, outage):
    """By host, of those that were well before."""
    states = {str(n): FeedState(feed_id=str(n), last_success_at=at(9)) for n in range(len(codes))}
    polls = [(str(n), f"https://h{n}.example/", code, at(10)) for n, code in enumerate(codes)]
    assert most_hosts_fail(polls, states) == outage
    ill = {name: FeedState(feed_id=name, last_success_at=at(9), failures=1) for name in states}
    assert not most_hosts_fail(polls, ill)
    one_host = [(name, "https://same.example/", code, polled_at) for name, _, code, polled_at in polls]
    assert not most_hosts_fail(one_host, states)
