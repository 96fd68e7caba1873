"""The lake in an S3 bucket."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

from botocore.exceptions import BotoCoreError, ClientError

from claude_admin_lake.errors import LakeTrouble, LakeUnavailable

from .keys import Keys, in_old_layout, old_layout
from .s3_object import S3Upload, content, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from mypy_boto3_s3 import S3Client

    from claude_admin_lake.tables import Table

    from . import Watch

_MORE_OBJECTS = {"ContinuationToken": "NextContinuationToken"}
_MORE_UPLOADS = {"KeyMarker": "NextKeyMarker", "UploadIdMarker": "NextUploadIdMarker"}


class S3Lake:
    """An organization's lake in `bucket` under `prefix`."""

    def __init__(self, client: S3Client, bucket: str, prefix: str, organization: str) -> None:
        self._client, self._bucket, self._prefix = client, bucket, prefix
        self._keys = Keys(organization)

    def check(self) -> None:
        try:
            self._client.head_bucket(Bucket=self._bucket)
        except (ClientError, BotoCoreError) as error:
            raise LakeUnavailable(
                f"cannot use the bucket {self._bucket!r} (LAKE_BUCKET): {error}"
            ) from error

    def check_layout(self) -> None:
        if found := in_old_layout(self._below):
            place = f"s3://{self._bucket}/{self._prefix}"
            raise LakeUnavailable(old_layout(place + found))

    def upload(self, key: str, fence: int, watch: Watch | None = None) -> S3Upload:
        return S3Upload(self._client, self._bucket, self._prefix + key, fence, watch)

    def read(self, key: str) -> BinaryIO | None:
        try:
            return content(self._client, {"Bucket": self._bucket, "Key": self._prefix + key})
        except self._client.exceptions.NoSuchKey:
            return None
        except (ClientError, BotoCoreError, OSError) as error:
            raise LakeTrouble(f"cannot read {key}: {error}") from error

    def drop(self, prefix: str) -> None:
        """A lifecycle rule of the bucket removes them; the loader may not."""

    def days(self, table: Table) -> set[date]:
        prefix = f"{self._keys.partition(table.name)}date="
        pages = self._pages(self._client.list_objects_v2, prefix, _MORE_OBJECTS)
        listed = (self._relative(item["Key"]) for page in pages for item in _contents(page))
        return {day for key in listed if (day := self._keys.day_of(table, key))}

    def snapshots(self, table: Table) -> dict[date, str]:
        history = self._keys.history(table)
        pages = self._pages(self._client.list_objects_v2, history, _MORE_OBJECTS)
        keys = [self._relative(item["Key"]) for page in pages for item in _contents(page)]
        return {day: key for key in keys if (day := self._keys.snapshot_day_of(table, key))}

    def holds(self, table: Table) -> bool:
        prefix = self._keys.partition(table.name)
        return any(map(_contents, self._pages(self._client.list_objects_v2, prefix, _MORE_OBJECTS)))

    def sweep(self) -> None:
        """Abort uploads that killed runs of this organization left: others share the bucket."""
        for page in self._pages(self._client.list_multipart_uploads, "", _MORE_UPLOADS):
            for upload in page.get("Uploads", ()):
                if self._keys.owns(self._relative(upload["Key"])):
                    self._abort(upload["Key"], upload["UploadId"])

    def _relative(self, key: str) -> str:
        return key.removeprefix(self._prefix)

    def _below(self, path: str) -> set[str]:
        """The names directly under a path of the lake, of folders and objects."""
        listing = partial(self._client.list_objects_v2, Delimiter="/")
        found: set[str] = set()
        for page in self._pages(listing, path, _MORE_OBJECTS):
            found |= {one["Prefix"] for one in page.get("CommonPrefixes", ())}
            found |= {one["Key"] for one in _contents(page)}
        return {name.removeprefix(self._prefix + path).rstrip("/") for name in found}

    def _abort(self, key: str, upload_id: str) -> None:
        translated(
            "abort the upload of",
            key,
            lambda: self._client.abort_multipart_upload(
                Bucket=self._bucket, Key=key, UploadId=upload_id
            ),
        )

    def _pages(
        self, listing: Callable[..., Any], prefix: str, follow: Mapping[str, str]
    ) -> Iterator[Any]:
        """The pages of a listing. `follow` maps the next page's parameters to response fields.
        boto3's paginators would first load a data file for each service."""
        further: dict[str, str] = {}
        try:
            while True:
                page = listing(Bucket=self._bucket, Prefix=self._prefix + prefix, **further)
                yield page
                if not page.get("IsTruncated"):
                    return
                further = {parameter: page[field] for parameter, field in follow.items()}
        except (ClientError, BotoCoreError) as error:
            raise LakeTrouble(f"cannot list the bucket {self._bucket!r}: {error}") from error


def _contents(page: Any) -> Any:
    return page.get("Contents", ())
