"""Claims and texts that are not the page's own article's: comments, following articles, data of other pages."""

from __future__ import annotations

import json

import pytest

from ingest.page.extract import extract_article
from ingest.records import Article, Entry
from tests.ingest.samples import PARAGRAPHS, a_page, an_entry, html

REPLIES = "".join(
    f'<div class="reply"><b>reader{n}</b><time itemprop="datePublished" datetime="2026-11-{n:02}T08:00:00Z"></time>'
    f'<span itemprop="author">Reader {n}</span><p>I have sailed past that bank for {n} years and nobody asked me, '
    f"said the reply number {n}, which is longer than a line.</p></div>"
    for n in range(10, 20)
)
FOX = "".join(
    f"<p>A fox has been seen in the church for the {n}th time this month, and the verger does not know how it gets in "
    "through three locked doors.</p>"
    for n in range(4, 9)
)
OWN = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


def extracted(page: str, entry: Entry | None = None) -> Article:
    return extract_article(a_page(page), entry or an_entry(), publisher_of=lambda host: host, via="live")


def whole(body: str, head: str = "") -> str:
    return f"<html lang=en><head><title>Harbour board votes to dredge</title>{head}</head><body>{body}</body></html>"


@pytest.mark.parametrize(
    "around",
    [
        pytest.param('<section id="comments">{}</section>', id="id"),
        pytest.param('<div class="post-comments wide">{}</div>', id="class"),
        pytest.param('<div class="disqus-replies">{}</div>', id="replies"),
        pytest.param('<ol class="commentlist">{}</ol>', id="list"),
        pytest.param('<div itemscope itemtype="https://schema.org/UserComments">{}</div>', id="type"),
        pytest.param('<div itemprop="comment">{}</div>', id="itemprop"),
    ],
)
@pytest.mark.parametrize("inside", [True, False])
def test_readers_are_not_read(around: str, inside: bool) -> None:
    """What readers wrote below gives no text, date or author, wherever it stands."""
    comments = around.format(REPLIES)
    own = f"<h1>Harbour board votes to dredge</h1>{OWN}"
    page = whole(f"<article>{own}{comments}</article>" if inside else f"<article>{own}</article>{comments}")
    found = extracted(page)
    assert PARAGRAPHS[-1] in found.text
    assert "sailed past" not in found.text
    assert found.authors == ()
    assert found.published_at is None


def test_an_article_that_is_called_comment_is_kept() -> None:
    """A class is no proof: where nothing else is on the page, it is the article."""
    assert PARAGRAPHS[3] in extracted(whole(f'<h1>Harbour board votes</h1><div class="replies">{OWN}</div>')).text


@pytest.mark.parametrize(
    "next_one",
    [
        pytest.param("<article><h1>Fox in the church</h1>{}</article>", id="article"),
        pytest.param('<article class="story"><header><h1>Fox in the church</h1></header>{}</article>', id="header"),
        pytest.param('<article data-url="/fox"><h1><a href="/fox">Fox in the church</a></h1>{}</article>', id="link"),
    ],
)
def test_the_next_article_is_another(next_one: str) -> None:
    """A page that goes on with the next articles is the first one's."""
    page = whole(
        f"<main><article><h1>Harbour board votes to dredge</h1>{OWN}</article>{next_one.format(FOX)}"
        f"<article><h1>Hall closes</h1>{FOX.replace('fox', 'hall')}</article></main>"
    )
    found = extracted(page)
    assert PARAGRAPHS[0] in found.text
    assert PARAGRAPHS[-1] in found.text
    assert "seen in the church" not in found.text


@pytest.mark.parametrize("kind", ["", ' class="story"'])
def test_siblings_with_headings_of_a_lower_rank(kind: str) -> None:
    """Articles that follow in elements of the same kind are others, also below an h2."""
    own = f"<article{kind}><h1>Harbour board votes to dredge</h1>{OWN}</article>"
    found = extracted(whole(f"<main>{own}<article{kind}><h2>Fox in the church</h2>{FOX}</article></main>"))
    assert found.text == "\n".join(PARAGRAPHS)


def test_the_next_article_in_a_stream_of_boxes() -> None:
    """So is one whose box is built like the first one's."""
    page = whole(
        f'<div class="single-post"><h1>Harbour board votes to dredge</h1>{OWN}</div>'
        f'<div class="single-post"><h1>Fox in the church</h1>{FOX}</div>'
    )
    assert "seen in the church" not in extracted(page).text


def test_posts_of_a_live_blog_are_its_own() -> None:
    """Articles inside of the article, or under a headline of their own rank, are parts of it."""
    posts = "".join(f"<article><h3>Post {n}</h3><p>{text}</p></article>" for n, text in enumerate(PARAGRAPHS))
    assert PARAGRAPHS[-1] in extracted(whole(f"<main><h1>Harbour board votes to dredge</h1>{posts}</main>")).text


def ld(**fields: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **fields})}</script>'


@pytest.mark.parametrize("field", ["url", "@id", "mainEntityOfPage"])
def test_data_about_another_page(field: str) -> None:
    """JSON-LD that names another address and another headline gives neither title nor date nor author."""
    other = {"headline": "Fox in the church", "datePublished": "2020-01-02T10:00:00Z", "author": {"name": "Ann Lee"}}
    found = extracted(html(ld(**other, **{field: "https://news.example.com/2020/01/fox-in-the-church"})))
    assert found.title == "Harbour board votes to dredge"
    assert found.authors == ()
    assert found.published_source != "jsonld"


def test_data_at_an_old_address_of_the_same_headline() -> None:
    """An address that changed is no other article as long as the headline is the same."""
    said = {"headline": "Harbour board votes to dredge", "datePublished": "2026-11-20T10:00:00Z"}
    found = extracted(html(ld(**said, url="https://news.example.com/old/4711-harbour")))
    assert found.published_source == "jsonld"


@pytest.mark.parametrize("query", ["?page=news&id=2", "?page=news&id=1"])
def test_pages_told_apart_by_their_query(query: str) -> None:
    """Where the query names the story, another query is another page."""
    page = a_page(
        html(ld(headline="Fox in the church", url=f"https://n.example/scan.php{query}", author={"name": "Ann Lee"})),
        url="https://n.example/scan.php?page=news&id=1",
    )
    found = extract_article(page, an_entry(), publisher_of=lambda host: host, via="live")
    assert found.authors == (("Ann Lee",) if query.endswith("1") else ())


@pytest.mark.parametrize(
    ("head", "body", "entry", "title"),
    [
        pytest.param(
            '<meta property="og:title" content="The Harlan Post"><meta property="og:site_name" content="Harlan Post">',
            "<h1>Harlan Post</h1>", "Board votes to dredge", "Board votes to dredge", id="logo-in-h1",
        ),
        pytest.param(
            ld(name="Board votes to dredge", headline="a body of water where ships anchor"),
            "<h1>Board votes to dredge</h1>", None, "Board votes to dredge", id="tagline",
        ),
        pytest.param(
            ld(headline="a body of water where ships anchor"),
            "<h1>Board votes to dredge</h1>", "Board votes to dredge", "Board votes to dredge", id="tagline-alone",
        ),
        pytest.param(
            '<meta property="og:title" content="Opinion | Board votes to dredge (Published 2016)">',
            "<h1>Board votes to dredge</h1>", None, "Board votes to dredge", id="section-and-year",
        ),
        pytest.param(
            '<meta property="og:title" content="Board votes to dredge｜Harlan Post">'
            '<meta property="og:site_name" content="Harlan Post">', "", None, "Board votes to dredge", id="wide-bar",
        ),
        pytest.param(
            '<meta property="og:title" content="Board votes to dredge :: Harlan Post">'
            '<meta property="og:site_name" content="Harlan Post">', "", None, "Board votes to dredge", id="colons",
        ),
        pytest.param(
            '<meta property="og:title" content="Board votes to dredge_Harlan Post">'
            '<meta property="og:site_name" content="Harlan Post">', "", None, "Board votes to dredge", id="underscore",
        ),
    ],
)  # fmt: skip
def test_title(head: str, body: str, entry: str | None, title: str) -> None:
    """The headline is the one that readers see; neither the site's name nor a tagline is one."""
    page = f"<html lang=en><head>{head}</head><body><main>{body}{OWN}</main></body></html>"
    assert extracted(page, an_entry(title=entry)).title == title


@pytest.mark.parametrize("name", ["article:published:time", "article_published_time", "Article.Published-Time"])
def test_names_of_metas_are_spelt_in_many_ways(name: str) -> None:
    """Marks and case make no other name."""
    found = extracted(html(f'<meta property="{name}" content="2026-11-23T10:00:00Z">'))
    assert found.published_source == "meta"
