"""Which part of its site a feed is of: what it shows and how it is called have to agree."""

from __future__ import annotations

import pytest

from ingest.text.sections import lies_in, section_given, section_of

SITE = "https://www.gazette.example"


def below(*folders: str, count: int = 6) -> list[str]:
    return [f"{SITE}/{folders[at % len(folders)]}story-{at}-of-the-day" for at in range(count)]


@pytest.mark.parametrize(
    ("feed", "home", "links", "section"),
    [
        pytest.param(f"{SITE}/sport/feed.xml", None, below("sport/"), ("/sport/",), id="path"),
        pytest.param(f"{SITE}/rss/sport.xml", None, below("sport/2026/11/"), ("/sport/",), id="word of the name"),
        pytest.param(f"{SITE}/rss?s=Sport", None, below("en/Sport/"), ("/en/sport/",), id="parameter, language"),
        pytest.param("https://feeds.example/77", f"{SITE}/sport/", below("sport/"), ("/sport/",), id="home page"),
        pytest.param(f"{SITE}/sport/feed.xml", None, below("sport/football/"), ("/sport/",), id="a week of football"),
        pytest.param(f"{SITE}/feed.xml", None, below("sport/"), (), id="all of it by chance"),
        pytest.param(f"{SITE}/sport/feed.xml", None, below("sport/", "culture/"), (), id="articles of others too"),
        pytest.param(f"{SITE}/sport/feed.xml", None, below("sport/", count=4), (), id="too few to tell"),
        pytest.param(f"{SITE}/sport/feed.xml", None, below("2026/11/20/"), (), id="addresses without sections"),
        pytest.param("https://sport.gazette.example/rss", None,
                     [one.replace("www", "sport") for one in below("a/", "b/")],
                     ("sport.gazette.example/",), id="host"),
        pytest.param(f"{SITE}/rss", None, below("a/", "b/"), (), id="main host"),
    ],
)  # fmt: skip
def test_what_a_feed_is_of(feed: str, home: str | None, links: list[str], section: tuple[str, ...]) -> None:
    assert section_of(feed, home, links) == section


@pytest.mark.parametrize(
    ("url", "given", "inside"),
    [
        ("https://gazette.example/Sport/x", ["/sport"], True),
        ("/sport/x", ["/sport/"], True),
        ("https://gazette.example/sports/x", ["/sport"], False),
        ("https://gazette.example/sport", ["/sport/"], True),
        ("https://gazette.example/football/x", ["/sport/", "/football/"], True),
        ("https://www.sport.gazette.example/x", ["sport.gazette.example/"], True),
        ("https://gazette.example/x", ["sport.gazette.example/"], False),
        ("https://gazette.example/x", ["/"], True),
    ],
)
def test_what_lies_in_it(url: str, given: list[str], inside: bool) -> None:
    """Whole folders count; case, www and a slash at the end do not."""
    assert lies_in(url, section_given(given)) is inside
