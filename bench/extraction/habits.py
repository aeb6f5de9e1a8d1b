"""Labelled pages of our own for each habit by which pages mislead: claims about other articles, texts that are hard to
find, fields that are written oddly. Each tells the same kind of story; its truth says what must come out.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any, Final

from bench.extraction.errors import errors_of
from bench.extraction.scores import Reading, text_f1
from bench.extraction.sets import Labelled
from bench.markdown import table
from bench.quality.prose import Report, reports

READ_AT: Final = datetime(2026, 11, 25, tzinfo=UTC)
PUBLISHED: Final = datetime(2026, 11, 16, 13, 30, tzinfo=UTC)
SITE: Final = "Tarn Valley Courier"
LEAST_F1: Final = 0.95  # of a text that is right: the longest of these headlines and bylines costs less
AUTHOR: Final = "Ines Marlow"
REPLY: Final = "I have lived by that water for {} years and nobody has ever asked me what I think of it, my friends."
Truth = Mapping[str, Any]  # what differs from the usual truth of a page
Habit = Callable[["Stories"], tuple[str, Truth]]


class Stories:
    """The page's own story and two others, with the parts that pages are made of."""

    def __init__(self, own: Report, others: tuple[Report, Report], number: int) -> None:
        self.own, self.others = own, others
        self.url = f"https://www.tarn-news.example/region/{own.id}-{number}"
        self.title = own.headline
        self.text = "".join(f"<p>{escape(one, quote=False)}</p>" for one in own.paragraphs)

    def foreign(self, which: int = 0) -> str:
        """The paragraphs of another story."""
        return "".join(f"<p>{escape(one, quote=False)}</p>" for one in self.others[which].paragraphs)

    def json_ld(self, **fields: object) -> str:
        """JSON-LD of the page's own article, changed by *fields*; None leaves one out."""
        usual = {
            "@type": "NewsArticle", "headline": self.title, "datePublished": PUBLISHED.isoformat(),
            "author": {"@type": "Person", "name": AUTHOR},
        }  # fmt: skip
        said = {name: value for name, value in (usual | fields).items() if value is not None}
        return f'<script type="application/ld+json">{json.dumps(said)}</script>'

    def meta(self) -> str:
        """Open Graph and meta elements of the page's own article."""
        return (
            f'<meta property="og:type" content="article"><meta property="og:title" content="{escape(self.title)}">'
            f'<meta property="article:published_time" content="{PUBLISHED.isoformat()}"><meta name="author" '
            f'content="{AUTHOR}">'
        )

    def page(self, body: str, head: str | None = None, window: str | None = None) -> str:
        """A whole page."""
        said = self.meta() if head is None else head
        title = f"<title>{escape(window or self.title)}</title>"
        return (
            f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">{title}{said}</head><body>{body}</body></html>'
        )

    def article(self, inside: str = "", heading: str | None = None) -> str:
        """The article in its usual elements, with *inside* below the headline."""
        return f"<main><article><h1>{escape(heading or self.title)}</h1>{inside}{self.text}</article></main>"


def data_of_another_page(s: Stories) -> tuple[str, Truth]:
    """JSON-LD of the article of a sidebar stands beside what the page says in meta elements."""
    other = s.json_ld(
        headline=s.others[0].headline, url="https://www.tarn-news.example/region/other", author={"name": "Bo Chi"},
        datePublished="2024-02-01T08:00:00Z",
    )  # fmt: skip
    return s.page(s.article(), s.meta() + other), {}


def a_tagline(s: Stories) -> tuple[str, Truth]:
    """JSON-LD's headline is the site's motto."""
    return s.page(s.article(), s.json_ld(headline="Independent voices since 1921")), {}


def the_sites_name_everywhere(s: Stories) -> tuple[str, Truth]:
    """The logo is an h1, og:title and the window's title are the site's name; the headline is an h2."""
    head = f'<meta property="og:site_name" content="{SITE}"><meta property="og:title" content="{SITE}">'
    body = f'<header><h1>{SITE}</h1></header><main><h1 class="title">{escape(s.title)}</h1>{s.text}</main>'
    return s.page(body, head, window=SITE), {"authors": (), "published": None, "undated": True}


def comments_with_data(s: Stories) -> tuple[str, Truth]:
    """Readers' comments carry dates and authors in microdata."""
    said = "".join(
        f'<li itemprop="comment" itemscope><time itemprop="datePublished" datetime="2026-11-{n}T08:00:00Z"></time>'
        f'<span itemprop="author">Reader {n}</span><p>{REPLY.format(n)}</p></li>'
        for n in range(18, 24)
    )
    head = s.json_ld(datePublished=None, author=None)
    time = f'<p class="byline">By {AUTHOR}</p><time datetime="{PUBLISHED.isoformat()}">16 November 2026</time>'
    return s.page(s.article(time) + f"<ol class='comment-list'>{said}</ol>", head), {"must_not": (REPLY.format(20),)}


def more_replies_than_text(s: Stories) -> tuple[str, Truth]:
    """A short report with fifteen replies."""
    said = "".join(f"<div class='reply'><p>{REPLY.format(n)}</p></div>" for n in range(10, 25))
    return s.page(s.article() + f'<section id="comments">{said}</section>'), {"must_not": (REPLY.format(12),)}


def siblings(s: Stories) -> tuple[str, Truth]:
    """Two other articles follow in elements of the same kind, under h2."""
    more = "".join(
        f"<article><h2>{escape(one.headline)}</h2>{s.foreign(n)}</article>" for n, one in enumerate(s.others)
    )
    return s.page(f"<main><article><h1>{escape(s.title)}</h1>{s.text}</article>{more}</main>"), _without_others(s)


def endless_stream(s: Stories) -> tuple[str, Truth]:
    """The next article is loaded below, in a box like the first one's."""
    boxes = (
        f'<div class="single-post" data-url="{s.url}"><h1>{escape(s.title)}</h1>{s.text}</div>'
        f'<div class="single-post" data-url="/next"><h1>{escape(s.others[0].headline)}</h1>{s.foreign()}</div>'
    )
    return s.page(boxes), _without_others(s)


def _without_others(s: Stories) -> Truth:
    return {"must_not": tuple(one.paragraphs[1] for one in s.others)}


def a_long_menu(s: Stories) -> tuple[str, Truth]:
    """Eighty links in divisions, and a story whose paragraphs are divisions too."""
    links = "".join(f'<div><a href="/{n}">Section {n} of the valley</a></div>' for n in range(80))
    lines = "".join(f"<div>{escape(one, quote=False)}</div>" for one in s.own.paragraphs)
    return s.page(f'<div class="top">{links}</div><h1>{escape(s.title)}</h1><div class="body">{lines}</div>'), {
        "must_not": ("Section 40 of the valley",)
    }


def in_parts(s: Stories) -> tuple[str, Truth]:
    """The text stands in several elements of one class, with advertisements between."""
    parts = "<div class='ad'>Advertisement</div>".join(
        f'<div class="story-part"><p>{escape(one, quote=False)}</p></div>' for one in s.own.paragraphs
    )
    return s.page(f"<main><h1>{escape(s.title)}</h1><div>{parts}</div></main>"), {}


def a_root_that_ends_itself(s: Stories) -> tuple[str, Truth]:
    """XHTML whose root element ends itself."""
    return s.page(s.article()).replace(
        '<html lang="en">', '<html xmlns="http://www.w3.org/1999/xhtml" lang="en" />'
    ), {}


def read_also_between(s: Stories) -> tuple[str, Truth]:
    """Lines that lead to other articles between the paragraphs, in three manners, and a newsletter's."""
    other = escape(s.others[0].headline)
    lines = (
        f'<p>Read also: <a href="/a">{other}</a></p>', f'<p><a href="/b">{escape(s.others[1].headline)}</a></p>',
        "<p>Sign up for our newsletter and never miss what happens in the valley.</p>",
    )  # fmt: skip
    shown = [f"<p>{escape(one, quote=False)}</p>" for one in s.own.paragraphs]
    body = "".join(text + lines[at % len(lines)] for at, text in enumerate(shown))
    return s.page(f"<main><article><h1>{escape(s.title)}</h1>{body}</article></main>"), {
        "must_not": (s.others[0].headline, "Sign up for our newsletter")
    }


def a_foreign_time(s: Stories) -> tuple[str, Truth]:
    """The clock of the site is a time element above; the article's own stands below its headline."""
    clock = '<div class="navtop"><time datetime="2026-11-24T09:00:00Z">Today</time></div>'
    own = f'<p class="byline">By {AUTHOR}</p><time datetime="{PUBLISHED.isoformat()}">16 Nov</time>'
    return s.page(clock + s.article(own), ""), {}


def metas_spelt_otherwise(s: Stories) -> tuple[str, Truth]:
    """`article_published_time`, in capitals."""
    head = (
        f'<meta name="Article_Published_Time" content="{PUBLISHED.isoformat()}"><meta name="AUTHOR" content="{AUTHOR}">'
    )
    return s.page(s.article(), head), {}


def a_framed_title(s: Stories) -> tuple[str, Truth]:
    """A section before the headline and the year behind it, wherever a title stands but in the h1."""
    framed = f"Opinion | {s.title} (Published 2026)"
    head = s.json_ld(headline=framed) + f'<meta property="og:title" content="{escape(framed)}">'
    return s.page(s.article(), head, window=f"{framed} ｜ {SITE}"), {}


def a_byline_with_place_and_time(s: Stories) -> tuple[str, Truth]:
    """`By Ines Marlow, Nairobi 14:30`."""
    own = f'<p class="byline">By {AUTHOR}, Nairobi 14:30</p>'
    return s.page(s.article(own), s.json_ld(author=None)), {}


def a_date_for_readers(s: Stories) -> tuple[str, Truth]:
    """Only a line under the headline says when, and a footer another year."""
    own = f'<div class="info">By <a rel="author" href="/m">{AUTHOR}</a>, 16 November 2026</div>'
    midnight = PUBLISHED.replace(hour=0, minute=0)
    return s.page(s.article(own) + "<footer>Since 3 May 1921</footer>", ""), {"published": midnight}


def a_day_in_prose(s: Stories) -> tuple[str, Truth]:
    """Nothing dates the page; a sentence tells of a day, and a footer of another."""
    said = "The regatta is on 5 October 2026."
    body = s.article().replace("</article>", f"<p>{said}</p></article>")
    truth = {"published": None, "undated": True, "authors": (), "text": "\n".join((*s.own.paragraphs, said))}
    return s.page(body + "<footer>Printed on 1.1.2026</footer>", ""), truth


def a_day_in_the_address(s: Stories) -> tuple[str, Truth]:
    """`/2026/11/16/`, and nothing else."""
    return s.page(s.article(), ""), {
        "url": f"https://www.tarn-news.example/2026/11/16/{s.own.id}",
        "published": PUBLISHED.replace(hour=0, minute=0),
        "authors": (),
    }


HABITS: Final[tuple[Habit, ...]] = (
    data_of_another_page, a_tagline, the_sites_name_everywhere, comments_with_data, more_replies_than_text, siblings,
    endless_stream, a_long_menu, in_parts, a_root_that_ends_itself, read_also_between, a_foreign_time,
    metas_spelt_otherwise, a_framed_title, a_byline_with_place_and_time, a_date_for_readers, a_day_in_prose,
    a_day_in_the_address,
)  # fmt: skip


def habit_table(pages: Sequence[Labelled], readings: Mapping[str, Sequence[Reading]]) -> str:
    """What each tool gets wrong on the pages of each habit, as Markdown."""
    names = [page.path.name.partition("-")[0] for page in pages]
    rows = []
    for name in dict.fromkeys(names):
        cells = []
        for given in readings.values():
            wrong = {
                field
                for of, page, one in zip(names, pages, given, strict=True)
                if of == name
                for field in _wrong(page, one)
            }
            cells.append(", ".join(sorted(wrong)) or "right")
        rows.append([name.replace("_", " "), *cells])
    return table(["habit: what is wrong", *readings], rows)


def _wrong(page: Labelled, reading: Reading) -> Iterator[str]:
    if page.text and text_f1(reading.text, page.text) < LEAST_F1:
        yield "text"
    yield from (
        {"passage lost": "text", "foreign passage": "text", "minute": "date"}.get(one, one)
        for one, _ in errors_of(page, reading)
    )


def habit_pages(folder: Path) -> list[Labelled]:
    """Every habit on two stories; the pages lie in *folder*, packed as those on loan are."""
    english = [one for one in reports() if one.language == "en"]
    found = []
    for number, (at, habit) in enumerate((at, habit) for at in (0, 1) for habit in HABITS):
        own, other, third = (english[(number * 3 + step * 7 + at) % len(english)] for step in range(3))
        found.append(_labelled(folder, habit, Stories(own, (other, third), number)))
    return found


def _labelled(folder: Path, habit: Habit, stories: Stories) -> Labelled:
    html, truth = habit(stories)
    path = folder / f"{habit.__name__}-{stories.own.id}.html.gz"
    path.write_bytes(gzip.compress(html.encode(), mtime=0))
    usual = {
        "url": stories.url, "text": "\n".join(stories.own.paragraphs), "title": stories.title, "authors": (AUTHOR,),
        "published": PUBLISHED, "must": stories.own.paragraphs, "must_not": (),
    }  # fmt: skip
    return Labelled(path=path, read_at=READ_AT, **(usual | dict(truth)))
