"""Names of what lies on a bucket: pure paths that are written as the address of the bucket is, `s3://news/store/…`."""

from __future__ import annotations

from pathlib import PurePath, PurePosixPath


class BucketPath(PurePosixPath):
    """A path whose first part is a scheme: `PurePosixPath` would write it with one slash."""

    def __str__(self) -> str:
        return super().__str__().replace(":/", "://", 1)


def key_of(root: PurePath, path: PurePath) -> str:
    """The name of *path* below *root*, as objects have it; "" for the root itself."""
    key = path.relative_to(root).as_posix()
    return "" if key == "." else key
