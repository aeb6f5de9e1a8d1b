"""Time zones as dates name them: offsets, abbreviations, places, and English long names."""

from __future__ import annotations

import re
from datetime import timedelta, timezone, tzinfo
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

MAX_OFFSET: Final = timedelta(hours=14)
# Names in daily use by feeds; where one name has several meanings, the one of the larger news output. AMT and AMST
# are left out: Amazonas and Armenia print them alike.
_HOURS: Final = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MET": 1, "MEZ": 1, "WAT": 1,
    "CEST": 2, "MEST": 2, "MESZ": 2, "EET": 2, "CAT": 2, "SAST": 2, "EEST": 3, "MSK": 3, "EAT": 3, "TRT": 3, "MSD": 4,
    "GST": 4, "PKT": 5, "IST": 5.5, "NPT": 5.75, "BDT": 6, "MMT": 6.5, "ICT": 7, "WIB": 7, "WITA": 8, "HKT": 8,
    "SGT": 8, "MYT": 8, "PHT": 8, "AWST": 8, "WIT": 9, "JST": 9, "KST": 9, "ACST": 9.5, "AEST": 10, "ACDT": 10.5,
    "AEDT": 11, "NZST": 12, "NZDT": 13, "PMST": -3, "PMDT": -2, "BRT": -3, "BRST": -2, "ART": -3, "UYT": -3,
    "CLST": -3, "CLT": -4, "VET": -4, "BOT": -4, "COT": -5, "PET": -5, "ECT": -5, "NST": -3.5, "NDT": -2.5, "AST": -4,
    "ADT": -3, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9,
    "AKDT": -8, "HST": -10, "МСК": 3,
}  # fmt: skip
_PLACES: Final = {  # names without a season: the day decides
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "MT": "America/Denver",
    "PT": "America/Los_Angeles",
}
# Zones whose English long names ("Eastern Standard Time") are read, from CLDR.
_NAMED: Final = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "Europe/London", "Europe/Paris",
    "Europe/Helsinki", "Europe/Moscow", "Asia/Kolkata", "Asia/Tokyo", "Asia/Seoul", "Asia/Shanghai",
    "Asia/Hong_Kong", "Asia/Singapore", "Asia/Jakarta", "Asia/Karachi", "Asia/Dubai", "Asia/Manila", "Asia/Jerusalem",
    "Africa/Johannesburg", "Africa/Nairobi", "Africa/Lagos", "Australia/Sydney", "Pacific/Auckland",
    "America/Sao_Paulo",
)  # fmt: skip
_OFFSET: Final = re.compile(r"(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?")


def zone_of(name: str) -> tzinfo | None:
    """The zone called *name* (`CEST`, `ET`, `Europe/Berlin`), in any case; None: unknown."""
    if name.upper() in _HOURS:
        return timezone(timedelta(hours=_HOURS[name.upper()]))
    place = _PLACES.get(name.upper(), name if "/" in name else "")
    return _place(place) if place else None


def offset_of(text: str) -> tzinfo | None:
    """The zone of `+0200`, `-05:00` or `+9`; None beyond 14 hours."""
    found = _OFFSET.fullmatch(text.replace("−", "-"))
    if not found or int(found["minutes"] or 0) > 59:
        return None
    delta = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    return timezone(-delta if found["sign"] == "-" else delta) if delta <= MAX_OFFSET else None


@cache
def english_zones() -> dict[str, tzinfo]:
    """Zones by their English long names in lower case: `central european summer time`."""
    from babel.dates import get_timezone_name

    named: dict[str, tzinfo] = {}
    for name in _NAMED:
        zone = ZoneInfo(name)
        for variant in ("generic", "standard", "daylight"):
            said = get_timezone_name(zone, "long", locale="en", zone_variant=variant)
            named.setdefault(said.lower(), zone)
    return named


def _place(name: str) -> tzinfo | None:
    for spelt in dict.fromkeys((name, "/".join(part.title() for part in name.split("/")))):
        try:
            return ZoneInfo(spelt)
        except (OSError, ValueError, KeyError):  # not found is a KeyError, a folder or a bad name one of the others
            continue
    return None
