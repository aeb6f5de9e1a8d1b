"""Feed documents as the web serves them: one bad character, entry or header never costs the feed."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.errors import ParseError
from ingest.feed.parse import MAX_ENTRIES, parse_feed
from ingest.records import Entries, Entry, Feed
from ingest.text.urls import entry_key
from tests.ingest.samples import NOW, a_page

DATA = Path(__file__).parents[1] / "data" / "feeds"
FEED = Feed(id="harlan", url="https://news.example.com/rss.xml")


def parsed(body: str | bytes, *, headers: dict[str, str] | None = None, url: str = FEED.url) -> Entries:
    given = {"content-type": "application/rss+xml"} if headers is None else headers
    return parse_feed(a_page(body, url=url, headers=given), FEED, now=NOW)


def rss(*items: str, declaration: str = '<?xml version="1.0" encoding="utf-8"?>') -> str:
    entries = "".join(f"<item>{item}</item>" for item in items)
    channel = f"<channel><title>Harlan</title><language>en-GB</language>{entries}</channel>"
    return f'{declaration}<rss version="2.0">{channel}</rss>'


@pytest.mark.parametrize("path", sorted(DATA.glob("*.xml")), ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    """Each saved feed yields the entries written beside it."""
    golden = json.loads(path.with_suffix(".json").read_text())
    assert parsed(path.read_bytes()) == [Entry.from_json(json.dumps(one)) for one in golden]
    assert all(set(one) == set(Entry.__slots__) for one in golden)


@pytest.mark.parametrize(
    ("item", "link"),
    [
        pytest.param("<link>https://news.example.com/a</link>", "https://news.example.com/a", id="plain"),
        pytest.param("<link> \n https://news.example.com/a \n</link>", "https://news.example.com/a", id="whitespace"),
        pytest.param("<link>/2026/a</link>", "https://news.example.com/2026/a", id="relative"),
        pytest.param("<link>news.example.com/a</link>", "https://news.example.com/a", id="scheme-forgotten"),
        pytest.param("<guid>https://news.example.com/g</guid>", "https://news.example.com/g", id="permalink-guid"),
        pytest.param('<guid isPermaLink="false">https://news.example.com/g</guid>', None, id="guid-no-permalink"),
        pytest.param("<guid>tag-0815</guid>", None, id="guid-no-url"),
        pytest.param("<link>javascript:void(0)</link>", None, id="script"),
        pytest.param("<link>mailto:a@example.com</link>", None, id="mail"),
        pytest.param("<link>http://[broken/a</link>", None, id="bracket"),
        pytest.param("<link>https://news.example.com/a b</link>", "https://news.example.com/a%20b", id="space"),
        pytest.param("<title>no link at all</title>", None, id="none"),
        pytest.param(
            '<link>https://feeds.example.net/~r/1</link><f:origLink xmlns:f="http://rssnamespace.org/feedburner/ext/1.0">'
            "https://news.example.com/a</f:origLink>",
            "https://news.example.com/a",
            id="feedburner",
        ),
    ],
)
def test_link(item: str, link: str | None) -> None:
    """An entry's page is an absolute http(s) URL, or there is none."""
    (entry,) = parsed(rss(item))
    assert entry.link == link


@pytest.mark.parametrize(
    "notice",
    [
        "<br />\n<b>Warning</b>:  no & such key in <b>/srv/a.php</b> on line <b>3</b><br />\n",
        "\nNotice: Undefined index: x in /srv/a.php on line 3\nPHP Deprecated:  y in /srv/b.php on line 9\n",
    ],
)
def test_warnings_of_php_before_the_feed(notice: str) -> None:
    """Sites that show them do so before every feed, whatever its kind."""
    item = {"id": "1", "url": "https://news.example.com/a", "title": "A"}
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Harlan", "items": [item]})
    for feed in (rss("<title>A</title><link>https://news.example.com/a</link>"), body):
        (entry,) = parsed(notice + feed)
        assert (entry.title, entry.link) == ("A", "https://news.example.com/a")


GOOGLE = "https://news.google.com/rss/articles/CBMiABC?oc=5"


@pytest.mark.parametrize(
    ("item", "found"),
    [
        pytest.param(
            f'<link>{GOOGLE}</link><source url="https://www.gazette.example">The &lt;b&gt;Gazette&lt;/b&gt;</source>',
            (GOOGLE, "The Gazette", "https://www.gazette.example"), id="google-news",
        ),
        pytest.param("<link>https://g.example/a</link><source>Wire</source>", ("https://g.example/a", "Wire", None),
                     id="without-address"),
        pytest.param(
            "<link>https://www.reddit.com/r/news/comments/1/x/</link><description>&lt;a href=&quot;"
            "https://g.example/a?id=1&amp;amp;b=2&quot;&gt;[link]&lt;/a&gt;</description>",
            ("https://g.example/a?id=1&b=2", None, None), id="reddit",
        ),
    ],
)  # fmt: skip
def test_what_an_aggregator_says_of_the_article(item: str, found: tuple[str | None, ...]) -> None:
    """The publisher that <source> names is kept, and the article's address is taken where the entry tells it."""
    (entry,) = parsed(rss(item))
    assert (entry.link, entry.source_name, entry.source_url) == found


def test_the_source_of_atom_is_another_feed() -> None:
    """It names no publisher's site."""
    source = '<source><title>S</title><link href="https://x.example/"/></source>'
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>tag:1</id>{source}</entry></feed>'
    assert parsed(feed)[0].source_url is None


def test_atom_takes_the_alternate_link() -> None:
    """Edit, self and enclosure links are no pages."""
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://news.example.com/x/"><entry><id>tag:1</id>'
        '<link rel="edit" href="https://api.example.com/1"/><link rel="enclosure" href="https://cdn.example.com/1.mp3"/>'
        '<link rel="alternate" type="application/json" href="1.json"/><link type="text/html" href="1"/></entry></feed>'
    )
    (entry,) = parsed(body)
    assert entry.link == "https://news.example.com/x/1"


@pytest.mark.parametrize(
    ("title", "text"),
    [
        pytest.param("A &amp;amp; B", "A & B", id="entity"),
        pytest.param("Peter &amp;#8217;s", "Peter ’s", id="numeric"),
        pytest.param("&lt;b&gt;Bold&lt;/b&gt; words", "Bold words", id="tags"),
        pytest.param("<![CDATA[Storm <em>hits</em>\n  town]]>", "Storm hits town", id="cdata"),
        pytest.param("1 &lt; 2 and 3 &gt; 2", "1 < 2 and 3 > 2", id="less-than"),
        pytest.param("Q&A: is it&nbsp;so, R&D?", "Q&A: is it so, R&D?", id="bare-ampersand"),
        pytest.param("  ", None, id="blank"),
        pytest.param("x" * 2_000, "x" * 499 + "…", id="long"),
    ],
)
def test_title(title: str, text: str | None) -> None:
    """A title is plain text on one line."""
    (entry,) = parsed(rss(f"<title>{title}</title><link>https://news.example.com/a</link>"))
    assert entry.title == text


@pytest.mark.parametrize(
    ("item", "published"),
    [
        pytest.param("<pubDate>Mon, 23 Nov 2026 10:00:00 CEST</pubDate>", "2026-11-23T08:00:00+00:00", id="zone-name"),
        pytest.param("<pubDate>1795428000</pubDate>", "2026-11-23T10:00:00+00:00", id="epoch"),
        pytest.param("<pubDate>Mon, 23 Nov 2099 10:00:00 GMT</pubDate>", None, id="future"),
        pytest.param("<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>", None, id="epoch-zero"),
        pytest.param("<pubDate>soon</pubDate>", None, id="prose"),
    ],
)
def test_published(item: str, published: str | None) -> None:
    """What cannot be believed is None; the raw string stays."""
    (entry,) = parsed(rss(f"<title>a</title>{item}"))
    assert (entry.published_at and entry.published_at.isoformat()) == published
    assert entry.published_raw == item[len("<pubDate>") : -len("</pubDate>")]


def test_first_believable_date_wins() -> None:
    """A future pubDate gives way to a dc:date that can be true."""
    (entry,) = parsed(
        rss(
            '<pubDate>Mon, 23 Nov 2099 10:00:00 GMT</pubDate><d:date xmlns:d="http://purl.org/dc/elements/1.1/">'
            "2026-11-23T10:00:00Z</d:date>"
        )
    )
    assert entry.published_at == datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_keys() -> None:
    """An entry is known by its canonical link, else by feed and guid, else by its title; never by nothing."""
    linked, guided, titled, empty = parsed(
        rss(
            "<link>https://NEWS.example.com/a?utm_source=rss</link><guid>g</guid>",
            '<guid isPermaLink="false">g</guid>',
            "<title>only this</title>",
            "",
        )
    )
    assert linked.entry_key == entry_key("https://news.example.com/a", "other", None)
    assert guided.entry_key == entry_key(None, "harlan", "g")
    assert len({linked.entry_key, guided.entry_key, titled.entry_key, empty.entry_key}) == 4
    assert titled.entry_key == parsed(rss("<title>only this</title>"))[0].entry_key


ACCENTED = "Zürich – Łódź – 東京"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param(ACCENTED.encode(), {"content-type": "text/xml"}, id="rfc3023-says-ascii"),
        pytest.param(ACCENTED.encode(), {"content-type": "text/xml; charset=iso-8859-1"}, id="header-lies"),
        pytest.param(ACCENTED.encode(), {}, id="no-header"),
        pytest.param(ACCENTED.encode(), {"content-type": "text/html"}, id="html-type"),
        pytest.param(b"\xff" + ACCENTED.encode(), {}, id="one-bad-byte"),
        pytest.param(b"\x0b" + ACCENTED.encode(), {}, id="one-control-character"),
    ],
)
def test_utf8_survives(body: bytes, headers: dict[str, str]) -> None:
    """Good UTF-8 is read as UTF-8, whatever the header says and even around a broken byte."""
    head, tail = rss("<title>@</title>").encode().split(b"@")
    (entry,) = parsed(head + body + tail, headers=headers)
    assert entry.title is not None
    assert entry.title.removeprefix("\ufffd") == ACCENTED


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        pytest.param("iso-8859-1", "Zürich", id="latin-1"),
        pytest.param("windows-1251", "Погода в Москве", id="cp1251"),
        pytest.param("shift_jis", "東京の天気", id="shift-jis"),
        pytest.param("gb2312", "北京天气", id="gb2312"),
        pytest.param("euc-kr", "서울 날씨", id="euc-kr"),
        pytest.param("utf-16", "Łódź 東京", id="utf-16"),
    ],
)
def test_declared_encoding(encoding: str, title: str) -> None:
    """The XML declaration is believed where the bytes agree."""
    body = rss(f"<title>{title}</title>", declaration=f'<?xml version="1.0" encoding="{encoding}"?>')
    assert [entry.title for entry in parsed(body.encode(encoding))] == [title]


def test_ascii_that_says_utf16() -> None:
    """A converted file that kept its old declaration is still read."""
    assert len(parsed(rss("<title>a</title>", declaration='<?xml version="1.0" encoding="utf-16"?>'))) == 1


@pytest.mark.parametrize(
    "written, title",
    [
        pytest.param("smile &#xD83D;&#xDE00;!", "smile 😀!", id="utf16-halves"),
        pytest.param("half &#55357; pair", "half � pair", id="lone-surrogate"),
        pytest.param("far &#x110000; out", "far � out", id="beyond-unicode"),
        pytest.param("caf&#xE9; &#38; bar", "café & bar", id="good-ones-stay"),
    ],
)
def test_character_references(written: str, title: str) -> None:
    """References that are no characters cost neither the entry nor the feed."""
    entries = parsed(rss("<title>before</title>", f"<title>{written}</title>", "<title>after</title>"))
    assert [entry.title for entry in entries] == ["before", title, "after"]


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param("<title>Q&A &nbsp; more</title>", id="bare-ampersand"),
        pytest.param("<title>open", id="unclosed"),
        pytest.param("<x:y>undeclared</x:y>", id="namespace"),
        pytest.param("<title>a</wrong>", id="wrong-end"),
    ],
)
def test_broken_entry_keeps_its_neighbours(broken: str) -> None:
    """Entries before and after a broken one are kept."""
    good = "<title>good {0}</title><link>https://news.example.com/{0}</link>"
    links = [entry.link for entry in parsed(rss(good.format(1), broken, good.format(2)))]
    assert {"https://news.example.com/1", "https://news.example.com/2"} <= set(links)


def test_gzip_file() -> None:
    """A .gz file served as it lies on the disk is a feed; a broken one is not."""
    assert len(parsed(gzip.compress(rss("<title>a</title>").encode()))) == 1
    with pytest.raises(ParseError, match="broken gzip"):
        parsed(gzip.compress(rss("<title>a</title>").encode())[:-12])


def test_leading_noise() -> None:
    """Blank lines and a byte-order mark before the declaration are harmless."""
    assert len(parsed("\ufeff\n\n  " + rss("<title>a</title>"))) == 1


def test_empty_feed_is_a_feed() -> None:
    """A channel without entries is no error."""
    assert parsed(rss()) == []


def test_number_of_entries_is_bounded() -> None:
    """Of a feed of 20,100 entries the first 20,000 are read, and the rest is counted."""
    entries = parsed(rss(*(f"<guid>{number}</guid>" for number in range(MAX_ENTRIES + 100))))
    assert (len(entries), entries.beyond) == (MAX_ENTRIES, 100)
    assert entries[0].guid == "0"


@pytest.mark.parametrize(
    ("body", "looks_like"),
    [
        pytest.param("", "empty", id="empty"),
        pytest.param("   \n", "empty", id="blank"),
        pytest.param(
            "<!DOCTYPE html><html><head><title>Log in</title></head></html>", "HTML page titled 'Log in'", id="html"
        ),
        pytest.param('{"version": "1.0", "items": []}', "JSON, but no JSON Feed", id="other-json"),
        pytest.param('{"version": ', "broken JSON", id="broken-json"),
        pytest.param(
            '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>',
            "sitemap",
            id="sitemap",
        ),
        pytest.param("Not found", "begins with 'Not found'", id="text"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00", "begins with", id="image"),
    ],
)
def test_no_feed(body: str | bytes, looks_like: str) -> None:
    """A document that is no feed says what it looks like."""
    with pytest.raises(ParseError, match=looks_like) as caught:
        parsed(body)
    assert FEED.url in str(caught.value)


def test_document_is_never_opened_as_a_path_or_url(tmp_path: Path) -> None:
    """feedparser opens strings as files and URLs; a body that is one is a document like any other."""
    secret = tmp_path / "secret.xml"
    secret.write_text(rss("<title>secret</title>"))
    with pytest.raises(ParseError):
        parsed(str(secret))


JSON_FEED = """{"version": "https://jsonfeed.org/version/1.1", "language": "es-AR", "items": [
 {"id": 7, "url": "/a", "title": "Uno", "date_published": "2026-11-20T10:00:00-03:00", "authors": [{"name": "A. B."}]},
 "no object", {"id": "https://news.example.com/b", "content_html": "<p>Dos</p>"}]}"""


def test_a_template_of_json_left_a_comma() -> None:
    """A comma behind the last item, and line feeds in strings; a comma in a string stays."""
    items = '[{"id": "1", "url": "/a", "title": "So,\n] it",},]'
    found = parsed(f'{{"version": "https://jsonfeed.org/version/1", "items": {items},}}')
    assert [(entry.link, entry.title) for entry in found] == [("https://news.example.com/a", "So, ] it")]


def test_json_feed() -> None:
    """Ids that are numbers or addresses, relative links, items that are none."""
    one, two = parsed(JSON_FEED)
    assert (one.guid, one.link, one.title, one.language) == ("7", "https://news.example.com/a", "Uno", "es")
    assert (one.authors, one.published_at) == (("A. B.",), datetime(2026, 11, 20, 13, tzinfo=UTC))
    assert (two.link, two.summary) == ("https://news.example.com/b", "Dos")


@pytest.mark.parametrize(
    ("document", "link"),
    [
        pytest.param(
            '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://a.example/blog/"><title>x</title>'
            '<entry xml:base="2026/"><title>x</title><id>1</id><link href="eleven/x.html"/></entry></feed>',
            "https://a.example/blog/2026/eleven/x.html", id="nested",
        ),
        pytest.param(
            '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/blog/"><title>x</title>'
            '<entry><title>x</title><id>1</id><link href="x.html"/></entry></feed>',
            "https://news.example.com/blog/x.html", id="relative",
        ),
        pytest.param(
            '<rss version="2.0" xml:base="https://b.example/news/"><channel><title>x</title>'
            "<item><title>x</title><link>x.html</link></item></channel></rss>",
            "https://b.example/news/x.html", id="rss",
        ),
    ],
)  # fmt: skip
def test_links_under_a_base(document: str, link: str) -> None:
    """xml:base says what relative links are resolved against, from the inside out."""
    page = a_page(document, url="https://news.example.com/feeds/all.xml", headers={"content-type": "text/xml"})
    (entry,) = parse_feed(page, Feed(id="x", url=page.url), now=NOW)
    assert entry.link == link


def test_a_pictures_caption_is_no_summary() -> None:
    """feedparser takes media:description for the entry's summary."""
    document = (
        '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>x</title><item><title>x</title>'
        '<link>https://a.example/1</link><media:content url="https://a.example/1.jpg"><media:description>A man stands '
        "before a house</media:description></media:content></item></channel></rss>"
    )
    page = a_page(document, headers={"content-type": "text/xml"})
    (entry,) = parse_feed(page, Feed(id="x", url=page.url), now=NOW)
    assert entry.summary is None
