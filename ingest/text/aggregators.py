"""Addresses that name an aggregator, a discussion or a post in place of an article, and the ways from there to one.

Three kinds, by what can be done about them. *Wrapped*: the article's address stands in the query (Google Alerts, Bing
News): it is read there, and nobody else is asked. *Dead ends*: no article is ever there, and no redirect leads on
(Google News since 2024, comment pages, posts). *Portals*: they may carry the whole text of a publisher (MSN, Yahoo) or
lead on to it (link shorteners, FeedBurner), so they are fetched as any page; only without a text are they aggregators.
"""

from __future__ import annotations

import html
import re
from typing import Final
from urllib.parse import parse_qs, urlsplit

from ingest.records import Entry
from ingest.text.urls import registered_domain  # tld and courlan: not for every process

WRAPPED: Final = (
    (re.compile(r"(?:www\.)?google\.[a-z.]{2,6}"), "/url", ("url", "q")),
    (re.compile(r"(?:www\.)?bing\.com"), "/news/apiclick.aspx", ("url",)),
    (re.compile(r"lm?\.(?:facebook|instagram)\.com"), "/l.php", ("u",)),
    (re.compile(r"(?:www\.)?youtube\.com"), "/redirect", ("q",)),
)
"""Host, path, and the names of the parameter that holds the article's address."""

DEAD_ENDS: Final[dict[str, tuple[str, str]]] = {
    "news.google.com": (r"/(?:rss/)?(?:articles|read|stories)/", "Google News"),
    "reddit.com": (r"/(?:r/[^/]+/(?:comments|s)|gallery|user|comments)/", "Reddit"),
    "redd.it": ("/", "Reddit"),
    "news.ycombinator.com": ("/(?:item|from|user)", "Hacker News"),
    "lobste.rs": ("/(?:s|u|~)", "Lobsters"),
    "x.com": (r"/[^/]+/(?:status|article)/", "X"),
    "twitter.com": (r"/[^/]+/status/", "X"),
    "facebook.com": ("/.", "Facebook"),
    "fb.watch": ("/", "Facebook"),
    "instagram.com": ("/.", "Instagram"),
    "threads.net": ("/@", "Threads"),
    "threads.com": ("/@", "Threads"),
    "tiktok.com": ("/.", "TikTok"),
    "linkedin.com": ("/(?:posts|feed|in|company)/", "LinkedIn"),
    "bsky.app": ("/profile/", "Bluesky"),
    "t.me": ("/.", "Telegram"),
    "vk.com": ("/wall", "VK"),
}
"""By host or registered domain: paths that show no article, as the beginning of a pattern, and whose they are."""

MASTODON: Final = re.compile(r"/@[\w.@-]+/\d{15,}$")  # on any host: a post has a number of 18 digits

PORTALS: Final = frozenset(
    """
    msn.com yahoo.com apple.news newsbreak.com smartnews.com flipboard.com flip.it ground.news upday.com
    news.google.com feedproxy.google.com feeds.feedburner.com feedburner.com rss.app
    t.co bit.ly j.mp buff.ly ow.ly dlvr.it trib.al tinyurl.com is.gd v.gd goo.gl ift.tt lnkd.in rb.gy cutt.ly
    shorturl.at tiny.cc fb.me wp.me reut.rs nyti.ms
    """.split()  # noqa: SIM905 - a column of lines would hide them
)
_POSTED: Final = re.compile(r"""<a\b[^>]*\bhref=["']([^"']+)["'][^>]*>\s*\[link\]\s*</a>""", re.IGNORECASE)


def article_link(link: str, summary: str | None) -> str:
    """The address of the article behind an entry's *link*, as far as the entry itself tells it; else *link*.

    Reddit's entries link to their comments, and to the article as `[link]` in their *summary* (as written, HTML).
    """
    link = _unwrapped(link)
    if not dead_end(link):
        return link
    posted = _POSTED.search(summary or "")
    target = _unwrapped(html.unescape(posted[1])) if posted else ""
    return target if target.startswith(("http://", "https://")) and not dead_end(target) else link


def dead_end(url: str) -> str | None:
    """Whose page *url* is, if no article is ever there; else None."""
    host, path = _parts(url)
    pattern, name = DEAD_ENDS.get(host.removeprefix("www.")) or DEAD_ENDS.get(registered_domain(host)) or ("", "")
    if name and re.match(pattern, path):
        return name
    return "a Mastodon server" if MASTODON.match(path) else None


def is_portal(url: str) -> bool:
    """Whether *url* is of a host that shows or leads to the articles of others."""
    host, _ = _parts(url)
    return host in PORTALS or registered_domain(host) in PORTALS


def named_source(entry: Entry) -> str:
    """Half a sentence on where the article of an entry without a way to it comes from, and what to do."""
    names = [name for name in (entry.source_name, entry.source_url) if name]
    if not names:
        return "Take the publisher's own feed: `wirecopy feeds discover` finds it"
    site = f" ({names[1]})" if len(names) > 1 else ""
    return f"It is of {names[0]}{site}. Take the publisher's own feed: `wirecopy feeds discover {names[-1]}`"


def _unwrapped(link: str) -> str:
    host, path = _parts(link)
    for pattern, where, names in WRAPPED:
        if path == where and pattern.fullmatch(host):
            query = parse_qs(urlsplit(link).query)
            inner = next((query[name][0] for name in names if name in query), "")
            return inner if re.match(r"https?://[^/]", inner, re.IGNORECASE) else link
    return link


def _parts(url: str) -> tuple[str, str]:
    """(host in lower case, path); empty for what is no URL."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").lower(), parts.path
    except ValueError:
        return "", ""
