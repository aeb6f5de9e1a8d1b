"""Which entry is which, when guids repeat, change, or outlive their links."""

from __future__ import annotations

from datetime import UTC, datetime

from ingest.feed.guids import Identity, kept_apart, recognise
from ingest.records import Entry
from ingest.text.urls import entry_key

DAY = datetime(2026, 11, 22, 9, tzinfo=UTC)


def entry(guid: str | None, link: str | None, *, at: datetime | None = DAY, title: str = "t") -> Entry:
    return Entry(
        entry_key=entry_key(link, "feed", guid), feed_id="feed", guid=guid, link=link, title=title, published_at=at
    )


def page(name: str) -> str:
    return f"https://news.example.com/{name}"


def test_an_honest_guid_outlives_its_link() -> None:
    """The headline in the address was corrected: it is the entry that is known."""
    first, memory = recognise([entry("1", page("fire-in-port"))], Identity())
    second, memory = recognise([entry("1", page("fire-at-port"))], Identity.from_json(memory.to_json()))
    assert second[0].entry_key == first[0].entry_key
    assert memory.policy == "guid"


def test_a_guid_that_returns_with_another_article_is_not_believed() -> None:
    """Another link and another date: from now on this feed's entries are known by their links."""
    first, memory = recognise([entry("1", page("a"))], Identity())
    second, memory = recognise([entry("1", page("b"), at=DAY.replace(hour=12))], memory)
    assert second[0].entry_key != first[0].entry_key
    assert memory.policy == "link"
    third, memory = recognise([entry("1", page("c"), at=DAY.replace(hour=12))], Identity.from_json(memory.to_json()))
    assert third[0].entry_key == entry_key(page("c"), "feed", "1")


def test_guids_that_change_with_every_poll() -> None:
    """Known links under unknown guids: the links say who is who."""
    first, memory = recognise([entry(f"a{n}", page(str(n))) for n in range(6)], Identity())
    second, memory = recognise([entry(f"b{n}", page(str(n))) for n in range(6)], memory)
    assert [one.entry_key for one in second] == [one.entry_key for one in first]
    assert memory.policy == "link"


def test_one_guid_for_several_articles() -> None:
    """They are several."""
    found, memory = recognise([entry("same", page("a")), entry("same", page("b"))], Identity())
    assert len({one.entry_key for one in found}) == 2
    assert memory.policy == "link"


def test_without_links_date_and_title_tell_repeated_guids_apart() -> None:
    """And entries without a guid stay known by their title."""
    twice = kept_apart([entry("g", None, title="a"), entry("g", None, title="b"), entry(None, None), entry(None, None)])
    assert len({one.entry_key for one in twice[:2]}) == 2
    assert twice[2].entry_key == twice[3].entry_key == entry_key(None, "feed", None)
    assert kept_apart([entry("g", None)])[0].entry_key == entry_key(None, "feed", "g")
