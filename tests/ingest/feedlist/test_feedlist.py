"""ingest.feedlist.feedlist: what a feeds.toml means, and how its mistakes are told."""

from __future__ import annotations

import pickle
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.errors import FeedListError
from ingest.feedlist.feedlist import load_feeds, parse_feed_list

GOOD = """
# our feeds
[[feed]]
id = "bbc-world"
url = "https://feeds.bbci.example/news/rss.xml"
publisher = "BBC"
language = "en"
tags = ["world"]
every = "1h"
headers = { "X-Key" = "abc" }

[[feed]]
id = "dw"
url = "https://www.dw.example/rss"
publisher = "Deutsche Welle"

[publishers]
"www.bbc.example" = "BBC"
lemonde.example = "Le Monde"
"127.0.0.2" = "The Loopback Times"
"""


def test_a_good_list_is_read() -> None:
    """Every key has its place; what is left out has its default."""
    feeds = parse_feed_list(GOOD)
    bbc, dw = feeds.feeds
    assert (bbc.id, bbc.publisher, bbc.language, bbc.tags) == ("bbc-world", "BBC", "en", ("world",))
    assert (bbc.every, dict(bbc.headers)) == (timedelta(hours=1), {"X-Key": "abc"})
    assert (dw.every, dw.tags, dict(dw.headers)) == (timedelta(minutes=15), (), {})


@pytest.mark.parametrize(
    ("host", "publisher"),
    [
        pytest.param("bbc.example", "BBC", id="publishers-without-www"),
        pytest.param("www.bbc.example:443", "BBC", id="port-and-www-ignored"),
        pytest.param("lemonde.example", "Le Monde", id="key-without-quotes"),
        pytest.param("127.0.0.2:8080", "The Loopback Times", id="address"),
        pytest.param("dw.example", "Deutsche Welle", id="feed-on-the-host"),
        pytest.param("www.dw.example", "Deutsche Welle", id="feed-on-the-host-with-www"),
        pytest.param("news.other.co.uk", "other.co.uk", id="registered-domain"),
        pytest.param("127.0.0.3", "127.0.0.3", id="unknown-address"),
    ],
)
def test_publisher_is_a_function_of_the_host(host: str, publisher: str) -> None:
    """[publishers], then a feed on that host, then the registered domain."""
    assert publisher == parse_feed_list(GOOD).publisher_of(host)


def test_publishers_wins_over_a_feed_on_the_host() -> None:
    """The table is the user's last word."""
    feeds = parse_feed_list(GOOD.replace('"127.0.0.2"', '"dw.example"'))
    assert feeds.publisher_of("dw.example") == "The Loopback Times"


def test_the_list_travels() -> None:
    """Pickled for another process it is the same list."""
    feeds = parse_feed_list(GOOD)
    copy = pickle.loads(pickle.dumps(feeds))
    assert copy == feeds
    assert copy.publisher_of("bbc.example") == "BBC"


FEED = '[[feed]]\nid = "a"\nurl = "https://a.example/rss"\n'


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        pytest.param(
            FEED + 'pubisher = "A"\n', 4, ["unknown key 'pubisher'", "Did you mean 'publisher'"], id="unknown-key"
        ),
        pytest.param(FEED + "zzz = 1\n", 4, ["unknown key 'zzz'", "Known:"], id="unknown-key-far-from-any"),
        pytest.param('[[feed]]\nid = "a"\n', 1, ["url is missing", "Add url ="], id="missing-url"),
        pytest.param('[[feed]]\nurl = "https://a.example/"\n', 1, ["id is missing"], id="missing-id"),
        pytest.param(FEED + FEED.replace("rss", "atom"), 5, ["id 'a'", "line 2", "Rename"], id="duplicate-id"),
        pytest.param(
            FEED + FEED.replace('"a"', '"b"'), 6, ["url 'https://a.example/rss'", "line 3"], id="duplicate-url"
        ),
        pytest.param('[[feed]]\nid = "A b"\nurl = "https://a.example/"\n', 2, ["id must consist of"], id="bad-id"),
        pytest.param(
            '[[feed]]\nid = "a"\nurl = "a.example/rss"\n', 3, ["whole http:// or https:// URL"], id="url-without-scheme"
        ),
        pytest.param('[[feed]]\nid = "a"\nurl = "ftp://a.example/"\n', 3, ["whole http"], id="ftp"),
        pytest.param('[[feed]]\nid = "a"\nurl = "https://u:p@a.example/"\n', 3, ["headers"], id="password-in-url"),
        pytest.param('[[feed]]\nid = "a"\nurl = "https://a.example:99999/"\n', 3, ["whole http"], id="bad-port"),
        pytest.param('[[feed]]\nid = "a"\nurl = 7\n', 3, ["text in quotes"], id="url-a-number"),
        pytest.param(FEED + 'every = "15"\n', 4, ['"15m"'], id="every-without-unit"),
        pytest.param(FEED + 'every = "0m"\n', 4, ['"15m"'], id="every-zero"),
        pytest.param(FEED + "every = 15\n", 4, ["in quotes"], id="every-a-number"),
        pytest.param(FEED + 'first_poll = "old"\n', 4, ['"all", "new"', '"2d"'], id="first-poll"),
        pytest.param(FEED + 'language = "English"\n', 4, ['"en"'], id="language"),
        pytest.param(FEED + 'tags = "world"\n', 4, ["list of texts"], id="tags"),
        pytest.param(FEED + "headers = { a = 1 }\n", 4, ["table of texts"], id="headers"),
        pytest.param(
            FEED + 'headers = { "X-A" = "a\\nb" }\n', 4, ["no header that can be sent"], id="header-line-break"
        ),
        pytest.param(FEED + 'headers = { Host = "b.example" }\n', 4, ["ours to set"], id="header-host"),
        pytest.param(FEED + '[feed.headers]\nHost = "b.example"\n', 4, ["ours to set"], id="header-table"),
        pytest.param('[feed]\nid = "a"\n', 1, ["two brackets"], id="one-bracket"),
        pytest.param(FEED + "[publisher]\n", 4, ["unknown table 'publisher'", "'publishers'"], id="unknown-table"),
        pytest.param(
            FEED + '[publishers]\n"https://a.example/" = "A"\n', 5, ["Write the host only"], id="publisher-url"
        ),
        pytest.param(FEED + '[publishers]\n"a.example" = 7\n', 5, ["name in quotes"], id="publisher-number"),
        pytest.param(
            FEED + 'publishers = "A"\n', 4, ["unknown key 'publishers'", "'publisher'"], id="publishers-in-a-feed"
        ),
        pytest.param(
            FEED + 'publisher = "A"\n' + '[[feed]]\nid = "b"\nurl = "https://www.a.example/b"\npublisher = "B"\n',
            8,
            ["'B' differs from line 4", "[publishers]"],
            id="two-publishers-of-one-host",
        ),
        pytest.param(
            FEED + 'tags = ["""\n[[feed]]\n"""]\nlanguage = "x"\n', 7, ["language"], id="table-inside-a-string"
        ),
        pytest.param("", 1, ["there is no feed", "[[feed]]"], id="empty"),
        pytest.param('[[feed]]\nid = "a\n', 2, ["not valid TOML"], id="syntax"),
        pytest.param('[[feed]]\nid = "a"\nid = "b"\n', 3, ["not valid TOML"], id="key-twice"),
        pytest.param('[[feed]]\nid = """a\n', 3, ["not valid TOML"], id="unfinished"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_next_step(text: str, line: int, words: list[str]) -> None:
    """The message names file, line, reason and what to do."""
    with pytest.raises(FeedListError) as caught:
        parse_feed_list(text, name="my/feeds.toml")
    message = str(caught.value)
    assert message.startswith("my/feeds.toml")
    assert f"line {line}" in message
    assert [word for word in words if word not in message] == [], message


def test_all_mistakes_are_told_at_once() -> None:
    """Nobody likes to correct one line per run."""
    with pytest.raises(FeedListError, match=r"3 problems") as caught:
        parse_feed_list('[[feed]]\nid = "A"\nurl = "x"\nevry = "1h"\n')
    assert [f"line {line}:" in str(caught.value) for line in (2, 3, 4)] == [True] * 3


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    """The path, and how a feed looks."""
    with pytest.raises(FeedListError, match=r"feeds\.toml does not exist[\s\S]*\[\[feed\]\]"):
        load_feeds(tmp_path / "feeds.toml")


@pytest.mark.parametrize(
    ("data", "good"),
    [
        pytest.param(b"\xef\xbb\xbf" + FEED.encode(), True, id="bom"),
        pytest.param(FEED.replace("\n", "\r\n").encode(), True, id="windows-lines"),
        pytest.param(b"\xff\xfe" + FEED.encode("utf-16-le"), False, id="utf-16"),
        pytest.param("# Übersicht\n".encode("latin-1") + FEED.encode(), False, id="latin-1"),
    ],
)
def test_bytes_of_the_file(tmp_path: Path, data: bytes, good: bool) -> None:
    """UTF-8 with or without a mark; anything else is told."""
    path = tmp_path / "feeds.toml"
    path.write_bytes(data)
    if good:
        assert load_feeds(path).feeds[0].id == "a"
    else:
        with pytest.raises(FeedListError, match="UTF-8"):
            load_feeds(path)


def test_an_unknown_feed_id_has_a_suggestion() -> None:
    """`wirecopy run --feed bbc-wrld` is told what was meant."""
    with pytest.raises(FeedListError, match="Did you mean 'bbc-world'"):
        parse_feed_list(GOOD).feed("bbc-wrld")


def test_agencies_have_other_names() -> None:
    """However a page spells them; what is in no list is left as it is credited, and a wrong table names its line."""
    listed = parse_feed_list(GOOD + '\n[agencies]\n"Meridian Wire" = ["MW", "Meridian"]\n')
    assert [listed.agency_of(name) for name in ("mw", "Meridian", "dpa", None)] == [
        "Meridian Wire",
        "Meridian Wire",
        "dpa",
        None,
    ]
    with pytest.raises(FeedListError, match=r"line \d+: \[agencies\] 'Meridian Wire' must be a list of names"):
        parse_feed_list(GOOD + '\n[agencies]\n"Meridian Wire" = "MW"\n')
