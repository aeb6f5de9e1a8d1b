"""URLs: one canonical spelling per page, the ids made from it, and whose host it is.

courlan normalises the path. Its query filter is not used: it drops `cid=`, `gallery=`, `glossary=` (it matches
prefixes) and a bare `?12345`, and its `clean_url` puts a URL found inside a query in the place of the page's own. Pages
that differ only there would become one article. Our own list (TRACKING) names what is dropped; all else is identity.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address
from typing import Final
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from ingest.records import IMPORTED, digest

TRACKING_PREFIXES: Final = tuple(
    """
    utm_ at_ ns_ wt_ mtm_ matomo_ pk_ piwik_ hsa_ _hs mc_ ml_ oly_ vero_ elq sfmc_ fb_ itm_ sara_ wpi wpmm trk_
    guce_ gad_ stm_ dm_
    """.split()  # noqa: SIM905 - a column of a hundred lines would hide them
)
"""Parameters that begin so are dropped: campaign tools (utm, at_ of the BBC and France 24, ns_ of ComScore, wt_, …)."""

# First click ids; then those of news sites: NYT, Guardian, CNET, DW, MSN, HuffPost, ABC, Daily Mail, Washington Post,
# Le Monde, Yahoo, Condé Nast, Bloomberg, Reuters, FT, Sky, El País; then what several share.
TRACKING: Final = frozenset(
    """
    fbclid gclid gclsrc gbraid wbraid dclid msclkid yclid ysclid twclid ttclid igshid igsh li_fat_id epik srsltid
    irclickid s_kwcid ef_id tblci dicbo obclickid mkt_tok mkwid _ga _gl _openstat _branch_match_id mibextid rdid

    smid smtyp smprod emc cmp cmpid intcmp int_cmp ftag maca ocid cvid ncid taid ito wprss itid xtor guccounter
    soc_src soc_trk tsrc .tsrc mbid bxid cndid esrc gepc srnd sref leadsource feedtype feedname ftcamp dcmp icid ssm

    sr_share traffic_source link_source __source __twitter_impression __tn__ __cft__ spm scm referrer referer
    wickedid s_cid sc_cid sc_src s_campaign echobox
    """.split()  # noqa: SIM905 - a column of a hundred lines would hide them
)
"""Parameters dropped by name, in lower case. A name that may stand for a page (id, sid, cid, p) is not here."""

CHANNEL_KEYS: Final = frozenset("ref source src from via mod partner feature share campaign medium".split())  # noqa: SIM905
CHANNELS: Final = frozenset(
    """
    rss rss1 rss2 rss20 atom feed feeds rssfeed twitter facebook fb email newsletter whatsapp telegram linkedin
    reddit
    """.split()  # noqa: SIM905 - a column of a hundred lines would hide them
)
"""`ref=rss` says how a reader came; `ref=8813` may be the page. The first is dropped, the second kept."""

_SESSION: Final = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_QUERY_SAFE: Final = "/%!:,-;@$'()*+?~[]|"
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def canonical_url(url: str) -> str:
    """The one spelling of a page's URL: same page, same string; idempotent. What is no http(s) URL is only stripped.

    Scheme and host in lower case (IDNA); no default port, credentials, fragment or tracking parameter; the query sorted
    by name. The path keeps its case.
    """
    stripped = re.sub(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ufeff]", "", url)
    try:
        parts = urlsplit(stripped)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            return stripped
        netloc = _netloc(parts.scheme, parts.hostname, parts.port)
    except ValueError:  # a port beyond 65535, a bracket that opens no IPv6 address, a host that IDNA cannot spell
        return stripped
    return urlunsplit((parts.scheme, netloc, _path(netloc, parts.path), _query(parts.query), ""))


def article_id(canonical: str) -> str:
    """32 hex: the identity of a page; http and https of one page are one."""
    return digest(_secure(canonical))


def entry_key(link: str | None, feed_id: str, guid: str | None) -> str:
    """32 hex: an entry's identity before its page is known: its own canonical link, else its guid within the feed."""
    return digest(_secure(canonical_url(link))) if link else digest(f"{feed_id}\n{guid or ''}")


def imported_key(link: str) -> str:
    """32 hex: the identity of the entry of a page that came in an archive of others. It is none of a feed's entries, so
    that a capture without an article does not block an entry of the same link.
    """
    return entry_key(None, IMPORTED, link)


def _secure(url: str) -> str:
    return f"https://{url[7:]}" if url.startswith("http://") else url


def absolute_url(link: str, base: str) -> str | None:
    """*link* resolved against *base*; None if that is no http(s) URL with a host."""
    try:
        url = urljoin(base, link)
        return url if is_web(url) and urlsplit(url).hostname else None
    except ValueError:  # a bracket that opens no IPv6 address
        return None


def is_web(url: str) -> bool:
    """Whether *url* begins with http:// or https://, in any case."""
    return url[:8].lower().startswith(("http://", "https://"))


def host_of(url: str) -> str:
    """The host name in lower case IDNA, without port and brackets; empty if there is none."""
    try:
        return _host(urlsplit(url).hostname or "")
    except ValueError:
        return ""


@lru_cache(maxsize=10_000)
def registered_domain(host: str) -> str:
    """`bbc.co.uk` of `news.bbc.co.uk`, by the public suffix list with its private part; addresses stay whole."""
    bare = host.lower().strip("[]").rstrip(".")
    if _is_address(bare) or "." not in bare:
        return bare
    import tld  # courlan, tld and yarl: .1 s of CPU, and not every process needs them

    found = tld.get_fld(bare, fix_protocol=True, fail_silently=True, search_private=True)
    return found or ".".join(bare.split(".")[-2:])  # the list's own rule for a suffix that it does not know


def without_www(host: str) -> str:
    """The host in lower case, a leading `www.` and a port ignored: how feeds.toml names hosts."""
    bare = host.lower().strip()
    if bare.startswith("["):
        return bare[1:].partition("]")[0]
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    return bare.rstrip(".").removeprefix("www.")


def _netloc(scheme: str, hostname: str, port: int | None) -> str:
    host = _host(hostname)
    host = f"[{host}]" if ":" in host else host
    return host if port in (None, _DEFAULT_PORTS[scheme]) else f"{host}:{port}"


def _host(hostname: str) -> str:
    """IDNA as aiohttp sends it, so that a link and the URL after redirects are spelt alike."""
    bare = hostname.lower().rstrip(".")
    if bare.isascii():
        return bare
    from yarl import URL

    return (URL.build(scheme="http", host=bare).raw_host or bare).lower()


def _path(netloc: str, path: str) -> str:
    from courlan import normalize_url

    clean = _ESCAPE.sub(_tidy_escape, _SESSION.sub("", path))
    normal = urlsplit(normalize_url(f"https://host{clean if clean.startswith('/') else '/' + clean}")).path
    return normal or "/"


def _query(query: str) -> str:
    """What may be identity, sorted by name; repeated names keep their order, a bare `?12345` survives."""
    pieces = [_ESCAPE.sub(_tidy_escape, _unescaped(piece)) for piece in query.split("&")]
    kept = [quote(piece, safe=_QUERY_SAFE + "=") for piece in pieces if piece and not _is_tracking(piece)]
    return "&".join(sorted(kept, key=lambda piece: piece.partition("=")[0]))


def _unescaped(piece: str) -> str:
    """Feeds escape twice: `&amp;b=2` arrives as `amp;b=2`."""
    while piece.startswith("amp;"):
        piece = piece[4:]
    return piece


def _is_tracking(piece: str) -> bool:
    name, _, value = piece.lower().partition("=")
    if name in TRACKING or name.startswith(TRACKING_PREFIXES):
        return True
    return name in CHANNEL_KEYS and value in CHANNELS


def _tidy_escape(match: re.Match[str]) -> str:
    """RFC 3986, 6.2.2: an escaped letter is the letter, hex digits are upper case; a lone percent sign is escaped."""
    if match[1] is None:
        return "%25"
    letter = chr(int(match[1], 16))
    return letter if letter in _UNRESERVED else f"%{match[1].upper()}"


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
