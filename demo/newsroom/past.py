"""What the newsroom printed before its three days, and which archives hold it: past.toml, filled in for every day."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from string import Template
from typing import Any, Final, Literal

from demo.newsroom.texts import compose
from demo.newsroom.world import Article, Publisher, Version, World

Source = Literal["sitemap", "wordpress", "paging", "template", "warc", "wayback"]

DAY: Final = timedelta(days=1)
# Days before the world's start. On the one right before it nobody printed: a day that stays empty.
DAYS: Final = range(2, 16)
OLDER: Final = (45, 76)  # of the one publisher whose index of sitemaps hides its old months
HIDES: Final = "harbor"
CHANGED_AFTER: Final = timedelta(days=1, hours=3)
KITS: Final = Path(__file__).parent / "past.toml"
PLACES: Final = {
    "en": ("Gannet Row", "Low Weir", "Saltmarsh", "Tolby", "Penhallow", "Crane Hill", "Ostler's End"),
    "es": ("Valdehierro", "Las Eras", "Peña Serena", "Almenar", "Fuente Oscura", "Robledal", "Cala Mansa"),
    "de": ("Osterfleet", "Krummdeich", "Steenwarft", "Lüttsiel", "Norderholm", "Achterbeck", "Sandkoog"),
}
NAMES: Final = {
    "en": ("Ottoline Marsh", "Jasper Thirkell", "Wilhelmina Oakes", "Corin Blythe", "Sunniva Pell"),
    "es": ("Remedios Altamira", "Fermín Lucientes", "Casilda Monreal", "Ginés Peñalver", "Amparo Tordera"),
    "de": ("Swantje Borchers", "Hinnerk Lübbe", "Frauke Deichgräber", "Enno Tammena", "Gesche Wilken"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The articles of before, by slug, and where each is held."""

    articles: Mapping[str, Article]
    sources: Mapping[str, frozenset[Source]]
    gone: frozenset[str]  # slugs whose pages the site does not have any more

    def of(self, publisher: str, source: Source) -> list[Article]:
        """The articles of *publisher* that *source* holds, the newest first."""
        own = (one for one in self.articles.values() if one.publisher == publisher)
        held = (one for one in own if source in self.sources[one.slug])
        return sorted(held, key=lambda one: (one.published, one.slug), reverse=True)


@cache
def kits() -> Mapping[str, Mapping[str, Any]]:
    """past.toml, by publisher."""
    return tomllib.loads(KITS.read_text("utf-8"))


def load_past(world: World) -> Past:
    """The same for every newsroom of *world*: only the anchor moves it."""
    articles, sources, gone = dict[str, Article](), dict[str, frozenset[Source]](), set[str]()
    for name, kit in kits().items():
        publisher = world.publishers.get(name)
        for number, day in enumerate(_days(name, kit) if publisher else ()):
            assert publisher
            article = _article(publisher, kit, number, day)
            articles[article.slug] = article
            also = (kit["also"],) if "also" in kit and number % 3 == 0 else ()
            sources[article.slug] = frozenset((*kit["sources"], *also))
            if kit.get("gone"):
                gone.add(article.slug)
    return Past(articles=articles, sources=sources, gone=frozenset(gone))


def _days(name: str, kit: Mapping[str, Any]) -> Iterator[int]:
    yield from DAYS[:: kit.get("every", 1)]
    yield from OLDER if name == HIDES else ()


def _article(publisher: Publisher, kit: Mapping[str, Any], number: int, day: int) -> Article:
    chance = random.Random(f"{publisher.id} {day}")
    language = publisher.language
    place, name = chance.choice(PLACES[language]), chance.choice(NAMES[language])
    values = {
        "place": place, "Place": place, "name": name, "Name": name.split()[-1], "n": chance.randrange(20, 90),
        "n2": chance.randrange(91, 240), "m": chance.randrange(3, 19), "k": chance.randrange(110, 890),
    }  # fmt: skip
    hours, minutes = map(int, kit["hours"][number % len(kit["hours"])].split(":"))
    since = timedelta(hours=hours, minutes=minutes) - day * DAY
    headline = Template(kit["headlines"][number % len(kit["headlines"])]).substitute(values)
    paragraphs = list(compose(kit["body"], values=values))
    del paragraphs[1 + number % (len(paragraphs) - 1)]  # no two days in a row tell the same
    first = Version(since=since, headline=headline, paragraphs=tuple(paragraphs), summary=paragraphs[0])
    is_changed = kit.get("changed") and number % 3 == 0
    return Article(
        slug=f"{publisher.id}-{_slug(headline)}-{day}",
        event=f"{publisher.id}-{day}",
        publisher=publisher.id,
        language=language,
        section=kit["section"],
        author=chance.choice(kit["authors"]) if kit["authors"] else None,
        relation="original",
        source=None,
        feeds=(publisher.feeds[0].id,),
        quirks=frozenset(),
        versions=(first, _corrected(first)) if is_changed else (first,),
    )


def _corrected(first: Version) -> Version:
    """The text as the page shows it today: one paragraph less, and the last two have changed places."""
    *before, last, final = first.paragraphs
    return Version(
        since=first.since + CHANGED_AFTER,
        headline=first.headline,
        paragraphs=(before[0], *before[2:], final, last),
        summary=first.summary,
    )


def _slug(headline: str) -> str:
    words = "".join(sign if sign.isalnum() and sign.isascii() else " " for sign in headline.lower()).split()
    return "-".join(words)
