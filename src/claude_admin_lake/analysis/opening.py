"""Opens a lake in a folder or bucket."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .lake import FolderLake

if TYPE_CHECKING:
    from .lake import Lake


def open_lake(place: str, copies: Path) -> Lake:
    """Open a folder or s3://bucket/prefix; objects of a bucket are copied to `copies`."""
    if place.startswith("s3://"):
        from .bucket import BucketLake  # noqa: PLC0415 - a folder needs no boto3

        bucket, _, prefix = place.removeprefix("s3://").partition("/")
        return BucketLake(bucket, prefix, copies)
    return FolderLake(Path(place).expanduser())
