"""Texts that are hard to find: menus, joiners, XHTML, articles in parts, lists that are the article."""

from __future__ import annotations

import pytest

from ingest.errors import IndexPage
from ingest.page.extract import extract_article, parse_html
from ingest.page.maintext import _joined
from ingest.records import Article
from tests.ingest.samples import PARAGRAPHS, a_page, an_entry, html

URL = "https://news.example.com/harbour-board-votes-to-dredge"
OWN = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


def extracted(page: str, url: str = URL) -> Article:
    return extract_article(a_page(page, url=url), an_entry(), publisher_of=lambda host: host, via="live")


def test_joiners_stay() -> None:
    """Persian, Hindi and emoji are written with joiners: they are part of the words."""
    persian = (
        "او می\u200cخواهد که کتاب\u200cها را به خانه\u200cی خود ببرد و با دوستان خود درباره آنها گفت\u200cوگو کند."
    )
    body = "".join(f"<p>{persian} {n} 👩\u200d🚒</p>" for n in range(12))
    found = extracted(html(body=body, attributes='lang="fa"'))
    assert "می\u200cخواهد" in found.text
    assert "👩\u200d🚒" in found.text
    assert "\U00010000" not in found.text


@pytest.mark.parametrize(
    "root", ['<html xmlns="http://www.w3.org/1999/xhtml" lang="en" />', '<html lang="en"/>', "<html/><body/>"]
)
def test_a_root_that_ends_itself(root: str) -> None:
    """`<html … />` is how some templates begin their page."""
    page = f"<!DOCTYPE html>{root}<head><title>Harbour</title></head><body><h1>Harbour</h1>{OWN}</body></html>"
    assert extracted(page).text.endswith(PARAGRAPHS[-1])


def test_xhtml_with_elements_that_end_themselves() -> None:
    """In XHTML a script that ends itself does not take the rest of the page with it."""
    page = (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>Harbour</title>'
        f'<script src="a.js" /></head><body><a name="top"/><div class="ad"/><h1>Harbour</h1>{OWN}</body></html>'
    )
    assert extracted(page).text.endswith(PARAGRAPHS[-1])


def test_an_article_in_parts() -> None:
    """Several elements of one class, with advertisements between them, are one article."""
    parts = "<div class='ad'>Buy</div>".join(
        f'<div class="story-part"><p>{text} {text}</p></div>' for text in PARAGRAPHS
    )
    assert PARAGRAPHS[-1] in extracted(f"<html><body><h1>Harbour</h1><div>{parts}</div></body></html>").text


def test_an_article_begins_in_any_part() -> None:
    """A part before the one that extraction began with belongs to the article too."""
    parts = "".join(f'<div class="module"><p>{text}</p></div>' for text in PARAGRAPHS)
    tree = parse_html(a_page(f"<html><body><h1>Harbour</h1>{parts}</body></html>"))
    assert _joined(PARAGRAPHS[2], tree).split("\n") == list(PARAGRAPHS)


def test_prose_that_extraction_leaves_out() -> None:
    """Where nothing is found, the element with the most prose is the article: here a sidebar was never closed."""
    menu = '<aside class="sidebar"><div id="nav_menu-6"><p>Our voice of the coast.</p>'
    body = f'<h1>Harbour</h1>{menu}<article><h2>Harbour</h2><div class="article-content">{OWN}</div></article>'
    assert extracted(f"<html><body>{body}</body></html>").text.endswith(PARAGRAPHS[-1])


def test_a_list_of_links_that_is_the_article() -> None:
    """A list that holds most of the page's text is not cut, though every line of it leads elsewhere."""
    items = "".join(f'<li><a href="/{n}">{text}</a></li>' for n, text in enumerate(PARAGRAPHS * 3))
    assert (
        PARAGRAPHS[2]
        in extracted(f"<html><body><article><h1>Harbour</h1><ul>{items}</ul></article></body></html>").text
    )


def test_a_menu_is_no_article() -> None:
    """Where the story has no paragraphs, its text is taken, and not the menu's hundred lines."""
    menu = "".join(f"<div><a href='/{n}'>Section {n}</a></div>" for n in range(120))
    story = "<br><br>".join(PARAGRAPHS)
    found = extracted(f"<html><body><div>{menu}</div><div class='content'><h1>Harbour</h1>{story}</div></body></html>")
    assert PARAGRAPHS[1] in found.text
    assert found.text.count("Section") < 20


def test_a_story_named_by_its_query_is_no_index() -> None:
    """A list of many links beside a story at `scan.php?page=news_item&px=…` makes it no front page."""
    links = "".join(
        f"<div><a href='/{n}'>A headline that is long enough to count, number {n}</a></div>" for n in range(80)
    )
    page = f"<html><body><h1>Harbour</h1>{OWN}<div>{links}</div></body></html>"
    assert PARAGRAPHS[0] in extracted(page, url="https://n.example/scan.php?page=news_item&px=Harbour-Board-Votes").text
    with pytest.raises(IndexPage):
        extracted(page, url="https://n.example/scan.php")
