"""What the generator writes with: the newsroom's reports, and sentences that newsrooms print again and again."""

from __future__ import annotations

from dataclasses import dataclass

from demo.newsroom.world import load_world

QUOTATION = (
    "“We have waited eleven years for this day, and nobody in this room believed that it would come. We counted every "
    "beam and every bolt, we were told that there was no money, then that there was no time, then that there was no "
    "need. And now it stands, and it will stand when none of us is here to ask what it cost, because a city that does "
    "not build for its children has already begun to leave them,”"
)
BACKGROUND = (
    "The authority was founded in 1962 to run the harbour, the ferries and the three bridges over the estuary. It "
    "employs some 2,400 people, has been in the red for six years, and is owned in equal parts by the city and by the "
    "four districts along the coast, which have to agree on every budget."
)
LEGAL = (
    "All rights reserved. No part of this page may be reproduced, stored in a retrieval system or transmitted in any "
    "form or by any means without the prior written permission of the publisher. The information on this page is "
    "given to the best of our knowledge and without warranty; the publisher accepts no liability for errors, for the "
    "content of linked pages, or for decisions that readers take on the strength of what is printed here. Prices are "
    "delayed by at least fifteen minutes. Complaints may be addressed to the editors within thirty days."
)
CONSENT = (
    "Before you continue. We and our partners store and read information on your device, such as cookies and unique "
    "identifiers, to show you personalised content, to measure how it performs, and to learn about our audience. With "
    "your consent we may use precise location data. You can accept all purposes, refuse all that are not necessary, or "
    "choose one by one; you may change your mind at any time in the settings at the foot of every page."
)
BOILERPLATE = (
    "Sign up for our morning letter: the day's news in five minutes.\nFollow us on all channels\n"
    "Our journalism is free to read because readers pay for it. If you can, please support us.\nMore on this topic"
)
LEADS = {
    "en": "It is the talk of the region this week, and our readers have asked what is behind it. Here is what we know.",
    "de": "Seit Tagen wird in der Gegend über nichts anderes gesprochen. Was bisher bekannt ist, haben wir zusammengetragen.",
    "es": "No se habla de otra cosa en la comarca estos días. Esto es lo que se sabe hasta ahora del asunto.",
}
SYNONYMS = {
    "said": "stated", "says": "explains", "told": "informed", "people": "residents", "because": "since", "after": "following",
    "about": "roughly", "more": "further", "new": "fresh", "will": "is to", "began": "started", "big": "large",
    "also": "moreover", "only": "merely", "many": "numerous", "found": "discovered", "must": "has to", "week": "seven days",
    "could": "might", "years": "summers", "city": "town", "first": "initial", "last": "previous", "work": "labour",
    "near": "close to", "help": "assist", "show": "reveal", "plan": "scheme", "called": "described as", "until": "up to",
    "und": "sowie", "aber": "jedoch", "sagte": "erklärte", "nach": "im Anschluss an", "rund": "etwa", "wurde": "ist",
    "dijo": "declaró", "pero": "aunque", "también": "además", "años": "inviernos", "después": "luego", "según": "de acuerdo con",
}  # fmt: skip
TEMPLATES = {
    "markets": "The index closed at {n1} points on {day}, {way} {n2} percent after a quiet session. {a} gained {n3} percent "
    "to {n4}, {b} lost {n5} percent. The currency stood at {n6} against the dollar, ten-year bonds yielded {n7} percent. "
    "Turnover was {n8} million. Traders pointed to figures from the {c} sector that are due on {later}.",
    "weather": "{day} starts with fog in the valleys and {n1} degrees, rising to {n2} in the afternoon. On the coast a {way} "
    "wind blows with gusts up to {n3} kilometres an hour. In the night it cools down to {n4} degrees, and {n5} litres of "
    "rain are expected around {a}. {later} brings sun in the south and {n6} degrees, showers near {b}.",
    "poll": "If elections were held on {day}, {n1} percent would vote for {a}, {n2} percent for {b} and {n3} percent for {c}. "
    "That is the result of a survey of {n4} adults, with a margin of error of {n5} points. {n6} percent are undecided. In "
    "the last survey, on {later}, {a} had {n7} percent and {b} {n8} percent.",
    "obituary": "{a}, who ran the {c} in {b} for {n1} years, died on {day} aged {n2}. The family said that the funeral will "
    "take place on {later} at {n3} o'clock. Born in {n4}, the deceased had {n5} children and {n6} grandchildren, sat on the "
    "town council for {n7} years and founded the brass band, which will play at the grave.",
}  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WAYS = ("up", "down", "westerly", "northerly")
NAMES = ("Harbour Steel", "Quellmark", "Orrin Bakeries", "Saltmere", "Tarn Valley", "Brightwater", "Old Mill", "Ferry Lane",
         "Lindenau", "Granite Works", "North Quay", "Bell Tower")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """A report to derive others from."""

    id: str
    event: str
    language: str
    paragraphs: tuple[str, ...]
    headline: str = ""


def reports() -> list[Report]:
    """The newsroom's own reports and independent ones: none copies another, some tell of one event."""
    return [
        Report(article.slug, article.event, article.language, first.paragraphs, first.headline)
        for article in load_world().articles.values()
        if article.relation in ("original", "independent") and len((first := article.versions[0]).paragraphs) >= 4
    ]
