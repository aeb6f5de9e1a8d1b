"""How pages tell what stands on them, and what they put around a text: the parts of the generated pages.

Every part is a habit of real sites (JSON-LD in a graph, a headline with the site's name behind it, a pull quote that
repeats a sentence), written down here anew; no page of anybody is copied.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from itertools import pairwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What a page has to tell."""

    url: str
    language: str
    site: str
    headline: str
    authors: tuple[str, ...]
    published: datetime  # aware, in the publisher's zone
    paragraphs: tuple[str, ...]
    others: tuple[str, ...]  # headlines and first sentences of other articles, for all that stands around


BY = {"en": ("By", "and"), "de": ("Von", "und"), "es": ("Por", "y")}
SUBHEADS = {
    "en": "What happens next in the region",
    "de": "Wie es in der Region weitergeht",
    "es": "Qué pasa ahora en la comarca",
}
NEWSLETTER = "Sign up for our morning letter: the news of the day in five minutes, free, every weekday at seven."
COOKIES = "We and our partners use cookies to keep you signed in and to measure our pages. You may decline them."
CAPTION = "The scene on the morning after, seen from the old quay. Photo: Staff photographer"
COMMENTS = (
    "I have lived here for forty years and never has anybody asked us what we think about any of this.",
    "Well written, but you forgot to say who signed the first contract, which was the whole point back then.",
    "My uncle worked there; he always said that it would end like this and nobody would listen to him at all.",
    "Can the editors please stop deleting my comments, I have said nothing that is against the house rules.",
)
Part = Callable[[Story], str]


def _json_ld(story: Story, **fields: object) -> str:
    known = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": story.headline} | fields
    return _script(known)


def _script(data: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>'


def _people(story: Story) -> list[dict[str, str]]:
    return [{"@type": "Person", "name": name} for name in story.authors]


def head_json_ld(story: Story) -> str:
    """Everything in one JSON-LD object; modified later than published."""
    later = (story.published + timedelta(hours=3)).isoformat()
    dates = {"datePublished": story.published.isoformat(), "dateModified": later}
    return f"<title>{escape(story.headline)}</title>" + _json_ld(story, author=_people(story), **dates)


def head_graph(story: Story) -> str:
    """A graph of the site, the page, the crumbs and, among them, the article; authors as one string."""
    organisation = {"@type": "NewsMediaOrganization", "@id": "#org", "name": story.site, "foundingDate": "1921-03-01"}
    page = {"@type": "WebPage", "@id": story.url, "name": f"{story.headline} - {story.site}"}
    crumbs = {"@type": "BreadcrumbList", "itemListElement": [{"@type": "ListItem", "position": 1, "name": "Region"}]}
    article = {
        "@type": "Article",
        "headline": story.headline,
        "author": ", ".join(story.authors),
        "datePublished": story.published.isoformat(timespec="seconds"),
        "isPartOf": {"@id": story.url},
    }
    graph = {"@context": "https://schema.org", "@graph": [organisation, page, crumbs, article]}
    return f"<title>{escape(story.headline)} - {escape(story.site)}</title>" + _script(graph)


def head_open_graph(story: Story) -> str:
    """Open Graph and a meta element per author; the title has the site's name behind a bar."""
    names = "".join(f'<meta name="author" content="{escape(name)}">' for name in story.authors)
    return (
        f"<title>{escape(story.headline)} | {escape(story.site)}</title>"
        f'<meta property="og:type" content="article"><meta property="og:title" content="{escape(story.headline)}">'
        f'<meta property="article:published_time" content="{story.published.isoformat()}">{names}'
    )


def head_analytics(story: Story) -> str:
    """What is written for measuring readers: Parsely's names; the title has the section and the site before it."""
    names = "".join(f'<meta name="parsely-author" content="{escape(name)}">' for name in story.authors)
    return (
        f"<title>{escape(story.headline)} – {escape(story.site)}</title>"
        f'<meta name="parsely-title" content="{escape(story.headline)}">'
        f'<meta name="parsely-pub-date" content="{story.published.isoformat()}">{names}'
    )


def head_bare(story: Story) -> str:
    """A title, and no word about date or author: those stand above the text, see `byline`."""
    return f"<title>{escape(story.headline)} · {escape(story.site)}</title>"


def byline(story: Story) -> str:
    """Authors and a time element, for readers."""
    by, conjunction = BY[story.language]
    names = f" {conjunction} ".join(
        f'<a rel="author" href="/people/{at}">{escape(name)}</a>' for at, name in enumerate(story.authors)
    )
    time = f'<time datetime="{story.published.isoformat()}">{story.published:%d.%m.%Y, %H:%M}</time>'
    return f'<p class="byline">{by} {names}</p><p class="date">{time}</p>'


def text_plain(story: Story) -> str:
    """Paragraphs, and nothing between."""
    return "".join(f"<p>{escape(text, quote=False)}</p>" for text in story.paragraphs)


def text_breaks(story: Story) -> str:
    """No paragraphs at all: lines in one element."""
    return f"<div>{'<br><br>'.join(escape(text, quote=False) for text in story.paragraphs)}</div>"


def text_linked(story: Story) -> str:
    """The second and third word of each paragraph are a link, the next two bold."""
    return "".join(f"<p>{_marked_up(text)}</p>" for text in story.paragraphs)


def _marked_up(text: str) -> str:
    words = [escape(word, quote=False) for word in text.split(" ")]
    link, bold = " ".join(words[1:3]), " ".join(words[3:5])
    return f'{words[0]} <a href="/topic">{link}</a> <strong>{bold}</strong> {" ".join(words[5:])}'


def text_illustrated(story: Story) -> str:
    """A picture with its caption, a subheading, a pull quote that repeats a sentence, and a box for a newsletter."""
    first, *rest = (f"<p>{escape(text, quote=False)}</p>" for text in story.paragraphs)
    quote = escape(story.paragraphs[0].split(". ")[0], quote=False)
    return "".join([
        f'<figure><img src="/a.jpg" alt=""><figcaption>{CAPTION}</figcaption></figure>', first,
        f'<aside class="pullquote"><blockquote>{quote}</blockquote></aside>', rest[0],
        f'<div class="newsletter-signup"><p>{NEWSLETTER}</p><form><input name="mail"><button>Go</button></form></div>',
        f"<h2>{SUBHEADS[story.language]}</h2>", *rest[1:],
    ])  # fmt: skip


def text_interrupted(story: Story) -> str:
    """A teaser of another article between any two paragraphs."""
    shown = [f"<p>{escape(text, quote=False)}</p>" for text in story.paragraphs]
    teasers = [f'<div class="read-more related"><a href="/x">{escape(other)}</a></div>' for other in story.others]
    between = [one + teasers[at % len(teasers)] for at, (one, _) in enumerate(pairwise(shown))]
    return "".join([*between, shown[-1]])


def frame_article(story: Story, above: str, text: str) -> str:
    """An article element in main, a column of headlines, a foot."""
    links = "".join(f'<li><a href="/{at}">{escape(other)}</a></li>' for at, other in enumerate(story.others))
    return (
        f'<header><nav><ul><li><a href="/">Home</a></li><li><a href="/region">Region</a></li></ul></nav></header><main>'
        f"<article><h1>{escape(story.headline)}</h1>{above}{text}</article></main>"
        f"<aside><h3>Most read</h3><ul>{links}</ul></aside><footer><p>© {story.site}. All rights reserved.</p></footer>"
    )


def frame_divisions(story: Story, above: str, text: str) -> str:
    """Divisions with the classes of a common system, a notice about cookies, comments below."""
    said = "".join(f'<li class="comment"><p>{comment}</p></li>' for comment in COMMENTS)
    return (
        f'<div id="cookie-banner"><p>{COOKIES}</p><button>OK</button></div><div id="content" class="site-content">'
        f'<div class="post type-post"><h1 class="entry-title">{escape(story.headline)}</h1>{above}'
        f'<div class="entry-content">{text}</div></div>'
        f'<div id="comments" class="comments-area"><h2>Comments</h2><ol class="comment-list">{said}</ol></div></div>'
        f'<div id="footer"><p>{story.site}</p></div>'
    )


def frame_teasers(story: Story, above: str, text: str) -> str:
    """Teasers with summaries before and after the text, in the same column."""
    cards = "".join(
        f'<div class="teaser card"><h3><a href="/{at}">{escape(other[:40])}</a></h3><p>{escape(other)}</p></div>'
        for at, other in enumerate(story.others)
    )
    return (
        f'<div class="page"><section class="teasers">{cards}</section><section class="story">'
        f'<h1>{escape(story.headline)}</h1>{above}<div class="story-body">{text}</div></section>'
        f'<section class="teasers more-news"><h2>More news</h2>{cards}</section></div>'
    )


HEADS: tuple[Part, ...] = (head_json_ld, head_graph, head_open_graph, head_analytics, head_bare)
TEXTS: tuple[Part, ...] = (text_plain, text_breaks, text_linked, text_illustrated, text_interrupted)
FRAMES: tuple[Callable[[Story, str, str], str], ...] = (frame_article, frame_divisions, frame_teasers)
AROUND = (NEWSLETTER, COOKIES, CAPTION, *COMMENTS)  # what belongs to no article
