"""Maps errors of aiohttp and the decoders to ours, chained."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http import HTTPStatus

import aiohttp

from ingest.errors import ConnectFailed, FetchTimeout, HttpStatus, RefusedAddress, TooLarge
from ingest.fetch.decoding import BROKEN, UnknownEncodingError
from ingest.fetch.guard import REFUSED_ERRNO, refused
from ingest.fetch.headers import retry_after


@contextmanager
def translated(target: str, deadline: timedelta) -> Iterator[None]:
    """aiohttp's and the decoders' errors as ours, chained."""
    try:
        yield
    except TimeoutError as error:
        reason = f"no connection ({error})" if isinstance(error, aiohttp.ConnectionTimeoutError) else "no whole answer"
        raise FetchTimeout(target, f"{reason} within the deadline of {deadline.total_seconds():g} s") from error
    except aiohttp.ClientConnectorError as error:
        if error.os_error.errno == REFUSED_ERRNO:
            raise refused(target, error.os_error) from error
        raise ConnectFailed(target, _sentence(error)) from error
    except aiohttp.InvalidURL as error:  # such as http://127.1/, which some resolvers take for 127.0.0.1
        raise RefusedAddress(target, f"not a URL that can be asked for ({_sentence(error)})") from error
    except aiohttp.ClientResponseError as error:
        if error.message.startswith(("Got more than", "Too many")):  # its parsers share the words, but not the class
            raise TooLarge(target, f"headers beyond the cap ({error.message.splitlines()[0][:80]})") from error
        raise ConnectFailed(target, f"a broken answer ({_sentence(error)})") from error
    except UnknownEncodingError as error:
        raise ConnectFailed(target, str(error)) from error
    except BROKEN as error:
        raise ConnectFailed(target, f"a body that cannot be decompressed ({error})") from error
    except (aiohttp.ClientError, OSError) as error:
        raise ConnectFailed(target, _sentence(error)) from error


def bad_status(target: str, response: aiohttp.ClientResponse, now: datetime) -> HttpStatus:
    """The error for a response that is no page, with its Retry-After."""
    wait = retry_after(response.headers.get("Retry-After"), now)
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = "an unknown status"
    later = f", retry after {wait.total_seconds():.0f} s" if wait else ""
    return HttpStatus(target, f"{response.status} {phrase}{later}", response.status, wait)


def _sentence(error: Exception) -> str:
    """Some of aiohttp's errors have no text."""
    return str(error) or type(error).__name__
