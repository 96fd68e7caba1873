"""Opens a lake in a folder or bucket."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .lake import FolderLake

if TYPE_CHECKING:
    from .lake import Lake


def open_lake(place: str, copies: Path, organization: str | None = None) -> Lake:
    """Open a folder or s3://bucket/prefix; objects of a bucket are copied to `copies`.

    With `organization`, the lake contains only its data.
    """
    if place.startswith("s3://"):
        from .bucket import BucketLake  # noqa: PLC0415 - a folder needs no boto3

        bucket, _, prefix = place.removeprefix("s3://").partition("/")
        return BucketLake(bucket, prefix, copies, organization)
    return FolderLake(Path(place).expanduser(), organization)
