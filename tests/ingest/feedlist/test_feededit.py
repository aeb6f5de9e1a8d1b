"""feededit: tables in and out of feeds.toml, and everything else stays."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import FeedListError
from ingest.feedlist.feededit import id_for, with_feeds, without_feed
from ingest.feedlist.feedlist import parse_feed_list

LIST = """\
# Our feeds. Ask before you add one.

# the big one
[[feed]]
id = "gazette"   # keep
url = "https://gazette.example/feed.xml"
tags = [
  "local",
]

  [feed.headers]
  X-Key = "k"

# only headlines
[[feed]]
id = "courier"
url = "https://courier.example/feed.xml"

[publishers]
"courier.example" = "The Courier"   # since 1890
"""
WIRE = {"id": "wire", "url": "https://wire.example/rss", "publisher": 'The "Wire" é\x7f', "tags": ["a", "b"]}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(LIST, id="whole"),
        pytest.param(LIST.rstrip("\n"), id="no-line-end"),
        pytest.param(LIST.replace("\n", "\r\n"), id="windows"),
        pytest.param("\ufeff" + LIST, id="byte-order-mark"),
        pytest.param("", id="none-yet"),
        pytest.param("# nothing but a comment\n", id="comment-only"),
    ],
)
def test_a_feed_comes_at_the_end(text):
    """All that was there stays, byte for byte, and the new feed has the keys that were given."""
    result = with_feeds(text, [WIRE, {"id": "b", "url": "https://b.example/", "publisher": None, "tags": []}])
    assert result.startswith(text)
    assert ("\r\n" in result) == ("\r\n" in text)
    assert "\n" not in result.replace("\r\n", "") or "\r\n" not in text
    added = tomllib.loads(result.removeprefix("\ufeff"))["feed"][-2:]
    assert added == [WIRE, {"id": "b", "url": "https://b.example/"}]


@pytest.mark.parametrize(
    ("text", "feed", "says"),
    [
        pytest.param(LIST, WIRE | {"id": "gazette"}, "gazette", id="id-is-taken"),
        pytest.param(LIST, WIRE | {"url": "https://gazette.example/feed.xml"}, "line 6", id="address-is-there"),
        pytest.param(LIST, WIRE | {"url": "ftp://wire.example"}, "http", id="no-web-address"),
        pytest.param(LIST, WIRE | {"every": "soon"}, "every", id="no-duration"),
        pytest.param('feed = [{id = "a", url = "https://a.example/"}]\n', WIRE, "not valid TOML", id="inline-array"),
        pytest.param("[[feed]\n", WIRE, "line 1", id="broken-list"),
    ],
)
def test_what_would_be_no_feed_list_is_refused(text, feed, says):
    """Nothing is to be written then."""
    with pytest.raises(FeedListError, match=says):
        with_feeds(text, [feed])


def test_a_feed_goes_with_its_comment_and_its_tables():
    """The comment right above it, and its sub-tables; not that of the next feed, nor what opens the file."""
    assert without_feed(LIST, "gazette") == LIST[: LIST.index("# the big")] + LIST[LIST.index("# only head") :]
    assert without_feed(LIST, "courier") == LIST[: LIST.index("# only head")] + LIST[LIST.index("[publishers]") :]


def test_the_comment_that_opens_the_file_stays():
    """It is the file's, though the first feed stands right below it."""
    text = '# ours\n[[feed]]\nid = "a"\nurl = "https://a.example/"\n[[feed]]\nid = "b"\nurl = "https://b.example/"\n'
    assert without_feed(text, "a") == '# ours\n[[feed]]\nid = "b"\nurl = "https://b.example/"\n'


def test_comments_between_tables_of_other_kinds():
    """A comment goes with the table below it, whatever stands above; tables between feeds stay where they are."""
    table = '[publishers]\n"a.example" = "A"\n\n'
    a, b, c = (f'# of {name}\n[[feed]]\nid = "{name}"\nurl = "https://{name}.example/"\n\n' for name in "abc")
    assert without_feed("# all\n\n" + a + table + b + c, "a") == "# all\n\n" + table + b + c
    assert without_feed(a + table + b + c, "b") == a + table + c
    assert without_feed(a + b + table + c, "b") == a + table + c


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_line_ends_and_byte_order_mark_stay(newline):
    """Whatever the editor was."""
    text = "\ufeff" + LIST.replace("\n", newline)
    assert without_feed(text, "gazette") == "\ufeff" + without_feed(LIST, "gazette").replace("\n", newline)


@pytest.mark.parametrize(
    ("text", "feed_id", "says"),
    [
        pytest.param(LIST, "gazete", "Did you mean 'gazette'", id="near-miss"),
        pytest.param('[[feed]]\nid = "a"\nurl = "https://a.example/"\n', "a", "only feed", id="last-one"),
        pytest.param(
            'feed = [{id = "a", url = "https://a.example/"}, {id = "b", url = "https://b.example/"}]\n',
            "a", "by hand", id="inline-array",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_cut_out_is_refused(text, feed_id, says):
    """The message says what to do."""
    with pytest.raises(FeedListError, match=says):
        without_feed(text, feed_id)


NAMES = st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True), min_size=2, max_size=6, unique=True)
SAID = st.sampled_from(["", "# a comment\n", "\n", "\n\n# two\n# lines\n", "# x\n\n"])


@given(NAMES, st.data())
def test_in_and_out_again(names, data):
    """Whatever comments stand between: one feed out, and all others and all other comments are there."""
    blocks = [data.draw(SAID) + f'[[feed]]\nid = "{one}"\nurl = "https://{one}.example/"\n' for one in names]
    text = "# head\n\n" + "".join(blocks) + data.draw(SAID)
    victim = data.draw(st.sampled_from(names))
    rest = without_feed(text, victim)
    assert [feed.id for feed in parse_feed_list(rest).feeds] == [one for one in names if one != victim]
    assert rest.startswith("# head\n")
    again = with_feeds(rest, [{"id": victim, "url": f"https://{victim}.example/"}])
    assert {feed.id for feed in parse_feed_list(again).feeds} == set(names)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://feeds.bbci.co.uk/news/world/rss.xml", "bbci-news-world"),
        ("https://www.example.com/feed/", "example"),
        ("https://example.com/index.xml?edition=de", "example-2"),
        ("http://127.0.0.1:8640/feed.xml", "127-0-0-1"),
        ("Harbor Gazette", "harbor-gazette"),
        ("https://a.example/" + "very-long-" * 20, "a-very-long"),
    ],
)
def test_ids(address, expected):
    """Whose feed it is, and which; a number if that is taken."""
    taken = {"example"} if "edition" in address else set()
    found = id_for(address, taken)
    assert found == expected
    parse_feed_list(f'[[feed]]\nid = "{found}"\nurl = "https://x.example/"\n')
