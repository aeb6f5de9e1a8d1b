"""ingest.text.urls: one spelling per page, and ids that keep pages apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.text.urls import TRACKING, article_id, canonical_url, entry_key, host_of, registered_domain, without_www

SAME = [
    pytest.param("https://a.example/x?utm_source=rss&id=7", "https://a.example/x?id=7", id="tracker"),
    pytest.param("HTTPS://A.example:443/x#top", "https://a.example/x", id="case-port-fragment"),
    pytest.param("http://a.example:80/", "http://a.example/", id="http-default-port"),
    pytest.param("http://a.example:8080/x", "http://a.example:8080/x", id="other-port-stays"),
    pytest.param("http://a.example:443/x", "http://a.example:443/x", id="443-is-not-http"),
    pytest.param("https://a.example", "https://a.example/", id="empty-path"),
    pytest.param("https://a.example./x", "https://a.example/x", id="root-dot"),
    pytest.param("  https://a.example/x\n", "https://a.example/x", id="white-space"),
    pytest.param("https://a.exam\nple/x", "https://a.example/x", id="line-break-inside"),
    pytest.param("https://user:pw@a.example/x", "https://a.example/x", id="credentials"),
    pytest.param("https://a.example/News/Übersicht", "https://a.example/News/%C3%9Cbersicht", id="path-unicode"),
    pytest.param("https://a.example/%7euser/%c3%9c", "https://a.example/~user/%C3%9C", id="path-escapes"),
    pytest.param("https://a.example/50%-off", "https://a.example/50%25-off", id="lone-percent"),
    pytest.param("https://a.example//b///c", "https://a.example/b/c", id="slashes"),
    pytest.param("https://a.example/x/", "https://a.example/x/", id="last-slash-stays"),
    pytest.param("https://a.example/x;jsessionid=0A1B?id=1", "https://a.example/x?id=1", id="session-in-path"),
    pytest.param("https://a.example/x?b=2&a=1", "https://a.example/x?a=1&b=2", id="order"),
    pytest.param("https://a.example/x?t=2&t=1", "https://a.example/x?t=2&t=1", id="repeated-name-keeps-order"),
    pytest.param("https://a.example/x?a=1&amp;b=2", "https://a.example/x?a=1&b=2", id="escaped-twice"),
    pytest.param("https://a.example/x?&&a=1&", "https://a.example/x?a=1", id="empty-pieces"),
    pytest.param("https://a.example/x?", "https://a.example/x", id="empty-query"),
    pytest.param("https://www.München.de/x", "https://www.xn--mnchen-3ya.de/x", id="idna"),
    pytest.param("http://[2001:DB8::1]:80/x", "http://[2001:db8::1]/x", id="ipv6"),
    pytest.param("https://nyt.example/x.html?smid=tw&emc=rss&partner=rss", "https://nyt.example/x.html", id="nyt"),
    pytest.param("https://g.example/x?CMP=share_btn_tw", "https://g.example/x", id="guardian"),
    pytest.param("https://c.example/x/?ftag=CAD590a51e", "https://c.example/x/", id="cnet"),
    pytest.param("https://dw.example/a-1?maca=en-rss-en-all-1573-rdf", "https://dw.example/a-1", id="dw"),
    pytest.param("https://b.example/x?at_medium=RSS&at_campaign=KARANGA", "https://b.example/x", id="bbc"),
    pytest.param("https://a.example/x?FBCLID=1&Gclid=2&msclkid=3", "https://a.example/x", id="click-ids-any-case"),
    pytest.param("https://a.example/x?ref=rss", "https://a.example/x", id="channel"),
]

KEPT = [
    pytest.param("https://a.example/x?id=7", id="id"),
    pytest.param("https://a.example/x?sid=7", id="sid"),
    pytest.param("https://a.example/x?cid=7", id="cid-which-courlan-drops"),
    pytest.param("https://a.example/?p=123", id="p"),
    pytest.param("https://a.example/x?article=7", id="article"),
    pytest.param("https://a.example/x?gallery=7", id="gallery-which-courlan-drops"),
    pytest.param("https://a.example/x?glossary=7", id="glossary-which-courlan-drops"),
    pytest.param("https://a.example/x?uid=7", id="uid-which-courlan-drops"),
    pytest.param("https://a.example/story.php?12345", id="bare-number-which-courlan-drops"),
    pytest.param("https://a.example/x?ref=8813", id="ref-with-an-id"),
    pytest.param("https://a.example/x?mod=news", id="mod-with-a-section"),
    pytest.param("https://a.example/x?a=", id="empty-value"),
    pytest.param("https://a.example/go?u=https://b.example/x", id="url-inside-which-courlan-takes-for-the-page"),
    pytest.param("https://web.example/2020/https:/b.example/x", id="url-inside-the-path"),
    pytest.param("https://a.example/Case/SENSITIVE", id="path-case"),
]


@pytest.mark.parametrize(("raw", "clean"), SAME)
def test_spellings_of_one_page_share_one_canonical_url(raw: str, clean: str) -> None:
    """What does not change the page does not change its URL."""
    assert clean == canonical_url(raw)


@pytest.mark.parametrize("url", KEPT)
def test_what_may_be_identity_survives(url: str) -> None:
    """Peers that drop such parameters merge different articles."""
    assert url == canonical_url(url)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "   ",
        "mailto:a@b.example",
        "javascript:void(0)",
        "/relative",
        "http://",
        "http://[::1",
        "http://a:99999999/",
        "http://" + "a" * 70 + ".example/x",
        "ftp://a.example/x",
        "http://☃.example\u2044/x",
        "http://a\ud800b.example/\ud800",
    ],
)
def test_no_page_url_raises(raw: str) -> None:
    """Feeds hold all kinds of text in <link>; none of it may stop a feed."""
    once = canonical_url(raw)
    assert once == canonical_url(once)
    assert len(entry_key(raw, "feed", "guid")) == 32


PIECES = st.sampled_from(
    [
        "http://",
        "https://",
        "HTTP://",
        "a.example",
        "ü.example",
        ":80",
        ":443",
        "/",
        "//",
        "?",
        "&",
        "&amp;",
        "=",
        "#",
        "%",
        "%2f",
        "%C3",
        "utm_source=x",
        "id=1",
        "ref=rss",
        ";jsessionid=1",
        "..",
        "/../",
        " ",
        "\n",
        "amp;",
        "+",
        "%25",
        "%41",
        "[",
        "]",
        "@",
        "é",
        "{",
        "}",
    ]
)


@given(st.one_of(st.lists(PIECES, max_size=14).map("".join), st.text(max_size=60).map("https://a.example/{}".format)))
def test_canonical_url_is_idempotent(url: str) -> None:
    """A canonical URL is its own canonical URL, or stored ids would drift."""
    once = canonical_url(url)
    assert once == canonical_url(once)


@given(st.sampled_from(sorted(TRACKING)), st.text("abcXYZ019", max_size=5))
def test_tracking_changes_no_id(name: str, value: str) -> None:
    """Each parameter of the list is invisible to article_id."""
    plain, tracked = "https://a.example/x?id=7", f"https://a.example/x?id=7&{name}={value}"
    assert article_id(canonical_url(plain)) == article_id(canonical_url(tracked))


def test_entry_key_is_the_link_else_the_guid_within_its_feed() -> None:
    """The same link is one entry in all feeds; the same guid is not."""
    assert entry_key("https://a.example/x#1", "one", "g") == entry_key("https://A.example/x", "two", None)
    assert entry_key(None, "one", "g") != entry_key(None, "two", "g")
    assert entry_key(None, "one", "g") == entry_key("", "one", "g")


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("news.bbc.co.uk", "bbc.co.uk"),
        ("www.example.com", "example.com"),
        ("edition.cnn.com", "cnn.com"),
        ("a.b.example", "b.example"),
        ("mine.github.io", "mine.github.io"),
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("[::1]", "::1"),
        ("WWW.Example.COM.", "example.com"),
        ("co.uk", "co.uk"),
        ("", ""),
    ],
)
def test_registered_domain(host: str, domain: str) -> None:
    """The public suffix list decides; addresses and single labels stay whole."""
    assert domain == registered_domain(host)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://WWW.A.example:8443/x", "www.a.example"),
        ("http://[::1]:80/", "::1"),
        ("nothing", ""),
        ("http://[", ""),
        ("https://ü.example/", "xn--tda.example"),
    ],
)
def test_host_of(url: str, host: str) -> None:
    """Lower case, IDNA, no port, no brackets."""
    assert host == host_of(url)


@pytest.mark.parametrize(
    ("host", "bare"),
    [
        ("www.a.example", "a.example"),
        ("WWW.a.example:80", "a.example"),
        ("127.0.0.2:8080", "127.0.0.2"),
        ("[::1]:80", "::1"),
        ("::1", "::1"),
    ],
)
def test_without_www(host: str, bare: str) -> None:
    """How feeds.toml names hosts."""
    assert bare == without_www(host)
