"""What thousands of addresses show is no story: it makes no cluster, and holds none together."""

from __future__ import annotations

from dedupe.grouping.clusters import group
from dedupe.matching.matching import find_matches
from dedupe.records import ArticleNode, ArticleText

CONSENT = (
    "Before you go on. We and our partners store and read cookies on your device to show you content that fits, to "
    "measure how it performs and to learn about our audience. Accept all purposes, refuse them, or choose one by one."
)
PAGES = 2_000


def sizes(articles: list[ArticleText]) -> list[int]:
    """Sizes of the clusters, largest first."""
    nodes = [ArticleNode(id=one.id, publisher=one.publisher) for one in articles]
    rows = group(nodes, find_matches(articles))
    assert len(rows) == len(articles)
    return sorted({row.cluster_id: row.cluster_size for row in rows}.values(), reverse=True)


def test_identical_consent_pages(make, write) -> None:
    """Five publishers show one consent page at 2,000 addresses; two of them print one agency report."""
    pages = [make(f"c{n:04}", CONSENT, publisher=f"p{n % 5}.example") for n in range(PAGES)]
    story = [make(f"s{n}", write(1, 12), publisher=f"p{n}.example") for n in range(2)]
    assert sizes(pages + story)[:2] == [2, 1]


def test_nearly_identical_consent_pages(make) -> None:
    """Each address has its own line above the page."""
    pages = [make(f"c{n:04}", f"Page number{n}\n{CONSENT}", publisher=f"p{n % 5}.example") for n in range(PAGES)]
    assert sizes(pages)[0] == 1


def test_articles_behind_a_consent_text(make, write) -> None:
    """The extractor took the consent text with each article: they stay apart, and copies among them are found."""
    articles = [make(f"a{n:02}", f"{CONSENT}\n{write(n, 15)}") for n in range(30)]
    copies = [make(f"b{n:02}", f"{CONSENT}\n{write(n, 15)}\nAnd one more line, from the second.") for n in range(3)]
    assert sizes(articles + copies)[:4] == [2, 2, 2, 1]


def test_an_agency_report_on_three_hundred_sites(make, write) -> None:
    """That is what wirecopy is for: one cluster, whatever each site adds."""
    story = write(5, 20)
    articles = [make(f"s{n:03}", story if n % 3 else f"{story}\n{write(1000 + n, 2)}") for n in range(300)]
    assert sizes(articles) == [300]
