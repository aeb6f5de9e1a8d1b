"""Secrets in addresses (passwords before the host, tokens in the query) are shown and kept as ***: only a request has
them.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

HIDDEN: Final = "***"
KNOWN: Final = (
    "token", "access_token", "auth_token", "api_token", "auth", "authorization", "apikey", "api_key", "api-key", "key",
    "access_key", "client_secret", "secret", "password", "passwd", "pwd", "pass", "sig", "signature", "credential",
    "x-amz-signature", "x-amz-credential", "x-amz-security-token", "x-goog-signature", "x-goog-credential",
)  # fmt: skip
"""Parameters of a query whose values are secrets, whatever their case; a feed may declare more."""

_USERINFO: Final = re.compile(r"(?<=://)[^/?#\s@'\"]*@")


def hide_secrets(text: str, more: Collection[str] = ()) -> str:
    """*text*, an address or a sentence with some, without its secrets: those of KNOWN parameters and of *more*."""
    names = "|".join(map(re.escape, (*KNOWN, *more)))
    hidden = re.sub(rf"(?i)(?<=[?&;])((?:{names})=)[^&;#\s'\"<>]+", rf"\1{HIDDEN}", text)
    return _USERINFO.sub(f"{HIDDEN}@", hidden)
