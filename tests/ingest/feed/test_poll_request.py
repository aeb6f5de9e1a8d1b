"""What feeds and servers ask of who polls them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ingest.feed.pollrequest import MAX_PAUSE, poll_request
from tests.ingest.samples import a_page

RSS = "<rss version='2.0'><channel><title>Wire</title>{}<item><title>x</title><ttl>1</ttl></item></channel></rss>"


@pytest.mark.parametrize(
    ("headers", "channel", "pause"),
    [
        pytest.param({}, "", timedelta(), id="nothing"),
        pytest.param({"cache-control": "public, max-age=1800"}, "", timedelta(minutes=30), id="max-age"),
        pytest.param({"cache-control": "max-age=1800", "age": "600"}, "", timedelta(minutes=20), id="of-an-old-copy"),
        pytest.param({"cache-control": "no-cache, max-age=1800"}, "", timedelta(), id="no-cache"),
        pytest.param({"cache-control": "max-age=31536000"}, "", MAX_PAUSE, id="capped"),
        pytest.param({"cache-control": "max-age=999999999999"}, "", MAX_PAUSE, id="huge"),
        pytest.param({"expires": "Wed, 25 Nov 2026 12:45:00 GMT"}, "", timedelta(minutes=45), id="expires"),
        pytest.param({"expires": "Wed, 25 Nov 2026 11:00:00 GMT"}, "", timedelta(), id="expired"),
        pytest.param({"expires": "0"}, "", timedelta(), id="expires-zero"),
        pytest.param(
            {"cache-control": "max-age=600", "expires": "Wed, 25 Nov 2026 12:45:00 GMT"}, "", timedelta(minutes=10),
            id="max-age-goes-first",
        ),
        pytest.param({}, "<ttl>60</ttl>", timedelta(hours=1), id="ttl"),
        pytest.param({"cache-control": "max-age=600"}, "<ttl>60</ttl>", timedelta(hours=1), id="the-longer"),
    ],
)  # fmt: skip
def test_pause(headers: dict[str, str], channel: str, pause: timedelta) -> None:
    """The longer of what the server and the feed ask for, at most six hours; entries say nothing."""
    assert poll_request(a_page(RSS.format(channel), headers=headers)).pause == pause


def test_quiet_hours_and_days() -> None:
    """Hours in GMT, 24 for midnight; all of them would be none."""
    quiet = "<skipHours><hour>1</hour><hour>24</hour></skipHours><skipDays><day>Sunday</day></skipDays>"
    found = poll_request(a_page(RSS.format(quiet)))
    assert (found.quiet_hours, found.quiet_days) == ({0, 1}, {6})
    always = "<skipHours>" + "".join(f"<hour>{hour}</hour>" for hour in range(24)) + "</skipHours>"
    assert poll_request(a_page(RSS.format(always))).quiet_hours == set()


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param({}, RSS.format('<atom:link rel="hub" href="https://hub.example/"/>'), id="rss"),
        pytest.param({}, '<feed><link href="https://hub.example/" rel="hub"/><entry/></feed>', id="atom"),
        pytest.param({"link": '</>; rel="self", <https://hub.example/>; rel="hub"'}, RSS.format(""), id="header"),
        pytest.param({}, '{"version": "x", "hubs": [{"type": "WebSub", "url": "https://hub.example/"}]}', id="json"),
    ],
)
def test_hub(headers: dict[str, str], body: str) -> None:
    """A hub is found wherever a feed names it."""
    assert poll_request(a_page(body, headers=headers)).hub == "https://hub.example/"
