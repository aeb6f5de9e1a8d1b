"""The objects of one bucket, by obstore: S3 and what speaks like it, Google Cloud Storage, Azure Blob Storage.

Credentials, endpoint and region come from the variables that all tools of that cloud read (`AWS_ACCESS_KEY_ID`,
`AWS_ENDPOINT_URL`, `GOOGLE_APPLICATION_CREDENTIALS`, `AZURE_STORAGE_ACCOUNT_KEY`, …).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wirecopy.errors import StoreConflict, StoreError
from wirecopy.store.files.bucket.faults import explain

if TYPE_CHECKING:
    from obstore import GetOptions, ObjectMeta, PutMode
    from obstore.store import ObjectStore

CONNECT: Final = timedelta(seconds=10)
REQUEST: Final = timedelta(minutes=5)  # a PUT of a day of sketches over a slow line
RETRIES: Final = 7  # with pauses that double from .1 s: a server that is started anew within 10 s is no error
ENDPOINTS: Final = {"s3": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One version of an object."""

    key: str
    tag: str  # ETag
    size: int  # bytes
    modified_at: float  # seconds since the epoch
    generation: str | None  # what Google compares in place of the tag


class Bucket:
    """The objects whose keys begin with the prefix of *url*. Every method raises StoreError if the bucket cannot be
    used, with the next step.
    """

    def __init__(self, url: str, *, retries: int = RETRIES) -> None:
        self.url, self._retries = url, retries

    @cached_property
    def _store(self) -> ObjectStore:
        library = _library(self.url)  # loaded when a bucket is first asked: DAG files do without
        plain = self.endpoint.startswith("http:")  # whoever names such an endpoint wants it
        with self._asking(""):
            return library.store.from_url(  # type: ignore[no-any-return]
                self.url,
                client_options={"connect_timeout": CONNECT, "timeout": REQUEST, "allow_http": plain},
                retry_config={"max_retries": self._retries, "retry_timeout": REQUEST},
            )

    @property
    def endpoint(self) -> str:
        """The server that the environment names; "" for the cloud's own."""
        names = ENDPOINTS.get(self.url.partition("://")[0], ())
        return next((os.environ[name] for name in names if os.environ.get(name)), "")

    def below(self, prefix: str) -> Iterator[Found]:
        """The objects below the folder *prefix*, in any order."""
        with self._asking(prefix) as library:
            for page in library.list(self._store, prefix=prefix or None):
                yield from map(_found, page)

    def folders(self, prefix: str) -> list[str]:
        """Keys of the folders right below *prefix*."""
        with self._asking(prefix) as library:
            return list(library.list_with_delimiter(self._store, prefix=prefix or None)["common_prefixes"])

    def any_below(self, prefix: str) -> bool:
        """Whether there is an object below the folder *prefix*."""
        with self._asking(prefix) as library:
            return any(library.list(self._store, prefix=prefix or None, chunk_size=1))

    def head(self, key: str) -> Found | None:
        """What is there now."""
        try:
            with self._asking(key) as library:
                return _found(library.head(self._store, key))
        except FileNotFoundError:
            return None

    def get(self, key: str, options: GetOptions) -> tuple[Found, bytes]:
        """An object, or the range that *options* name. Raises FileNotFoundError, and StoreConflict if it is not the
        version that they name.
        """
        with self._asking(key) as library:
            got = library.get(self._store, key, options=options)
            return _found(got.meta), bytes(got.bytes())

    def put(self, key: str, body: Path | bytes, mode: PutMode) -> None:
        """Make *body* the object. Raises StoreConflict if what is there is not what *mode* says."""
        whole = {} if mode == "overwrite" else {"use_multipart": False}  # a condition holds for one request
        try:
            with self._asking(key) as library:
                library.put(self._store, key, body, mode=mode, **whole)
        except FileNotFoundError as error:  # what was to be replaced is gone
            raise _conflict(f"{self.url}/{key}") from error

    def delete(self, key: str) -> None:
        """Remove the object; nothing if there is none."""
        try:
            with self._asking(key) as library:
                library.delete(self._store, key)
        except FileNotFoundError:
            return

    @contextmanager
    def _asking(self, key: str) -> Iterator[Any]:
        """The library; what it raises becomes FileNotFoundError, StoreConflict, or a StoreError with the next step."""
        library = _library(self.url)
        try:
            yield library
        except StoreError:
            raise
        except (library.exceptions.PreconditionError, library.exceptions.AlreadyExistsError) as error:
            raise _conflict(f"{self.url}/{key}") from error
        except (FileNotFoundError, library.exceptions.NotFoundError) as error:
            if "NoSuchBucket" in str(error):
                raise StoreError(explain(self.url, self.endpoint, error)) from error
            raise FileNotFoundError(f"{self.url}/{key} does not exist") from error
        except (library.exceptions.BaseError, ValueError) as error:
            raise StoreError(explain(self.url, self.endpoint, error)) from error


def _library(url: str) -> Any:
    try:
        import obstore.exceptions
        import obstore.store
    except ModuleNotFoundError as error:
        raise StoreError(
            f"store_url {url} needs the package obstore, which is not installed: pip install 'wirecopy[bucket]'."
        ) from error
    return obstore


def _conflict(address: str) -> StoreConflict:
    return StoreConflict(f"{address} was replaced by another process meanwhile. Nothing was overwritten: run again.")


def _found(meta: ObjectMeta) -> Found:
    return Found(
        key=meta["path"],
        tag=meta["e_tag"] or "",
        size=meta["size"],
        modified_at=meta["last_modified"].timestamp(),
        generation=meta["version"],
    )
